// SPDX-License-Identifier: Apache-2.0
// Writes JSON front to back into a string, in the spelling of Go's encoding/json or of protobuf's JSON. The caller
// keeps the order; commas, indentation and escaping are done here. Text that is not UTF-8 becomes U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skua::api {

class JsonWriter {
public:
    enum class Escape : std::uint8_t {
        kGo,     // encoding/json: < > & and U+2028, U+2029 as \u003c …
        kProto,  // protojson: only what JSON demands
    };

    // Appends to `out`, which outlives the writer. `indent`: spaces a level; 0: one line.
    JsonWriter(std::string& out, Escape escape, int indent = 0) : out_(out), escape_(escape), indent_(indent) {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    // Inside an object, before each value.
    void key(std::string_view name);

    void string(std::string_view text);
    void integer(std::int64_t value);
    void unsigned_integer(std::uint64_t value);
    // In quotes: 64-bit numbers where readers have only doubles.
    void quoted(std::int64_t value);
    void quoted(std::uint64_t value);
    // As JavaScript writes it; NaN and the infinities, which JSON lacks, as the strings "NaN" "Infinity" "-Infinity".
    void number(double value);
    void boolean(bool value);
    void null();
    void base64(std::string_view bytes);

    // So much more is about to come.
    void expect(std::size_t bytes) { out_.reserve(out_.size() + bytes); }
    [[nodiscard]] std::size_t size() const { return out_.size(); }

    void field(std::string_view name, std::string_view text) {
        key(name);
        string(text);
    }

private:
    void open(char bracket);
    void close(char bracket);
    void before_value();
    void line();
    void escaped(std::string_view text);

    std::string& out_;
    const Escape escape_;
    const int indent_;
    std::size_t depth_ = 0;  // open containers
    bool filled_ = false;    // whether something is in the innermost one already
    bool after_key_ = false;
};

}  // namespace skua::api
