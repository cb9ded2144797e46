// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/json_pieces.h"

#include "ingest/otlp/json_memory.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace skua::ingest {
namespace otlp {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

[[noreturn]] void refuse_text(std::string_view what) {
    refuse({}, fmt::format("not JSON: {}", what));
}

}  // namespace

char JsonText::peek() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonText::take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
}

void JsonText::expect(char c) {
    if (!take(c)) refuse_text(fmt::format("want '{}'", c));
}

void JsonText::expect_end() {
    if (peek(); at_ != text_.size()) refuse_text("something follows its end");
}

std::string_view JsonText::value() {
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"') {
        skip_string();
    } else if (first == '{' || first == '[') {
        skip_container();
    } else {
        while (at_ < text_.size() && !is_blank(text_[at_]) && std::strchr(",:]}", text_[at_]) == nullptr) ++at_;
    }
    if (at_ == begin) refuse_text("want a value");
    return text_.substr(begin, at_ - begin);
}

// From its first quote to behind its last.
void JsonText::skip_string() {
    for (;;) {
        const std::size_t quote = text_.find('"', at_ + 1);
        if (quote == std::string_view::npos) refuse_text("a string has no end");
        std::size_t slashes = 0;
        while (text_[quote - 1 - slashes] == '\\') ++slashes;  // ends at the quote before, at the latest
        at_ = quote;
        if (slashes % 2 == 0) break;
    }
    ++at_;
}

void JsonText::skip_container() {
    std::size_t depth = 0;
    do {
        if (at_ == text_.size()) refuse_text("an object or array has no end");
        switch (text_[at_]) {
            case '"':
                skip_string();
                continue;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                --depth;
                break;
            default:
                break;
        }
        ++at_;
    } while (depth > 0);
}

simdjson::dom::element JsonPieceParser::parse(std::string_view piece) {
    if (piece.size() > parser_.capacity())
        parser_ = simdjson::dom::parser();  // what it has is given back before more is taken
    simdjson::dom::element root;
    const simdjson::error_code error = parser_.parse(piece.data(), piece.size()).get(root);
    if (error != simdjson::SUCCESS) refuse_text(simdjson::error_message(error));
    return root;
}

}  // namespace otlp

namespace {

using namespace otlp;  // NOLINT(google-build-using-namespace): this file's own

constexpr std::size_t kFixedBytes = 32 * 1024;  // of a parser: its stack of open containers, and rounding

std::size_t parsed_bytes(std::size_t bytes) {
    // The copy, two words for each byte that may begin a value, five thirds for strings.
    return bytes * 15 + kFixedBytes;
}

// The largest pieces of each kind. Text, not checked: what is no JSON is refused when it is parsed.
struct Largest {
    std::size_t resource = 0;
    std::size_t scope = 0;
    std::size_t other = 0;
};

template <class F>
void members(std::string_view object, F&& fn) {
    JsonText text(object);
    text.expect('{');
    if (text.take('}')) return;
    do {
        const std::string_view key = text.value();
        text.expect(':');
        fn(key, text.value());
    } while (text.take(','));
}

void measure(std::string_view object, const JsonLevels& levels, std::size_t level, Largest& largest) {
    if (JsonText(object).peek() != '{') {
        largest.other = std::max(largest.other, object.size());
        return;
    }
    members(object, [&](std::string_view key, std::string_view value) {
        largest.other = std::max(largest.other, key.size());
        // Keys with escapes in them count as unknown: their values count as one piece, which is more.
        const bool is_list = key.size() > 2 && named(key.substr(1, key.size() - 2), levels[level]);
        JsonText list(value);
        if (!is_list || list.peek() != '[') {
            largest.other = std::max(largest.other, value.size());
            if (level == 1) largest.resource = std::max(largest.resource, value.size());
            if (level == 2) largest.scope = std::max(largest.scope, value.size());
            return;
        }
        list.expect('[');
        if (list.take(']')) return;
        do {
            const std::string_view element = list.value();
            if (level + 1 < levels.size()) {
                measure(element, levels, level + 1, largest);
            } else {
                largest.other = std::max(largest.other, element.size());
            }
        } while (list.take(','));
    });
}

}  // namespace

std::size_t json_memory_bytes(std::string_view body, JsonKind kind) {
    if (body.size() <= kWholeJsonBytesMax) return parsed_bytes(body.size());
    Largest largest;
    try {
        measure(body, kind == JsonKind::kSpans ? kSpanLevels : kMetricLevels, 0, largest);
    } catch (const JsonRefused&) {
        // What comes before the broken place is parsed until it is met.
    }
    return parsed_bytes(largest.resource) + parsed_bytes(largest.scope) + parsed_bytes(largest.other);
}

}  // namespace skua::ingest
