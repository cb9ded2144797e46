// SPDX-License-Identifier: Apache-2.0
// gorm's names, so that its databases fit: snake case with known initialisms, English plurals, constraints cut with
// SHA-1.
#include "naming.h"

#include "sha1.h"
#include "text.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include <skua/orm/error.hpp>

namespace skua::orm::naming {

using detail::lower;
using detail::lowered;

namespace {

bool is_upper(char ch) {
    return ch >= 'A' && ch <= 'Z';
}
bool is_lower(char ch) {
    return ch >= 'a' && ch <= 'z';
}
bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}
bool ends_with(std::string_view s, std::string_view tail) {
    return s.size() >= tail.size() && s.substr(s.size() - tail.size()) == tail;
}

// Written as words, so that UserIDs and APIKey split where people would split them. In this order.
constexpr std::string_view initialisms[] = {"API",   "ASCII", "CPU", "CSS",  "DNS",  "EOF", "GUID", "HTML", "HTTP",
                                            "HTTPS", "ID",    "IP",  "JSON", "LHS",  "QPS", "RAM",  "RHS",  "RPC",
                                            "SLA",   "SMTP",  "SSH", "TLS",  "TTL",  "UID", "UI",   "UUID", "URI",
                                            "URL",   "UTF8",  "VM",  "XML",  "XSRF", "XSS"};

// The first initialism in the list that is at `at`, as a replacer with one pass from the left would take it.
std::string_view initialism_at(std::string_view s, std::size_t at) {
    for (const std::string_view word : initialisms)
        if (s.substr(at, word.size()) == word) return word;
    return {};
}

std::string with_title_initialisms(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size();) {
        const std::string_view word = initialism_at(name, i);
        if (word.empty()) {
            out += name[i++];
            continue;
        }
        out += word[0];
        for (const char ch : word.substr(1)) out += lower(ch);
        i += word.size();
    }
    return out;
}

struct ending {
    std::string_view from, to;
};
// The first that fits the end of the lower-case word, from the most special to "s".
constexpr ending endings[] = {
    {"quiz", "quizzes"},    {"oxen", "oxen"},       {"mouse", "mice"},
    {"louse", "lice"},      {"matrix", "matrices"}, {"vertix", "vertices"},
    {"vertex", "vertices"}, {"indix", "indices"},   {"index", "indices"},
    {"x", "xes"},           {"ch", "ches"},         {"ss", "sses"},
    {"sh", "shes"},         {"hive", "hives"},      {"sis", "ses"},
    {"tum", "ta"},          {"ium", "ia"},          {"buffalo", "buffaloes"},
    {"tomato", "tomatoes"}, {"bus", "buses"},       {"alias", "aliases"},
    {"status", "statuses"}, {"octopus", "octopi"},  {"virus", "viri"},
    {"axis", "axes"},       {"testis", "testes"},
};
constexpr ending irregulars[] = {{"person", "people"},  {"man", "men"},           {"child", "children"},
                                 {"sex", "sexes"},      {"move", "moves"},        {"mombie", "mombies"},
                                 {"zombie", "zombies"}, {"criterion", "criteria"}};
constexpr std::string_view uncountables[] = {"equipment", "information", "rice",  "money", "species",
                                             "series",    "fish",        "sheep", "jeans", "police"};

std::string lower_plural(const std::string& word) {
    for (const std::string_view u : uncountables)
        if (word == u) return word;
    for (const ending& e : irregulars) {
        if (ends_with(word, e.from)) return word.substr(0, word.size() - e.from.size()) + std::string(e.to);
        if (ends_with(word, e.to)) return word;
    }
    if (word == "ox") return "oxen";
    for (const ending& e : endings) {
        if (!ends_with(word, e.from)) continue;
        if (e.from == "ss" || e.from == "x" || e.from == "ch" || e.from == "sh") return word + "es";
        return word.substr(0, word.size() - e.from.size()) + std::string(e.to);
    }
    const std::string_view vowels = "aeiou";
    const char last = word.back();
    const char before = word.size() > 1 ? word[word.size() - 2] : 'a';
    if (last == 'y' && (vowels.find(before) == std::string_view::npos || ends_with(word, "quy")))
        return word.substr(0, word.size() - 1) + "ies";
    if (ends_with(word, "fe") && word.size() > 2 && word[word.size() - 3] != 'f')
        return word.substr(0, word.size() - 2) + "ves";
    if (ends_with(word, "lf") || ends_with(word, "rf")) return word.substr(0, word.size() - 1) + "ves";
    if (last == 's') return word;
    return word + "s";
}

}  // namespace

namespace {
std::string snake_case(std::string_view member) {
    const std::string name = with_title_initialisms(member);
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char ch = name[i];
        const char before = i > 0 ? name[i - 1] : '\0';
        const char after = i + 1 < name.size() ? name[i + 1] : '\0';
        if (is_upper(ch) && i > 0 && before != '_') {
            const bool after_word = is_lower(before) || is_digit(before);
            const bool starts_word = is_upper(before) && is_lower(after);
            if (after_word || starts_word) out += '_';
        }
        out += lower(ch);
    }
    return out;
}

// As strings.NewReplacer: at each place the first pair that fits, and on behind what it took.
std::string replaced(std::string_view text, const rules& by) {
    std::string out;
    while (!text.empty()) {
        const auto fits = std::find_if(by.replaced.begin(), by.replaced.end(), [&](const auto& pair) {
            return !pair.first.empty() && text.starts_with(pair.first);
        });
        if (fits == by.replaced.end()) {
            out += text.front();
            text.remove_prefix(1);
        } else {
            out += fits->second;
            text.remove_prefix(fits->first.size());
        }
    }
    return out.empty() ? std::string(text) : out;
}

struct process_rules {
    std::mutex mutex;
    rules now;            // guarded by mutex until they are used; constant afterwards
    bool is_set = false;  // guarded by mutex
    std::atomic<bool> used{false};
};
process_rules& of_process() {
    static process_rules one;
    return one;
}
}  // namespace

status use(rules to) {
    process_rules& one = of_process();
    const std::lock_guard lock(one.mutex);
    if (one.used || one.is_set)
        return fail(errc::invalid_value, std::string("the rules of names are ") +
                                             (one.used ? "in use" : "set already") +
                                             "; want one call of naming::use() before the first use of a model");
    one.now = std::move(to);
    one.is_set = true;
    return ok;
}

const rules& in_force() {
    process_rules& one = of_process();
    if (!one.used.load(std::memory_order_acquire)) {
        const std::lock_guard lock(one.mutex);
        one.used.store(true, std::memory_order_release);
    }
    return one.now;
}

std::string column(std::string_view member) {
    return snake_case(member);
}
std::string column(std::string_view member, const rules& by) {
    const std::string name = replaced(member, by);
    return by.no_lower_case ? name : snake_case(name);
}

std::string plural(std::string_view word) {
    if (word.empty()) return {};
    const std::size_t cut = word.rfind('_');
    const std::size_t start = cut == std::string_view::npos ? 0 : cut + 1;
    if (start == word.size()) return std::string(word);
    const std::string lower_word = lowered(word.substr(start)), many = lower_plural(lower_word);
    const auto differs = std::mismatch(many.begin(), many.end(), lower_word.begin(), lower_word.end()).first;
    const auto same = static_cast<std::size_t>(differs - many.begin());  // keeps its case
    return std::string(word.substr(0, start + same)) + many.substr(same);
}

std::string table(std::string_view type) {
    return table(type, {});
}
std::string table(std::string_view type, const rules& by) {
    const std::size_t scope = type.rfind("::");
    const std::string name = column(scope == std::string_view::npos ? type : type.substr(scope + 2), by);
    return by.table_prefix + (by.singular_table ? name : plural(name));
}

std::string constraint(std::string_view prefix, std::string_view table, std::string_view column) {
    std::string name = std::string(prefix) + "_" + std::string(table) + "_" + std::string(column);
    for (char& ch : name)
        if (ch == '.') ch = '_';
    return name;
}

std::string cut(std::string_view name, const identifier_limit& to) {
    const auto inside = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; };  // a character
    const auto size = to.in_bytes ? name.size()
                                  : static_cast<std::size_t>(std::count_if(name.begin(), name.end(),
                                                                           [&](char byte) { return !inside(byte); }));
    if (size <= to.most) return std::string(name);
    std::size_t end = to.most - std::min<std::size_t>(to.most, 8);
    while (end > 0 && inside(name[end])) --end;
    return std::string(name.substr(0, end)) + detail::sha1_hex(name).substr(0, 8);
}

}  // namespace skua::orm::naming
