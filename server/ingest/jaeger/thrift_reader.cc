// SPDX-License-Identifier: Apache-2.0
#include "ingest/jaeger/thrift_reader.h"

#include <array>
#include <bit>
#include <limits>

#include <fmt/format.h>

namespace skua::ingest::jaeger {
namespace {

// By the compact protocol's numbers; 1 and 2 are both booleans.
constexpr std::array<ThriftType, 14> kCompactTypes = {
    ThriftType::kStop, ThriftType::kBool, ThriftType::kBool,   ThriftType::kByte,   ThriftType::kI16,
    ThriftType::kI32,  ThriftType::kI64,  ThriftType::kDouble, ThriftType::kString, ThriftType::kList,
    ThriftType::kSet,  ThriftType::kMap,  ThriftType::kStruct, ThriftType::kUuid,
};
constexpr std::uint8_t kCompactId = 0x82;
constexpr std::uint8_t kCompactTrue = 1;
constexpr std::uint8_t kCompactFalse = 2;

bool is_binary_type(std::uint8_t number) {
    return number == 2 || number == 3 || number == 4 || number == 6 || number == 8 || (number >= 10 && number <= 16);
}

}  // namespace

std::string ThriftReader::error() const {
    return fmt::format("{} at byte {}", cause_, failed_at_);
}

void ThriftReader::fail(const char* cause) {
    if (cause_ != nullptr) return;
    cause_ = cause;
    failed_at_ = at_;
    at_ = bytes_.size();
}

std::string_view ThriftReader::take(std::size_t size) {
    if (size > left()) {
        fail("cut short");
        return {};
    }
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
}

std::uint8_t ThriftReader::read_byte() {
    const std::string_view byte = take(1);
    return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte[0]);
}

std::uint64_t ThriftReader::read_fixed(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::uint64_t ThriftReader::read_varint(int bytes_max) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes_max; ++i) {
        const std::uint8_t byte = read_byte();
        value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
        if (byte < 0x80) return value;
    }
    fail("varint too long");
    return 0;
}

std::int64_t ThriftReader::read_zigzag(int bytes_max) {
    const std::uint64_t value = read_varint(bytes_max);
    return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

// A length or a count: what follows takes at least as many bytes.
std::uint32_t ThriftReader::read_size() {
    const std::uint64_t size = protocol_ == ThriftProtocol::kBinary ? read_fixed(4) : read_varint(5);
    if (size > left()) {
        fail("claimed size is larger than what is left");
        return 0;
    }
    return static_cast<std::uint32_t>(size);
}

ThriftType ThriftReader::read_type(std::uint8_t number) {
    if (protocol_ == ThriftProtocol::kCompact && number > 0 && number < kCompactTypes.size()) {
        return kCompactTypes[number];
    }
    if (protocol_ == ThriftProtocol::kBinary && is_binary_type(number)) return static_cast<ThriftType>(number);
    fail("unknown type");
    return ThriftType::kStop;
}

ThriftMessage ThriftReader::read_message() {
    const auto byte = [&](std::size_t i) { return i < bytes_.size() ? static_cast<std::uint8_t>(bytes_[i]) : 0; };
    const bool is_compact = byte(0) == kCompactId && (byte(1) & 0x1f) == 1;
    // Strict starts with its version, old with the length of a short name.
    const bool is_binary = byte(0) == 0x80 || (bytes_.size() >= 4 && byte(0) == 0 && byte(1) == 0 && byte(2) == 0);
    if (protocol_ == ThriftProtocol::kBinary && is_compact) {
        fail("this is Thrift's compact protocol, which goes to port 6831; want the binary one");
    } else if (protocol_ == ThriftProtocol::kCompact && is_binary) {
        fail("this is Thrift's binary protocol, which goes to port 6832; want the compact one");
    }
    return protocol_ == ThriftProtocol::kBinary ? read_binary_message() : read_compact_message();
}

ThriftMessage ThriftReader::read_binary_message() {
    ThriftMessage message;
    const bool is_strict = left() > 0 && static_cast<std::uint8_t>(bytes_[at_]) >= 0x80;
    if (is_strict) {
        const std::uint64_t version = read_fixed(4);
        if (version >> 16 != 0x8001) fail("unknown version of Thrift's binary protocol");
        message.type = static_cast<int>(version & 0xff);
        message.name = read_string();
    } else {
        message.name = read_string();
        message.type = read_byte();
    }
    read_fixed(4);  // sequence number
    return message;
}

ThriftMessage ThriftReader::read_compact_message() {
    ThriftMessage message;
    if (read_byte() != kCompactId) fail("not a message of Thrift's compact protocol");
    const std::uint8_t type_and_version = read_byte();
    if ((type_and_version & 0x1f) != 1) fail("unknown version of Thrift's compact protocol");
    message.type = type_and_version >> 5;
    read_varint(5);  // sequence number
    message.name = read_string();
    return message;
}

bool ThriftReader::next_field(ThriftField& field) {
    header_bool_.reset();
    const std::uint8_t header = read_byte();
    const bool is_binary = protocol_ == ThriftProtocol::kBinary;
    const std::uint8_t number = is_binary ? header : header & 0x0f;
    if (!ok() || number == 0) return false;
    field.type = read_type(number);
    if (is_binary) {
        field.id = static_cast<std::int16_t>(read_fixed(2));
    } else if (header >> 4 != 0) {
        field.id = static_cast<std::int16_t>(field.id + (header >> 4));
    } else {
        field.id = static_cast<std::int16_t>(read_zigzag(3));
    }
    if (!is_binary && field.type == ThriftType::kBool) header_bool_ = number == kCompactTrue;
    return ok();
}

std::uint32_t ThriftReader::read_list(ThriftType& element) {
    const std::uint8_t header = read_byte();
    if (protocol_ == ThriftProtocol::kBinary) {
        const std::uint32_t size = read_size();
        // An empty list may name no type.
        element = size == 0 ? ThriftType::kStop : read_type(header);
        return ok() ? size : 0;
    }
    std::uint32_t size = header >> 4;
    if (size == 15) size = read_size();
    if (size > left()) fail("claimed size is larger than what is left");
    element = size == 0 ? ThriftType::kStop : read_type(header & 0x0f);
    return ok() ? size : 0;
}

ThriftReader::Map ThriftReader::read_map() {
    Map map;
    if (protocol_ == ThriftProtocol::kBinary) {
        const std::uint8_t key = read_byte();
        const std::uint8_t value = read_byte();
        map.size = read_size();
        if (map.size == 0) return map;
        map.key = read_type(key);
        map.value = read_type(value);
        return map;
    }
    map.size = read_size();
    if (map.size == 0) return map;
    const std::uint8_t types = read_byte();
    map.key = read_type(types >> 4);
    map.value = read_type(types & 0x0f);
    return map;
}

bool ThriftReader::read_bool() {
    if (header_bool_) {
        const bool value = *header_bool_;
        header_bool_.reset();
        return value;
    }
    const std::uint8_t byte = read_byte();
    // In a compact list both 0 and 2 are written for false.
    return protocol_ == ThriftProtocol::kBinary ? byte != 0 : byte != 0 && byte != kCompactFalse;
}

std::int32_t ThriftReader::read_i32() {
    return static_cast<std::int32_t>(protocol_ == ThriftProtocol::kBinary ? static_cast<std::int64_t>(read_fixed(4))
                                                                          : read_zigzag(5));
}

std::int64_t ThriftReader::read_i64() {
    return protocol_ == ThriftProtocol::kBinary ? static_cast<std::int64_t>(read_fixed(8)) : read_zigzag(10);
}

double ThriftReader::read_double() {
    std::uint64_t bits = read_fixed(8);
    // The compact protocol has it little endian (as all implementations write it).
    if (protocol_ == ThriftProtocol::kCompact) bits = __builtin_bswap64(bits);
    return std::bit_cast<double>(bits);
}

std::string_view ThriftReader::read_string() {
    return take(read_size());
}

void ThriftReader::skip_elements(ThriftType type, std::uint32_t count, int depth) {
    for (std::uint32_t i = 0; i < count && ok(); ++i) skip(type, depth);
}

void ThriftReader::skip(ThriftType type, int depth) {
    if (depth > kNestingMax) return fail("nested too deep");
    const bool is_binary = protocol_ == ThriftProtocol::kBinary;
    switch (type) {
        case ThriftType::kStop:
            return fail("unknown type");
        case ThriftType::kBool:
            read_bool();
            return;
        case ThriftType::kByte:
            read_byte();
            return;
        case ThriftType::kDouble:
            read_fixed(8);
            return;
        case ThriftType::kI16:
            is_binary ? read_fixed(2) : read_varint(3);
            return;
        case ThriftType::kI32:
            is_binary ? read_fixed(4) : read_varint(5);
            return;
        case ThriftType::kI64:
            is_binary ? read_fixed(8) : read_varint(10);
            return;
        case ThriftType::kString:
            read_string();
            return;
        case ThriftType::kUuid:
            take(16);
            return;
        case ThriftType::kStruct: {
            ThriftField field;
            while (next_field(field)) skip(field.type, depth + 1);
            return;
        }
        case ThriftType::kMap: {
            const Map map = read_map();
            for (std::uint32_t i = 0; i < map.size && ok(); ++i) {
                skip(map.key, depth + 1);
                skip(map.value, depth + 1);
            }
            return;
        }
        case ThriftType::kSet:
        case ThriftType::kList: {
            ThriftType element{};
            const std::uint32_t size = read_list(element);
            return skip_elements(element, size, depth + 1);
        }
    }
}

}  // namespace skua::ingest::jaeger
