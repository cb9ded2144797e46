// SPDX-License-Identifier: Apache-2.0
// Cuts SQL text into tokens without understanding it: enough to find literals, comments and names in any dialect.
//
// Any bytes are input: an unterminated string or comment reaches to the end of the text, so a value never leaks out of
// it. Linear in the text, no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skua::otel::sql {

// What differs between databases in the shape of tokens.
struct dialect {
    bool backslash_escapes = false;      // 'it\'s'
    bool hash_comments = false;          // # to the end of the line
    bool dollar_quotes = false;          // $tag$ … $tag$
    bool nested_comments = false;        // /* /* */ */
    bool double_quoted_strings = false;  // "text" is a string, not a name
};
// By db.system.name; an unknown one gets the standard's rules.
dialect dialect_of(std::string_view system) noexcept;

enum class token_kind : std::uint8_t { end, word, quoted_name, number, string, placeholder, comment, space, symbol };

struct token {
    token_kind kind = token_kind::end;
    std::string_view text;
};

class scanner {
public:
    scanner(std::string_view sql, dialect rules) noexcept : sql_(sql), rules_(rules) {}
    // kind end: nothing left, and so for ever.
    token next() noexcept;

private:
    token take(token_kind kind, std::size_t length) noexcept;
    [[nodiscard]] char at(std::size_t i) const noexcept { return i < sql_.size() ? sql_[i] : '\0'; }
    [[nodiscard]] std::size_t line_end(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t block_comment_end(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t quoted_end(std::size_t open, char quote, bool backslashes) const noexcept;
    [[nodiscard]] std::size_t number_end(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t word_end(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t dollar_quote_end(std::size_t from) const noexcept;  // 0: none starts here
    token word_or_prefixed_string() noexcept;
    token variable() noexcept;  // ? $ : @

    std::string_view sql_;
    dialect rules_;
    std::size_t position_ = 0;
};

// ASCII only: SQL keywords are.
bool same_word(std::string_view a, std::string_view upper) noexcept;
bool is_name_start(char c) noexcept;
bool is_name_part(char c) noexcept;

}  // namespace skua::otel::sql
