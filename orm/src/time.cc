// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic after the civil-from-days method: eras of 400 years, years from March.
#include <skua/orm/time.hpp>

namespace skua::orm {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

struct date {
    std::int64_t year;
    unsigned month, day;
};

constexpr std::int64_t days_of(date d) noexcept {
    const std::int64_t y = d.year - (d.month <= 2 ? 1 : 0);
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}
static_assert(days_of({1970, 1, 1}) == 0 && days_of({2000, 3, 1}) == 11017);

constexpr date date_of(std::int64_t days) noexcept {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t doe = days - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const auto month = static_cast<unsigned>(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, static_cast<unsigned>(doy - (153 * mp + 2) / 5 + 1)};
}

char* two(char* to, unsigned v) noexcept {
    *to++ = static_cast<char>('0' + v / 10);
    *to++ = static_cast<char>('0' + v % 10);
    return to;
}

// Reads numbers and separators; once it fails it stays failed.
struct reader {
    const char* at;
    const char* end;
    bool good = true;

    unsigned digits(int count) noexcept {
        unsigned v = 0;
        for (; count > 0; --count, ++at) {
            if (at == end || *at < '0' || *at > '9') {
                good = false;
                return 0;
            }
            v = v * 10 + static_cast<unsigned>(*at - '0');
        }
        return v;
    }
    bool skip(char ch) noexcept {
        if (at == end || *at != ch) return false;
        ++at;
        return true;
    }
    void expect(char ch) noexcept { good = skip(ch) && good; }
};

std::int64_t fraction(reader& r) noexcept {
    std::int64_t ns = 0;
    std::int64_t unit = ns_per_second / 10;
    if (r.at == r.end || *r.at < '0' || *r.at > '9') r.good = false;
    for (; r.at != r.end && *r.at >= '0' && *r.at <= '9'; ++r.at, unit /= 10) ns += (*r.at - '0') * unit;
    return ns;
}

std::int64_t offset_seconds(reader& r) noexcept {
    while (r.skip(' ')) {
    }
    if (r.at == r.end || r.skip('Z')) return 0;
    const bool minus = *r.at == '-';
    if (!minus && *r.at != '+') {
        r.good = false;
        return 0;
    }
    ++r.at;
    const unsigned hours = r.digits(2);
    r.skip(':');
    const unsigned minutes = r.at == r.end ? 0 : r.digits(2);
    const std::int64_t seconds = hours * 3600 + minutes * 60;
    return minus ? -seconds : seconds;
}

}  // namespace

std::size_t format_time(char (&into)[time_text_max], std::int64_t unix_ns) noexcept {
    std::int64_t seconds = unix_ns / ns_per_second;
    std::int64_t ns = unix_ns % ns_per_second;
    if (ns < 0) {
        ns += ns_per_second;
        --seconds;
    }
    std::int64_t days = seconds / 86400;
    std::int64_t of_day = seconds % 86400;
    if (of_day < 0) {
        of_day += 86400;
        --days;
    }
    const date d = date_of(days);
    const auto year = static_cast<unsigned>(d.year);
    char* to = two(two(into, year / 100), year % 100);
    *to++ = '-';
    to = two(to, d.month);
    *to++ = '-';
    to = two(to, d.day);
    *to++ = ' ';
    const auto s = static_cast<unsigned>(of_day);
    to = two(to, s / 3600);
    *to++ = ':';
    to = two(to, s / 60 % 60);
    *to++ = ':';
    to = two(to, s % 60);
    if (ns) {
        *to++ = '.';
        for (std::int64_t unit = ns_per_second / 10; ns; ns %= unit, unit /= 10) {
            *to++ = static_cast<char>('0' + ns / unit);
            if (unit == 1) break;
        }
    }
    for (const char ch : {'+', '0', '0', ':', '0', '0'}) *to++ = ch;
    return static_cast<std::size_t>(to - into);
}

namespace {

// What format_time writes, and nothing else: most of what is ever read.
bool parse_own(std::string_view t, std::int64_t& unix_ns) noexcept {
    if (t.size() < 25 || t[4] != '-' || t[7] != '-' || t[10] != ' ' || t[13] != ':' || t[16] != ':') return false;
    unsigned bad = 0;
    const auto digit = [&](std::size_t i) {
        const unsigned v = static_cast<unsigned char>(t[i]) - unsigned{'0'};
        bad |= v > 9 ? 1U : 0U;
        return v;
    };
    const auto pair = [&](std::size_t i) { return digit(i) * 10 + digit(i + 1); };
    const unsigned year = pair(0) * 100 + pair(2), month = pair(5), day = pair(8);
    const unsigned hour = pair(11), minute = pair(14), second = pair(17);
    std::size_t at = 19;
    std::int64_t ns = 0;
    if (t[at] == '.') {
        std::int64_t unit = ns_per_second / 10;
        for (++at; at < t.size() && t[at] != '+'; ++at, unit /= 10) ns += digit(at) * unit;
    }
    if (bad || t.substr(at) != "+00:00") return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1678 || year > 2261 || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    unix_ns = (days_of({year, month, day}) * 86400 + hour * 3600 + minute * 60 + second) * ns_per_second + ns;
    return true;
}

}  // namespace

bool parse_time(std::string_view text, std::int64_t& unix_ns) noexcept {
    if (parse_own(text, unix_ns)) return true;
    reader r{text.data(), text.data() + text.size()};
    const unsigned year = r.digits(4);
    r.expect('-');
    const unsigned month = r.digits(2);
    r.expect('-');
    const unsigned day = r.digits(2);
    if (!r.good || month < 1 || month > 12 || day < 1 || day > 31 || year < 1678 || year > 2261) return false;
    std::int64_t seconds = days_of({year, month, day}) * 86400;
    std::int64_t ns = 0;
    if (r.at != r.end) {
        if (!r.skip(' ')) r.expect('T');
        const unsigned hour = r.digits(2);
        r.expect(':');
        const unsigned minute = r.digits(2);
        const unsigned second = r.skip(':') ? r.digits(2) : 0;
        if (r.skip('.')) ns = fraction(r);
        if (!r.good || hour > 23 || minute > 59 || second > 60) return false;
        seconds += hour * 3600 + minute * 60 + second - offset_seconds(r);
    }
    if (!r.good || r.at != r.end) return false;
    unix_ns = seconds * ns_per_second + ns;
    return true;
}

}  // namespace skua::orm
