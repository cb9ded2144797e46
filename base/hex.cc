// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

namespace skua::base {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::span<const unsigned char> as_bytes(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace

void to_hex(std::span<const unsigned char> bytes, char* out) {
    for (const unsigned char byte : bytes) {
        *out++ = kDigits[byte >> 4];
        *out++ = kDigits[byte & 15];
    }
}

std::string to_hex(std::string_view bytes) {
    std::string text(bytes.size() * 2, '\0');
    to_hex(as_bytes(bytes), text.data());
    return text;
}

bool from_hex(std::string_view text, std::span<unsigned char> out) {
    if (text.size() != out.size() * 2) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = digit_value(text[2 * i]);
        const int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return true;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes(text.size() / 2, '\0');
    if (!from_hex(text, {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()})) return std::nullopt;
    return bytes;
}

}  // namespace skua::base
