// SPDX-License-Identifier: Apache-2.0
// Large JSON bodies are not parsed as one: a parsed document takes up to fifteen times its bytes. Their outer levels
// are walked as text, and what hangs there (a resource, a scope, a span) is parsed by itself. Includes simdjson: only
// for the .cc files of this folder.
#pragma once

#include "ingest/otlp/json_fields.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace skua::ingest::otlp {

// Names of the lists on the way to a span, or to a metric.
using JsonLevels = std::array<std::string_view, 3>;
inline constexpr JsonLevels kSpanLevels = {"resourceSpans", "scopeSpans", "spans"};
inline constexpr JsonLevels kMetricLevels = {"resourceMetrics", "scopeMetrics", "metrics"};

// Cuts the text of one value into what it is made of. Throws JsonRefused where it cannot be JSON; what it hands out is
// checked by whoever parses it.
class JsonText {
public:
    explicit JsonText(std::string_view text) : text_(text) {}
    // The value that begins here, without the blanks around it.
    std::string_view value();
    // The next character that is no blank; '\0' at the end.
    char peek();
    bool take(char c);
    void expect(char c);
    void expect_end();

private:
    void skip_string();
    void skip_container();

    const std::string_view text_;
    std::size_t at_ = 0;
};

// Parses one piece after the other. Elements live until the next piece, and so does the text.
class JsonPieceParser {
public:
    simdjson::dom::element parse(std::string_view piece);

private:
    simdjson::dom::parser parser_;
};

// Calls fn(key, text of value) for each member. `parser` is for keys and for what is no object.
template <class F>
void for_each_member_text(std::string_view object, const JsonPath& path, JsonPieceParser& parser, F&& fn) {
    JsonText text(object);
    if (text.peek() != '{') {
        for_each_member(parser.parse(object), path, [](std::string_view, simdjson::dom::element) {});
        return;
    }
    text.expect('{');
    if (!text.take('}')) {
        do {
            const std::string_view token = text.value();
            std::string_view key;
            if (parser.parse(token).get(key) != simdjson::SUCCESS) refuse({}, "not JSON: a key is no string");
            // Few and short, and `parser` will be used for the value.
            const std::string kept(key);
            text.expect(':');
            fn(std::string_view(kept), text.value());
        } while (text.take(','));
        text.expect('}');
    }
    text.expect_end();
}

// Calls fn(text of element, path of it) for each element of the array `name`.
template <class F>
void for_each_element_text(std::string_view array, const JsonPath& parent, std::string_view name,
                           JsonPieceParser& parser, F&& fn) {
    JsonText text(array);
    if (text.peek() != '[') {
        for_each_element(parser.parse(array), parent, name, [](simdjson::dom::element, const JsonPath&) {});
        return;
    }
    text.expect('[');
    if (!text.take(']')) {
        std::size_t index = 0;
        do {
            const std::string_view element = text.value();
            const JsonPath path = parent.at(name, index++);
            if (element == "null") refuse_type(path, parser.parse(element), "a value");
            fn(element, path);
        } while (text.take(','));
        text.expect(']');
    }
    text.expect_end();
}

}  // namespace skua::ingest::otlp
