// SPDX-License-Identifier: Apache-2.0
// What the loops in C that we are measured against have in common: careful, statements prepared once, text copied out,
// times read digit by digit into the same structs.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <skua/orm/time.hpp>
#include <sqlite3.h>

namespace raw_sqlite {

// Of this thread.
inline double cpu_us() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

inline void check(bool good) {
    if (!good) std::abort();
}

inline double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

// Rounds interleaved, the median of their ratios; a line of JSON. `count`: operations in a call.
template <class Ours, class Theirs>
void compare(const char* name, const char* command, int rounds, int count, Ours ours, Theirs theirs) {
    std::vector<double> a, b, ratio;
    for (int r = 0; r < rounds; ++r) {
        const double t0 = cpu_us();
        theirs();
        const double t1 = cpu_us();
        ours();
        const double t2 = cpu_us();
        b.push_back((t1 - t0) / count);
        a.push_back((t2 - t1) / count);
        ratio.push_back((t2 - t1) / (t1 - t0));
    }
    std::printf(
        "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"us\",\"baseline\":%.3f,\"ratio\":%.3f,\"command\":\"%s\"}\n", name,
        median(a), median(b), median(ratio), command);
    std::fflush(stdout);
}

inline sqlite3* open() {
    sqlite3* db = nullptr;
    check(sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr) ==
          SQLITE_OK);
    return db;
}
inline void run(sqlite3* db, const char* sql) {
    check(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}
inline sqlite3_stmt* prepare(sqlite3* db, const std::string& sql) {
    sqlite3_stmt* s = nullptr;
    check(sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) == SQLITE_OK);
    return s;
}
// Runs to the end without rows.
inline void finish(sqlite3_stmt* s) {
    check(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_reset(s);
}

inline void bind_text(sqlite3_stmt* s, int at, const std::string& text) {
    sqlite3_bind_text(s, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}
// created_at, updated_at, deleted_at: the clock is asked, writing the time as text is not counted against us.
inline void bind_times(sqlite3_stmt* s, int at) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    static constexpr char time[] = "2026-11-22 22:07:59.123456789+00:00";
    constexpr int n = sizeof time - 1;
    sqlite3_bind_text(s, at, time, n, SQLITE_STATIC);
    sqlite3_bind_text(s, at + 1, time, n, SQLITE_STATIC);
    sqlite3_bind_null(s, at + 2);
}

inline void text(sqlite3_stmt* s, int i, std::string& to) {
    if (const auto* t = reinterpret_cast<const char*>(sqlite3_column_text(s, i)))
        to.assign(t, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
}
inline bool moment(sqlite3_stmt* s, int i, skua::orm::time& to) {
    const auto* t = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
    const int size = sqlite3_column_bytes(s, i);
    if (!t) return false;
    check(size >= 25);
    const auto number = [&](int from, int count) {
        int n = 0;
        for (int k = from; k < from + count; ++k) {
            check(t[k] >= '0' && t[k] <= '9');
            n = n * 10 + (t[k] - '0');
        }
        return n;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    const int y = year - (month <= 2), m = month > 2 ? month - 3 : month + 9;
    const std::int64_t days = std::int64_t{365} * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
    std::int64_t ns = 0, unit = 100'000'000;
    if (t[19] == '.')
        for (int k = 20; t[k] != '+'; ++k, unit /= 10) ns += (t[k] - '0') * unit;
    to = skua::orm::from_unix_ns(
        (days * 86400 + number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2)) * 1'000'000'000 + ns);
    return true;
}
// id and the three times, from column `at` on.
template <class Model>
void base(sqlite3_stmt* s, int at, Model& m) {
    m.id = sqlite3_column_int64(s, at);
    moment(s, at + 1, m.created_at);
    moment(s, at + 2, m.updated_at);
    if (skua::orm::time deleted; moment(s, at + 3, deleted)) m.deleted_at = deleted;
}

}  // namespace raw_sqlite
