// SPDX-License-Identifier: Apache-2.0
// Decodes Transfer-Encoding: chunked (RFC 9112, section 7.1) as bytes arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skua::net {

// Confined to one thread. Extensions and trailers are read over and bounded.
class ChunkedDecoder {
public:
    enum class State : std::uint8_t { kNeedMore, kDone, kBroken };
    struct Step {
        State state = State::kNeedMore;
        std::size_t consumed = 0;  // of the input
        std::string_view data;     // part of the input: the next bytes of the body
    };
    // Call again with the rest until nothing is consumed, or the state is not kNeedMore.
    Step feed(std::string_view input);

private:
    enum class At : std::uint8_t { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kTrailer, kTrailerLf, kDone };
    State on_byte(char c);

    At at_ = At::kSize;
    std::uint64_t size_ = 0;          // left of the chunk
    int digits_ = 0;                  // of the size read
    std::size_t line_bytes_ = 0;      // of the trailer line being read
    std::size_t overhead_bytes_ = 0;  // extensions and trailers so far
};

}  // namespace skua::net
