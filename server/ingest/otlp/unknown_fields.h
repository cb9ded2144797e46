// SPDX-License-Identifier: Apache-2.0
// The fields of one message that this version does not know, as they came.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <protozero/pbf_reader.hpp>

namespace skua::ingest::otlp {

// Bit n: field n is known.
using KnownFields = std::uint64_t;
constexpr KnownFields known_up_to(std::uint32_t last) {
    return (KnownFields{2} << last) - 2;
}

class UnknownFields {
public:
    void add(const char* begin, const char* end) {
        if (begin_ == nullptr) begin_ = begin;
        is_scattered_ = is_scattered_ || (end_ != nullptr && end_ != begin);
        end_ = end;
    }
    // A view into `message` when they stand together, as they nearly always do; else they are joined in a new string of
    // `store`, by walking the (well-formed) message once more.
    [[nodiscard]] std::string_view take(std::string_view message, KnownFields known,
                                        std::deque<std::string>& store) const {
        if (begin_ == nullptr) return {};
        if (!is_scattered_) return {begin_, static_cast<std::size_t>(end_ - begin_)};
        std::string& joined = store.emplace_back();
        protozero::pbf_reader reader(message.data(), message.size());
        for (const char* field = message.data(); reader.next(); field = reader.data().data()) {
            const std::uint32_t tag = reader.tag();
            reader.skip();
            if (tag < 64 && (known >> tag & 1) != 0) continue;
            joined.append(field, reader.data().data());
        }
        return joined;
    }

private:
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
    bool is_scattered_ = false;
};

}  // namespace skua::ingest::otlp
