// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic after the civil-from-days method: eras of 400 years, years from March.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

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
        auto rest = static_cast<std::uint32_t>(ns);
        for (int i = 8; i >= 0; --i, rest /= 10) to[i] = static_cast<char>('0' + rest % 10);
        to += 9;
        while (to[-1] == '0') --to;
    }
    constexpr std::string_view zone = "+00:00";
    to = std::copy(zone.begin(), zone.end(), to);
    return static_cast<std::size_t>(to - into);
}

namespace {

// Eight characters at once, the first in the lowest byte.
std::uint64_t load8(const char* at) noexcept {
    std::uint64_t v = 0;
    std::memcpy(&v, at, sizeof v);
    return v;
}
// `text` XOR its pattern leaves digits as 0 to 9 and separators as 0; `slack` is what may be added to a byte before its
// high bit is set: 0x76 of a digit, 0x7f of a separator.
constexpr std::uint64_t every_digit = 0x7676767676767676ULL;
constexpr bool fits(std::uint64_t left, std::uint64_t slack) noexcept {
    return ((left | (left + slack)) & 0x8080808080808080ULL) == 0;
}
constexpr unsigned pair_at(std::uint64_t digits, unsigned byte) noexcept {
    const std::uint64_t two = digits >> (8 * byte);
    return static_cast<unsigned>((two & 0xff) * 10 + (two >> 8 & 0xff));
}
// Eight digits, 0 to 9 a byte, to their number: pairs, then fours, then all.
constexpr std::int64_t number_of(std::uint64_t digits) noexcept {
    digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffULL;
    digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffULL;
    return static_cast<std::int64_t>((digits * 10000 + (digits >> 32)) & 0xffffffffULL);
}
static_assert(number_of(0x0807060504030201ULL) == 12345678);

// Days before the month, in a year that starts with January.
constexpr std::int16_t days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

constexpr std::int64_t days_of_known_year(unsigned year, unsigned month, unsigned day) noexcept {
    const unsigned y = year - (month <= 2 ? 1U : 0U);  // the leap day of this year comes after February
    return std::int64_t{365} * year + y / 4 - y / 100 + y / 400 + days_before[month - 1] + day - 719528;
}
static_assert(days_of_known_year(1970, 1, 1) == 0 && days_of_known_year(2000, 2, 29) == days_of({2000, 2, 29}));
static_assert(days_of_known_year(2000, 3, 1) == 11017 && days_of_known_year(1900, 3, 1) == days_of({1900, 3, 1}));
static_assert(days_of_known_year(2261, 12, 31) == days_of({2261, 12, 31}));

// What format_time writes, and nothing else: most of what is ever read.
bool parse_own(std::string_view t, std::int64_t& unix_ns) noexcept {
    if constexpr (std::endian::native != std::endian::little) return false;
    if (t.size() < 25 || t.size() > 35) return false;
    const char* at = t.data();
    const std::uint64_t head = load8(at) ^ 0x2d30302d30303030ULL;      // 2026-11-
    const std::uint64_t tail = load8(at + 8) ^ 0x30303a3030203030ULL;  // 22 22:07
    const unsigned s1 = static_cast<unsigned char>(at[17]) - unsigned{'0'};
    const unsigned s0 = static_cast<unsigned char>(at[18]) - unsigned{'0'};
    if (!fits(head, 0x7f76767f76767676ULL) || !fits(tail, 0x76767f76767f7676ULL) || at[16] != ':' || s1 > 9 || s0 > 9)
        return false;
    const unsigned year = pair_at(head, 0) * 100 + pair_at(head, 2), month = pair_at(head, 5), day = pair_at(tail, 0);
    const unsigned hour = pair_at(tail, 3), minute = pair_at(tail, 6), second = s1 * 10 + s0;
    std::int64_t ns = 0;
    const char* const zone = at + t.size() - 6;
    if (t.size() == 35) {
        const std::uint64_t digits = load8(at + 20) ^ 0x3030303030303030ULL;
        const unsigned last = static_cast<unsigned char>(at[28]) - unsigned{'0'};
        if (at[19] != '.' || !fits(digits, every_digit) || last > 9) return false;
        ns = number_of(digits) * 10 + last;
    } else if (t.size() > 26) {
        if (at[19] != '.') return false;
        std::int64_t unit = ns_per_second / 10;
        for (const char* ch = at + 20; ch != zone; ++ch, unit /= 10) {
            const unsigned digit = static_cast<unsigned char>(*ch) - unsigned{'0'};
            if (digit > 9) return false;
            ns += digit * unit;
        }
    } else if (t.size() == 26) {
        return false;
    }
    if (std::memcmp(zone, "+00:00", 6) != 0) return false;
    if (month - 1 > 11 || day - 1 > 30 || year - 1678 > 583 || hour > 23 || minute > 59 || second > 60) return false;
    unix_ns = (days_of_known_year(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * ns_per_second + ns;
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
