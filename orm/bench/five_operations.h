// SPDX-License-Identifier: Apache-2.0
// The five operations of go-orm-benchmarks (insert, insert 100, update, read, read 100) by the ORM, beside a raw loop
// in C on the same server: the same SQL text, prepared once, the same values, read into the same struct. Rounds are
// interleaved; CPU time of this thread, median of the rounds; round trips as the driver counts them. One JSON object a
// line.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include <sched.h>
#include <skua/orm.hpp>

namespace five {

namespace orm = skua::orm;

struct Model {
    std::int64_t id = 0;
    std::string name, title, fax, web;
    std::int32_t age = 0;
    bool right = false;
    std::int64_t counter = 0;
    SKUA_TABLE("models")
    SKUA_MODEL(Model, (id), (name, "size:255"), (title, "size:255"), (fax, "size:255"), (web, "size:255"), (age),
               (right), (counter))
};
inline Model sample() {
    Model m;
    m.name = "Orm Benchmark";
    m.title = "Just a Benchmark for fun";
    m.fax = "99909990";
    m.web = "https://example.org/orm";
    m.age = 100;
    m.right = true;
    m.counter = 1000;
    return m;
}

inline void check(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "bench: %s\n", what);
    std::abort();
}

// This process and the server it starts share one CPU. With several it is chance whether an answer wakes a core that
// sleeps, four times as dear as the operation, and each connection has luck of its own. Before the server is started.
inline void on_one_cpu() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    check(sched_setaffinity(0, sizeof one, &one) == 0, "cannot stay on one CPU");
}

// What is measured against: each does one operation, and waits for its end.
class raw_loop {
public:
    virtual ~raw_loop() = default;
    virtual void prepare(const std::string& operation, const std::string& sql) = 0;
    virtual std::int64_t insert(const Model& m) = 0;
    virtual void insert_many(std::vector<Model>& all) = 0;
    virtual void update(const Model& m) = 0;
    virtual Model read(std::int64_t id) = 0;
    virtual std::vector<Model> read_many(std::int64_t above) = 0;
};

inline double clock_us(clockid_t which) {
    timespec t{};
    clock_gettime(which, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

struct listener {
    std::shared_ptr<std::string> last;
    void begin(orm::driver_call& call, orm::hook_slot&) noexcept {
        if (call.event == orm::driver_event::execute) *last = call.statement->sql;
    }
    void end(orm::driver_call&, orm::hook_slot&) noexcept {}
};

struct sides {
    std::vector<double> ours, theirs, ours_wall, theirs_wall;
};
inline double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

inline int run(const char* database, orm::database db, raw_loop& raw) {
    constexpr int rounds = 11;
    db.auto_migrate<Model>().or_throw();
    auto last = std::make_shared<std::string>();
    std::int64_t some = 0;
    std::vector<Model> batch;
    const auto q = db.from<Model>();
    const std::map<std::string, void (*)(const orm::database&, std::int64_t&)> ours = {
        {"insert",
         [](const orm::database& d, std::int64_t& id) {
             Model m = sample();
             d.create(m).or_throw();
             id = m.id;
         }},
        {"insert_100",
         [](const orm::database& d, std::int64_t&) {
             std::vector<Model> all(100, sample());
             d.create(all).or_throw();
         }},
        {"update",
         [](const orm::database& d, std::int64_t& id) {
             Model m = sample();
             m.id = id;
             d.save(m).or_throw();
         }},
        {"read", [](const orm::database& d, std::int64_t& id) { d.find<Model>(id).or_throw(); }},
        {"read_100",
         [](const orm::database& d, std::int64_t&) {
             check(d.from<Model>().where(Model::c.id > 0).limit(100).find().or_throw().size() == 100, "read 100");
         }},
    };
    const auto theirs = [&](const std::string& operation) {
        if (operation == "insert") {
            raw.insert(sample());
        } else if (operation == "insert_100") {
            batch.assign(100, sample());
            raw.insert_many(batch);
        } else if (operation == "update") {
            Model m = sample();
            m.id = some;
            raw.update(m);
        } else if (operation == "read") {
            check(raw.read(some).id == some, "read");
        } else {
            check(raw.read_many(0).size() == 100, "read 100");
        }
    };
    {  // the texts, and warm caches
        auto told = db;
        told.driver_hooks().add("texts", listener{last}).or_throw();
        for (const char* operation : {"insert", "insert_100", "update", "read", "read_100"}) {
            ours.at(operation)(told, some);
            raw.prepare(operation, *last);
            theirs(operation);
        }
        told.driver_hooks().erase("texts").or_throw();
    }
    for (const auto& [operation, ours_fn] : ours) {
        const int ops = operation == "insert_100" ? 20 : operation == "read_100" ? 100 : 300;
        sides s;
        const auto trips = db.stats().round_trips;
        for (int round = 0; round < rounds; ++round) {
            for (int side = 0; side < 2; ++side) {
                const bool mine = (side == 0) == (round % 2 == 0);
                const double cpu = clock_us(CLOCK_THREAD_CPUTIME_ID), wall = clock_us(CLOCK_MONOTONIC);
                for (int i = 0; i < ops; ++i)
                    if (mine)
                        ours_fn(db, some);
                    else
                        theirs(operation);
                (mine ? s.ours : s.theirs).push_back((clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu) / ops);
                (mine ? s.ours_wall : s.theirs_wall).push_back((clock_us(CLOCK_MONOTONIC) - wall) / ops);
            }
        }
        std::printf(
            "{\"name\":\"orm %s %s\",\"value\":%.2f,\"unit\":\"us cpu\",\"baseline\":%.2f,\"ratio\":%.2f,"
            "\"wall_us\":%.1f,\"baseline_wall_us\":%.1f,\"round_trips\":%.2f,\"command\":\"./dev bench orm_%s\"}\n",
            database, operation.c_str(), median(s.ours), median(s.theirs), median(s.ours) / median(s.theirs),
            median(s.ours_wall), median(s.theirs_wall),
            static_cast<double>(db.stats().round_trips - trips) / (rounds * ops), database);
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace five
