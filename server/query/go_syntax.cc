// SPDX-License-Identifier: Apache-2.0
#include "query/go_syntax.h"

#include "store/keys.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace skua::query {
namespace {

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

base::Error number_error(std::string_view function, std::string_view text, std::string_view what) {
    return invalid(fmt::format("strconv.{}: parsing {}: {}", function, quote(text), what));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Digits only; nothing at a syntax error, `overflow` set when the value is larger than 64 bits.
std::optional<std::uint64_t> digits(std::string_view text, bool& overflow) {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        overflow = overflow || value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10;
        value = value * 10 + digit;
    }
    return value;
}

struct Unit {
    std::string_view name;
    std::uint64_t ns;
};
// Longer names first where one begins another.
constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1'000},        {"\xc2\xb5s", 1'000},  {"\xce\xbcs", 1'000},
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
};

constexpr std::uint64_t kDurationLimit = std::uint64_t{1} << 63;

// Takes the digits at the start of `text`; false: more than 63 bits.
bool take_digits(std::string_view& text, std::uint64_t& value) {
    value = 0;
    while (!text.empty() && is_digit(text.front())) {
        if (value > kDurationLimit / 10) return false;
        value = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
        if (value > kDurationLimit) return false;
        text.remove_prefix(1);
    }
    return true;
}

// The fraction's digits and its scale; digits beyond the precision are dropped.
std::pair<std::uint64_t, double> take_fraction(std::string_view& text) {
    std::uint64_t value = 0;
    double scale = 1;
    bool full = false;
    while (!text.empty() && is_digit(text.front())) {
        if (!full) {
            const std::uint64_t next = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
            if (value > (kDurationLimit - 1) / 10 || next > kDurationLimit) {
                full = true;
            } else {
                value = next;
                scale *= 10;
            }
        }
        text.remove_prefix(1);
    }
    return {value, scale};
}

struct Date {
    std::int64_t year;
    int month;
    int day;
};

// Days since 1970-01-01 in the proleptic Gregorian calendar, and back.
std::int64_t days_from(const Date& d) {
    const std::int64_t y = d.month <= 2 ? d.year - 1 : d.year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t of_era = y - era * 400;
    const std::int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

Date date_from(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    const int day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
    const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    return {year + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int days_in(std::int64_t year, int month) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Reads a time front to back, remembering the first thing that did not fit.
class TimeReader {
public:
    explicit TimeReader(std::string_view text) : text_(text), rest_(text) {}

    int number(int digits_wanted, std::string_view element) {
        if (failed()) return 0;
        int value = 0;
        if (rest_.size() < static_cast<std::size_t>(digits_wanted)) return fail(element);
        for (int i = 0; i < digits_wanted; ++i) {
            const char c = rest_[static_cast<std::size_t>(i)];
            if (!is_digit(c)) return fail(element);
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(static_cast<std::size_t>(digits_wanted));
        return value;
    }
    int ranged(int digits_wanted, std::string_view element, int low, int high, std::string_view name) {
        const int value = number(digits_wanted, element);
        if (!failed() && (value < low || value > high)) out_of_range(name);
        return value;
    }
    void literal(char c) {
        if (failed()) return;
        if (rest_.empty() || rest_.front() != c) {
            fail(std::string_view(&kLiterals[kLiterals.find(c)], 1));
            return;
        }
        rest_.remove_prefix(1);
    }
    // Go takes '.' or ',' with any number of digits after the seconds.
    std::int64_t fraction() {
        if (failed() || rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_[1])) return 0;
        rest_.remove_prefix(1);
        std::int64_t ns = 0;
        int taken = 0;
        while (!rest_.empty() && is_digit(rest_.front())) {
            if (taken < 9) ns = ns * 10 + (rest_.front() - '0');
            ++taken;
            rest_.remove_prefix(1);
        }
        for (; taken < 9; ++taken) ns *= 10;
        return ns;
    }
    // Seconds east of UTC.
    int zone() {
        if (failed()) return 0;
        if (!rest_.empty() && rest_.front() == 'Z') {
            rest_.remove_prefix(1);
            return 0;
        }
        const bool sign = !rest_.empty() && (rest_.front() == '+' || rest_.front() == '-');
        const bool shape = sign && rest_.size() >= 6 && rest_[3] == ':' && is_digit(rest_[1]) && is_digit(rest_[2]) &&
                           is_digit(rest_[4]) && is_digit(rest_[5]);
        if (!shape) return fail("Z07:00");
        const int hours = (rest_[1] - '0') * 10 + (rest_[2] - '0');
        const int minutes = (rest_[4] - '0') * 10 + (rest_[5] - '0');
        const int direction = rest_.front() == '-' ? -1 : 1;
        if (hours > 24)
            out_of_range("time zone offset hour");
        else if (minutes > 60)
            out_of_range("time zone offset minute");
        rest_.remove_prefix(6);
        return direction * (hours * 3600 + minutes * 60);
    }
    void out_of_range(std::string_view name) {
        if (!failed()) error_ = fmt::format("parsing time {}: {} out of range", quote(text_), name);
    }
    void end() {
        if (!failed() && !rest_.empty())
            error_ = fmt::format("parsing time {}: extra text: {}", quote(text_), quote(rest_));
    }
    [[nodiscard]] bool failed() const { return !error_.empty(); }
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    static constexpr std::string_view kLiterals = "-T:";

    int fail(std::string_view element) {
        error_ = fmt::format("parsing time {} as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse {} as \"{}\"",
                             quote(text_), quote(rest_), element);
        return 0;
    }

    std::string_view text_;
    std::string_view rest_;
    std::string error_;
};

std::string clock_text(std::uint64_t unix_ns, char between) {
    const std::uint64_t seconds = unix_ns / 1'000'000'000;
    const Date date = date_from(static_cast<std::int64_t>(seconds / 86400));
    const std::uint64_t of_day = seconds % 86400;
    std::string text = fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", date.year, date.month, date.day, between,
                                   of_day / 3600, of_day / 60 % 60, of_day % 60);
    if (const std::uint64_t ns = unix_ns % 1'000'000'000; ns != 0) {
        std::string fraction = fmt::format("{:09}", ns);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += "." + fraction;
    }
    return text;
}

}  // namespace

std::string quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        std::size_t length = 1;
        if (c >= 0x80) {
            // The shortest prefix that is a whole character, if there is one.
            while (length <= 4 && length <= text.size() && !store::is_valid_utf8(text.substr(0, length))) ++length;
            if (length > 4 || length > text.size()) {
                out += fmt::format("\\x{:02x}", c);
                length = 1;
            } else {
                out += text.substr(0, length);
            }
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c >= 0x20 && c != 0x7f) {
            out += static_cast<char>(c);
        } else {
            constexpr std::string_view kNames = "abtnvfr";  // 7 to 13
            if (c >= 7 && c <= 13)
                out += fmt::format("\\{}", kNames[c - 7U]);
            else
                out += fmt::format("\\x{:02x}", c);
        }
        text.remove_prefix(length);
    }
    return out + "\"";
}

base::Result<std::int64_t> parse_int(std::string_view text, int bits) {
    std::string_view rest = text;
    const bool negative = !rest.empty() && rest.front() == '-';
    if (negative || (!rest.empty() && rest.front() == '+')) rest.remove_prefix(1);
    bool overflow = false;
    const auto value = digits(rest, overflow);
    if (!value) return number_error("ParseInt", text, "invalid syntax");
    const std::uint64_t limit = std::uint64_t{1} << (bits - 1);
    if (overflow || *value > (negative ? limit : limit - 1))
        return number_error("ParseInt", text, "value out of range");
    return static_cast<std::int64_t>(negative ? 0 - *value : *value);
}

base::Result<std::uint64_t> parse_uint(std::string_view text, int bits) {
    bool overflow = false;
    const auto value = digits(text, overflow);
    if (!value) return number_error("ParseUint", text, "invalid syntax");
    if (overflow || (bits < 64 && *value >> bits != 0)) return number_error("ParseUint", text, "value out of range");
    return *value;
}

base::Result<bool> parse_bool(std::string_view text) {
    for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
        if (text == yes) return true;
    }
    for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
        if (text == no) return false;
    }
    return number_error("ParseBool", text, "invalid syntax");
}

base::Result<double> parse_float(std::string_view text) {
    double value = 0;
    std::string_view rest = text;
    if (!rest.empty() && rest.front() == '+') rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error == std::errc::result_out_of_range) return number_error("ParseFloat", text, "value out of range");
    if (error != std::errc() || end != rest.data() + rest.size() || rest.starts_with('+')) {
        return number_error("ParseFloat", text, "invalid syntax");
    }
    return value;
}

base::Result<std::int64_t> parse_duration(std::string_view text) {
    const auto bad = [&] { return invalid(fmt::format("time: invalid duration {}", quote(text))); };
    std::string_view rest = text;
    const bool negative = !rest.empty() && rest.front() == '-';
    if (negative || (!rest.empty() && rest.front() == '+')) rest.remove_prefix(1);
    if (rest == "0") return std::int64_t{0};
    if (rest.empty()) return bad();
    std::uint64_t total = 0;
    while (!rest.empty()) {
        if (rest.front() != '.' && !is_digit(rest.front())) return bad();
        const std::size_t before = rest.size();
        std::uint64_t whole = 0;
        if (!take_digits(rest, whole)) return bad();
        bool any = rest.size() != before;
        std::pair<std::uint64_t, double> fraction{0, 1};
        if (!rest.empty() && rest.front() == '.') {
            rest.remove_prefix(1);
            const std::size_t point = rest.size();
            fraction = take_fraction(rest);
            any = any || rest.size() != point;
        }
        if (!any) return bad();
        std::size_t length = 0;
        while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
        const std::string_view name = rest.substr(0, length);
        if (name.empty()) return invalid(fmt::format("time: missing unit in duration {}", quote(text)));
        std::uint64_t unit = 0;
        for (const Unit& known : kUnits) {
            if (known.name == name) unit = known.ns;
        }
        if (unit == 0) return invalid(fmt::format("time: unknown unit {} in duration {}", quote(name), quote(text)));
        rest.remove_prefix(length);
        if (whole > kDurationLimit / unit) return bad();
        std::uint64_t part = whole * unit;
        if (fraction.first > 0) {
            part += static_cast<std::uint64_t>(static_cast<double>(fraction.first) *
                                               (static_cast<double>(unit) / fraction.second));
        }
        if (part > kDurationLimit || total > kDurationLimit - part) return bad();
        total += part;
    }
    if (negative) return static_cast<std::int64_t>(0 - total);
    if (total > kDurationLimit - 1) return bad();
    return static_cast<std::int64_t>(total);
}

std::string format_duration(std::int64_t ns) {
    if (ns == 0) return "0s";
    const bool negative = ns < 0;
    const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
    const auto decimal = [](std::uint64_t value, std::uint64_t unit, int width) {
        std::string text = std::to_string(value / unit);
        if (value % unit != 0) {
            std::string fraction = fmt::format("{:0{}}", value % unit, width);
            fraction.erase(fraction.find_last_not_of('0') + 1);
            text += "." + fraction;
        }
        return text;
    };
    std::string text = negative ? "-" : "";
    if (size < 1'000) return text + std::to_string(size) + "ns";
    if (size < 1'000'000) return text + decimal(size, 1'000, 3) + "\xc2\xb5s";
    if (size < 1'000'000'000) return text + decimal(size, 1'000'000, 6) + "ms";
    const std::uint64_t minutes = size / 60'000'000'000;
    if (minutes >= 60) text += std::to_string(minutes / 60) + "h";
    if (minutes > 0) text += std::to_string(minutes % 60) + "m";
    return text + decimal(size % 60'000'000'000, 1'000'000'000, 9) + "s";
}

base::Result<std::uint64_t> parse_rfc3339(std::string_view text) {
    TimeReader reader(text);
    Date date{};
    date.year = reader.number(4, "2006");
    reader.literal('-');
    date.month = reader.ranged(2, "01", 1, 12, "month");
    reader.literal('-');
    date.day = reader.number(2, "02");
    reader.literal('T');
    const int hour = reader.ranged(2, "15", 0, 23, "hour");
    reader.literal(':');
    const int minute = reader.ranged(2, "04", 0, 59, "minute");
    reader.literal(':');
    const int second = reader.ranged(2, "05", 0, 59, "second");
    const std::int64_t ns = reader.fraction();
    const int zone = reader.zone();
    reader.end();
    if (!reader.failed() && (date.day < 1 || date.day > days_in(date.year, date.month))) reader.out_of_range("day");
    if (reader.failed()) return invalid(reader.error());
    const std::int64_t seconds = days_from(date) * 86400 + hour * 3600 + minute * 60 + second - zone;
    if (seconds < 0) return std::uint64_t{0};
    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max() / 1'000'000'000 - 1;
    if (static_cast<std::uint64_t>(seconds) > kLast) return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(seconds) * 1'000'000'000 + static_cast<std::uint64_t>(ns);
}

std::string format_time(std::uint64_t unix_ns) {
    return clock_text(unix_ns, ' ') + " +0000 UTC";
}

std::string format_rfc3339(std::uint64_t unix_ns) {
    return clock_text(unix_ns, 'T') + "Z";
}

}  // namespace skua::query
