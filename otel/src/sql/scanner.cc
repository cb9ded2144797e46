// SPDX-License-Identifier: Apache-2.0
#include "otel/src/sql/scanner.h"

namespace skua::otel::sql {
namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

bool is_name_start(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_part(char c) noexcept {
    return is_name_start(c) || is_digit(c) || c == '$';
}

bool same_word(std::string_view a, std::string_view upper_word) noexcept {
    if (a.size() != upper_word.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (upper(a[i]) != upper_word[i]) return false;
    }
    return true;
}

dialect dialect_of(std::string_view system) noexcept {
    if (system == "postgresql") return {.dollar_quotes = true, .nested_comments = true};
    if (system == "mysql" || system == "mariadb") {
        return {.backslash_escapes = true, .hash_comments = true, .double_quoted_strings = true};
    }
    if (system == "microsoft.sql_server") return {.nested_comments = true};
    return {};
}

token scanner::take(token_kind kind, std::size_t length) noexcept {
    const token out{kind, sql_.substr(position_, length)};
    position_ += out.text.size();
    return out;
}

std::size_t scanner::line_end(std::size_t from) const noexcept {
    const std::size_t found = sql_.find('\n', from);
    return found == std::string_view::npos ? sql_.size() : found;
}

std::size_t scanner::block_comment_end(std::size_t from) const noexcept {
    std::size_t depth = 1;
    for (std::size_t i = from + 2; i < sql_.size(); ++i) {
        if (sql_[i] == '*' && at(i + 1) == '/') {
            ++i;
            if (--depth == 0) return i + 1;
        } else if (rules_.nested_comments && sql_[i] == '/' && at(i + 1) == '*') {
            ++i;
            ++depth;
        }
    }
    return sql_.size();
}

// A doubled quote stays inside.
std::size_t scanner::quoted_end(std::size_t open, char quote, bool backslashes) const noexcept {
    for (std::size_t i = open + 1; i < sql_.size(); ++i) {
        if (backslashes && sql_[i] == '\\') {
            ++i;
        } else if (sql_[i] == quote) {
            if (at(i + 1) != quote) return i + 1;
            ++i;
        }
    }
    return sql_.size();
}

std::size_t scanner::word_end(std::size_t from) const noexcept {
    std::size_t i = from;
    while (i < sql_.size() && is_name_part(sql_[i])) ++i;
    return i;
}

// 12, 1.5, .5, 1e-9, 0xff, 1_000 and whatever letters hang on to it.
std::size_t scanner::number_end(std::size_t from) const noexcept {
    std::size_t i = from;
    while (i < sql_.size()) {
        const char c = sql_[i];
        const bool exponent_sign = (c == '+' || c == '-') && i > from && upper(sql_[i - 1]) == 'E' &&
                                   is_digit(at(i + 1)) && !(at(from) == '0' && upper(at(from + 1)) == 'X');
        if (!is_name_part(c) && c != '.' && !exponent_sign) break;
        ++i;
    }
    return i;
}

std::size_t scanner::dollar_quote_end(std::size_t from) const noexcept {
    std::size_t i = from + 1;
    if (is_digit(at(i))) return 0;  // $1
    while (i < sql_.size() && sql_[i] != '$' && is_name_part(sql_[i])) ++i;
    if (at(i) != '$') return 0;
    const std::string_view tag = sql_.substr(from, i + 1 - from);
    const std::size_t close = sql_.find(tag, i + 1);
    return close == std::string_view::npos ? sql_.size() : close + tag.size();
}

// E'…' N'…' X'…' B'…' U&'…' are strings whole, or their first letter would stay behind.
token scanner::word_or_prefixed_string() noexcept {
    const std::size_t end = word_end(position_);
    const std::string_view word = sql_.substr(position_, end - position_);
    if (word.size() == 1) {
        const char first = upper(word[0]);
        if (at(end) == '\'' && (first == 'E' || first == 'N' || first == 'X' || first == 'B')) {
            return take(token_kind::string,
                        quoted_end(end, '\'', first == 'E' || rules_.backslash_escapes) - position_);
        }
        if (first == 'U' && at(end) == '&' && at(end + 1) == '\'') {
            return take(token_kind::string, quoted_end(end + 1, '\'', false) - position_);
        }
    }
    return take(token_kind::word, word.size());
}

token scanner::variable() noexcept {
    const char c = sql_[position_];
    if (c == '$' && rules_.dollar_quotes) {
        if (const std::size_t end = dollar_quote_end(position_)) return take(token_kind::string, end - position_);
    }
    if (c == ':' && at(position_ + 1) == ':') return take(token_kind::symbol, 2);  // x::text
    std::size_t name = position_ + 1;
    if (c == '@' && at(name) == '@') ++name;  // @@version
    std::size_t end = name;
    while (end < sql_.size() && is_name_part(sql_[end])) ++end;
    if (c == '?') {  // ?, ?7
        end = name;
        while (is_digit(at(end))) ++end;
        return take(token_kind::placeholder, end - position_);
    }
    if (end == name) return take(token_kind::symbol, 1);
    if (c == ':' && is_digit(at(name))) return take(token_kind::symbol, 1);  // a[1:2]
    return take(token_kind::placeholder, end - position_);
}

token scanner::next() noexcept {
    if (position_ >= sql_.size()) return {};
    const char c = sql_[position_];
    const char following = at(position_ + 1);
    if (is_space(c)) {
        std::size_t end = position_ + 1;
        while (end < sql_.size() && is_space(sql_[end])) ++end;
        return take(token_kind::space, end - position_);
    }
    if ((c == '-' && following == '-') || (c == '#' && rules_.hash_comments)) {
        return take(token_kind::comment, line_end(position_) - position_);
    }
    if (c == '/' && following == '*') return take(token_kind::comment, block_comment_end(position_) - position_);
    if (c == '\'') return take(token_kind::string, quoted_end(position_, '\'', rules_.backslash_escapes) - position_);
    if (c == '"') {
        const bool text = rules_.double_quoted_strings;
        return take(text ? token_kind::string : token_kind::quoted_name,
                    quoted_end(position_, '"', text && rules_.backslash_escapes) - position_);
    }
    if (c == '`') return take(token_kind::quoted_name, quoted_end(position_, '`', false) - position_);
    if (c == '[' && is_name_start(following)) {
        const std::size_t end = word_end(position_ + 1);
        if (at(end) == ']') return take(token_kind::quoted_name, end + 1 - position_);
    }
    if (is_name_start(c)) return word_or_prefixed_string();
    if (c == '?' || c == '$' || c == ':' || c == '@') return variable();
    if (is_digit(c)) return take(token_kind::number, number_end(position_) - position_);
    if (c == '.' && is_digit(following)) return take(token_kind::number, number_end(position_) - position_);
    // A sign belongs to the number it touches, also after an operand: 99+100 is two literals.
    if ((c == '+' || c == '-') && (is_digit(following) || (following == '.' && is_digit(at(position_ + 2))))) {
        return take(token_kind::number, number_end(position_ + 1) - position_);
    }
    return take(token_kind::symbol, 1);
}

}  // namespace skua::otel::sql
