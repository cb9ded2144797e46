// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <ctime>
#include <random>

#include <skua/orm/uuid.hpp>

namespace skua::orm {
namespace {

int digit(char ch) noexcept {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
    return -1;
}

uuid of_version(std::array<std::uint8_t, 16> bytes, unsigned version) noexcept {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | version << 4);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    return {bytes};
}

std::array<std::uint8_t, 16> random_bytes() {
    std::random_device source;  // getrandom: no state to share between threads
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        const std::uint32_t word = source();
        std::memcpy(bytes.data() + i, &word, 4);
    }
    return bytes;
}

}  // namespace

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
    if (text.size() > 1 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    const bool dashes = text.size() == 36;
    if (!dashes && text.size() != 32) return {};
    uuid made;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-') return {};
        const int high = digit(text[at]), low = digit(text[at + 1]);
        if (high < 0 || low < 0) return {};
        made.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return made;
}

std::string uuid::to_string() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

uuid uuid::random() {
    return of_version(random_bytes(), 4);
}

uuid uuid::time_ordered() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const auto ms = static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
    auto bytes = random_bytes();
    for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    return of_version(bytes, 7);
}

bool codec<uuid>::read(uuid& into, value_view from) noexcept {
    if (from.kind() != value_kind::text && from.kind() != value_kind::blob) return false;
    const std::string_view text = from.as_bytes();
    if (text.size() == 16) {  // of those who keep the bytes
        std::memcpy(into.bytes.data(), text.data(), 16);
        return true;
    }
    const auto parsed = uuid::parse(text);
    if (parsed) into = *parsed;
    return parsed.has_value();
}

}  // namespace skua::orm
