// SPDX-License-Identifier: Apache-2.0
#include "api/admin/json_text.h"

#include <cmath>
#include <cstddef>

#include <fmt/format.h>

namespace skua::api {
namespace {

// Length of the valid UTF-8 sequence at the begin of `text`, or 0 (RFC 3629: no surrogates, no overlong forms).
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto is_tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return at(i) >= low && at(i) <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return is_tail(1, low, high) && is_tail(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return is_tail(1, low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
    }
    return 0;
}

void append_ascii(std::string& out, char c) {
    switch (c) {
        // clang-format off
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
            // clang-format on
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == 0x7f) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
        out += c;
    }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const std::string_view sequence = text.substr(0, length);
        if (length == 1) {
            append_ascii(out, text[0]);
        } else if (sequence == "\xE2\x80\xA8") {
            out += "\\u2028";
        } else if (sequence == "\xE2\x80\xA9") {
            out += "\\u2029";
        } else {
            out += length == 0 ? std::string_view("\xEF\xBF\xBD") : sequence;
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

void append_json_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    const double size = std::abs(value);
    if (size != 0 && (size < 1e-6 || size >= 1e21)) {
        std::string text = fmt::format("{}", value);  // has an exponent here, of two digits at least
        if (const std::size_t e = text.find("e-0"); e != std::string::npos) text.erase(e + 2, 1);
        out += text;
        return;
    }
    std::string text = fmt::format("{}", value);
    if (text.find('e') != std::string::npos) {
        // fmt turns to exponents earlier than Go: find the fewest decimals that read back as the same number.
        for (int decimals = 0; decimals <= 25; ++decimals) {
            text = fmt::format("{:.{}f}", value, decimals);
            if (std::stod(text) == value) break;
        }
    }
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    out += text;
}

}  // namespace skua::api
