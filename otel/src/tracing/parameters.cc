// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/parameters.h"

#include "otel/src/sql/sanitize.h"

#include <bit>
#include <cstring>
#include <random>

namespace skua::otel {
namespace {

std::uint64_t load_little_endian(const char* bytes, std::size_t count) noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        out |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return out;
}

struct sip_state {
    std::uint64_t v0, v1, v2, v3;
    void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

void append_number(std::string& out, std::uint64_t bits) {
    char bytes[8];
    std::memcpy(bytes, &bits, sizeof bytes);
    out.append(bytes, sizeof bytes);
}

}  // namespace

std::uint64_t siphash(sip_key key, std::string_view bytes) noexcept {
    sip_state s{key.k0 ^ 0x736f6d6570736575U, key.k1 ^ 0x646f72616e646f6dU, key.k0 ^ 0x6c7967656e657261U,
                key.k1 ^ 0x7465646279746573U};
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) s.absorb(load_little_endian(bytes.data() + i, 8));
    s.absorb(load_little_endian(bytes.data() + i, bytes.size() - i) |
             (static_cast<std::uint64_t>(bytes.size()) << 56U));
    s.v2 ^= 0xff;
    for (int round = 0; round < 4; ++round) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

sip_key make_key(std::string_view text) {
    if (!text.empty()) return {siphash({0, 1}, text), siphash({0, 2}, text)};
    std::random_device device;
    const auto word = [&] { return (static_cast<std::uint64_t>(device()) << 32U) | device(); };
    return {word(), word()};
}

std::array<char, 16> parameter_hash(sip_key key, const orm::value_view* values, std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
        const orm::value_view& v = values[i];
        bytes += static_cast<char>(v.kind());
        switch (v.kind()) {
            case orm::value_kind::null:
                break;
            case orm::value_kind::boolean:
            case orm::value_kind::moment:
            case orm::value_kind::integer:
                append_number(bytes, static_cast<std::uint64_t>(v.as_integer()));
                break;
            case orm::value_kind::real:
                append_number(bytes, std::bit_cast<std::uint64_t>(v.as_real()));
                break;
            case orm::value_kind::text:
            case orm::value_kind::blob:
                append_number(bytes, v.as_bytes().size());  // or ("a", "bc") would equal ("ab", "c")
                bytes += v.as_bytes();
        }
    }
    std::uint64_t hash = siphash(key, bytes);
    std::array<char, 16> out{};
    for (std::size_t i = out.size(); i-- > 0; hash >>= 4U) out[i] = "0123456789abcdef"[hash & 15U];
    return out;
}

std::string parameter_text(orm::value_view value) {
    switch (value.kind()) {
        case orm::value_kind::null:
            return "NULL";
        case orm::value_kind::boolean:
            return value.as_integer() != 0 ? "true" : "false";
        case orm::value_kind::integer:
            return std::to_string(value.as_integer());
        case orm::value_kind::moment:
        case orm::value_kind::real: {
            std::string out;
            orm::append_literal(out, value);
            return out;
        }
        case orm::value_kind::text:
            return std::string(sql::cut(value.as_bytes(), max_parameter_text));
        case orm::value_kind::blob:
            return "(" + std::to_string(value.as_bytes().size()) + " bytes)";
    }
    return {};
}

}  // namespace skua::otel
