// SPDX-License-Identifier: Apache-2.0
#include "api/json_writer.h"

#include "model/nested.h"

#include <array>
#include <charconv>
#include <cmath>

namespace skua::api {
namespace {

constexpr std::string_view kReplacement = "\\ufffd";

// Bytes of the well-formed sequence at `text[0]` (not ASCII), or 0.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    const unsigned char a = byte(0);
    if (a < 0xC2 || a > 0xF4 || !tail(1)) return 0;
    if (a < 0xE0) return 2;
    const unsigned char b = byte(1);
    if (a < 0xF0) return (a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F) || !tail(2) ? 0 : 3;
    return (a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F) || !tail(2) || !tail(3) ? 0 : 4;
}

void append_unicode(std::string& out, unsigned code) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 15U];
}

// The short escape of an ASCII character that needs one, or 0.
char short_escape(char c) {
    switch (c) {
        case '"':
            return '"';
        case '\\':
            return '\\';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

// Bytes that stand for themselves in a string.
constexpr std::array<bool, 256> plain_bytes(std::string_view but_for) {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = but_for.find(static_cast<char>(c)) == std::string_view::npos;
    return plain;
}
constexpr std::array<bool, 256> kPlainInGo = plain_bytes("\"\\<>&");
constexpr std::array<bool, 256> kPlainInProto = plain_bytes("\"\\");

template <class T>
void append_integer(std::string& out, T value) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

}  // namespace

void JsonWriter::escaped(std::string_view text) {
    const std::array<bool, 256>& is_plain = escape_ == Escape::kGo ? kPlainInGo : kPlainInProto;
    out_ += '"';
    std::size_t plain = 0;  // start of what is copied as it is
    const auto flush = [&](std::size_t to) { out_.append(text, plain, to - plain); };
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain[byte]) {
            ++i;
            continue;
        }
        if (byte < 0x80) {
            flush(i);
            if (const char escape = short_escape(c); escape != 0) {
                out_ += '\\';
                out_ += escape;
            } else {
                append_unicode(out_, byte);
            }
            plain = ++i;
            continue;
        }
        const std::size_t length = sequence_length(text.substr(i));
        if (length == 0) {
            flush(i);
            out_ += kReplacement;
            plain = ++i;
            continue;
        }
        const std::string_view character = text.substr(i, length);
        const bool separator = character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
        if (separator && escape_ == Escape::kGo) {
            flush(i);
            append_unicode(out_, character.back() == '\xa8' ? 0x2028 : 0x2029);
            plain = i + length;
        }
        i += length;
    }
    flush(text.size());
    out_ += '"';
}

void JsonWriter::line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(depth_ * static_cast<std::size_t>(indent_), ' ');
}

void JsonWriter::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (depth_ == 0) return;
    if (filled_) out_ += ',';
    filled_ = true;
    line();
}

void JsonWriter::open(char bracket) {
    before_value();
    out_ += bracket;
    filled_ = false;
    ++depth_;
}

void JsonWriter::close(char bracket) {
    --depth_;
    if (filled_) line();
    filled_ = true;  // the container around it has this one
    out_ += bracket;
}

void JsonWriter::key(std::string_view name) {
    before_value();
    escaped(name);
    out_ += indent_ == 0 ? ":" : ": ";
    after_key_ = true;
}

void JsonWriter::string(std::string_view text) {
    before_value();
    escaped(text);
}

void JsonWriter::integer(std::int64_t value) {
    before_value();
    append_integer(out_, value);
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
    before_value();
    append_integer(out_, value);
}

void JsonWriter::quoted(std::int64_t value) {
    before_value();
    out_ += '"';
    append_integer(out_, value);
    out_ += '"';
}

void JsonWriter::quoted(std::uint64_t value) {
    before_value();
    out_ += '"';
    append_integer(out_, value);
    out_ += '"';
}

void JsonWriter::number(double value) {
    before_value();
    if (std::isnan(value)) {
        out_ += "\"NaN\"";
    } else if (std::isinf(value)) {
        out_ += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
        model::append_double(out_, value);
    }
}

void JsonWriter::boolean(bool value) {
    before_value();
    out_ += value ? "true" : "false";
}

void JsonWriter::null() {
    before_value();
    out_ += "null";
}

void JsonWriter::base64(std::string_view bytes) {
    before_value();
    out_ += '"';
    model::append_base64(out_, bytes);
    out_ += '"';
}

}  // namespace skua::api
