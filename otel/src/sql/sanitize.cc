// SPDX-License-Identifier: Apache-2.0
#include "otel/src/sql/sanitize.h"

namespace skua::otel::sql {
namespace {

// Remembers where the list after IN began, and gives up on it when something else than literals is in it.
class in_list {
public:
    void see(const token& t, bool literal, std::string& out) {
        if (t.kind == token_kind::space || t.kind == token_kind::comment) return;
        switch (state_) {
            case state::outside:
                if (t.kind == token_kind::word && same_word(t.text, "IN")) state_ = state::after_in;
                return;
            case state::after_in:
                if (t.text == "(") {
                    state_ = state::inside;
                    begin_ = out.size();
                    items_ = 0;
                } else {
                    state_ = state::outside;
                }
                return;
            case state::inside:
                if (literal) {
                    ++items_;
                } else if (t.text == ")" && items_ > 1) {
                    out.resize(begin_);
                    out += "?)";
                    state_ = state::outside;
                } else if (t.text != ",") {
                    state_ = state::outside;
                }
        }
    }

private:
    enum class state : unsigned char { outside, after_in, inside };
    state state_ = state::outside;
    std::size_t begin_ = 0;
    std::size_t items_ = 0;
};

bool plain_name(std::string_view text) {
    if (text.empty() || !is_name_start(text[0])) return false;
    for (const char c : text) {
        if (!is_name_part(c) && c != '.') return false;
    }
    return true;
}

}  // namespace

std::string_view cut(std::string_view text, std::size_t max_bytes) noexcept {
    if (text.size() <= max_bytes) return text;
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

std::string sanitize(std::string_view sql, dialect rules, std::size_t max_bytes) {
    // A list that collapses shrinks the text, so look a little further than what may stay. What lies behind a cut could
    // be the end of a string: the scanner takes an unterminated one as a literal, so nothing shows.
    const std::string_view head = sql.substr(0, max_bytes * 4);
    std::string out;
    out.reserve(head.size() < max_bytes ? head.size() : max_bytes);
    scanner tokens(head, rules);
    in_list list;
    for (token t = tokens.next(); t.kind != token_kind::end && out.size() < max_bytes * 2; t = tokens.next()) {
        bool literal = t.kind == token_kind::string || t.kind == token_kind::number;
        if (t.kind == token_kind::word) literal = same_word(t.text, "TRUE") || same_word(t.text, "FALSE");
        if (t.kind != token_kind::comment) out += literal ? std::string_view("?") : t.text;
        list.see(t, literal || (t.kind == token_kind::placeholder && t.text == "?"), out);
    }
    out.resize(cut(out, max_bytes).size());
    return out;
}

std::string without_values(std::string_view message) {
    message = cut(message, 256);
    std::string out;
    for (std::size_t i = 0; i < message.size();) {
        const char c = message[i];
        if (c == '"' || c == '\'' || c == '`') {
            std::size_t end = message.find(c, i + 1);
            if (end == std::string_view::npos) end = message.size();
            const std::string_view inside = message.substr(i + 1, end - i - 1);
            out += c;
            out += plain_name(inside) ? inside : std::string_view("?");
            out += c;
            i = end < message.size() ? end + 1 : end;
        } else if (c >= '0' && c <= '9' && (i == 0 || !is_name_part(message[i - 1]))) {
            out += '?';
            while (i < message.size() && (is_name_part(message[i]) || message[i] == '.')) ++i;
        } else {
            out += c;
            ++i;
        }
    }
    return out;
}

}  // namespace skua::otel::sql
