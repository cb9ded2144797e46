// SPDX-License-Identifier: Apache-2.0
// Reads Apache Thrift's binary and compact protocols from bytes that nobody vouches for.
//
// Never throws, never allocates for what a length claims, views point into the bytes. The first failure sticks: every
// later read gives a zero value, so that a caller asks ok() once at the end of a struct. Copying a reader remembers a
// place. Source of the encodings: Apache Thrift's doc/specs (thrift-binary-protocol, thrift-compact-protocol).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skua::ingest::jaeger {

enum class ThriftProtocol : std::uint8_t { kBinary, kCompact };

// The binary protocol's numbers.
enum class ThriftType : std::uint8_t {
    kStop = 0,
    kBool = 2,
    kByte = 3,
    kDouble = 4,
    kI16 = 6,
    kI32 = 8,
    kI64 = 10,
    kString = 11,
    kStruct = 12,
    kMap = 13,
    kSet = 14,
    kList = 15,
    kUuid = 16,
};

struct ThriftField {
    ThriftType type = ThriftType::kStop;
    std::int16_t id = 0;
};
struct ThriftMessage {
    std::string_view name;
    int type = 0;  // 1 call, 2 reply, 3 exception, 4 oneway
};

class ThriftReader {
public:
    static constexpr int kNestingMax = 32;

    ThriftReader(ThriftProtocol protocol, std::string_view bytes) : protocol_(protocol), bytes_(bytes) {}

    [[nodiscard]] bool ok() const { return cause_ == nullptr; }
    // "<cause> at byte <n>". REQUIRES: !ok().
    [[nodiscard]] std::string error() const;

    // Names the other protocol when the message is in it.
    ThriftMessage read_message();
    // `field` holds the previous field of the same struct (a new one at first). False at the struct's end and on
    // failure.
    bool next_field(ThriftField& field);
    // The number of elements of a list or set, each at least one byte.
    std::uint32_t read_list(ThriftType& element);
    bool read_bool();
    std::int32_t read_i32();
    std::int64_t read_i64();
    double read_double();
    std::string_view read_string();
    void skip(ThriftType type) { skip(type, 0); }

private:
    struct Map {
        ThriftType key = ThriftType::kStop;
        ThriftType value = ThriftType::kStop;
        std::uint32_t size = 0;
    };

    void fail(const char* cause);
    std::string_view take(std::size_t size);
    std::uint8_t read_byte();
    std::uint64_t read_fixed(std::size_t size);
    std::uint64_t read_varint(int bytes_max);
    std::int64_t read_zigzag(int bytes_max);
    std::uint32_t read_size();
    ThriftType read_type(std::uint8_t number);
    ThriftMessage read_binary_message();
    ThriftMessage read_compact_message();
    Map read_map();
    void skip(ThriftType type, int depth);
    void skip_elements(ThriftType type, std::uint32_t count, int depth);
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

    ThriftProtocol protocol_;
    std::string_view bytes_;
    std::size_t at_ = 0;
    const char* cause_ = nullptr;
    std::size_t failed_at_ = 0;
    std::optional<bool> header_bool_;  // the compact protocol has a field's boolean in its header
};

}  // namespace skua::ingest::jaeger
