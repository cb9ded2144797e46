// SPDX-License-Identifier: Apache-2.0
#include "net/chunked.h"

#include <algorithm>

namespace skua::net {
namespace {

constexpr int kSizeDigitsMax = 8;
// Of all extensions and trailers of one body.
constexpr std::size_t kOverheadMax = 16 * 1024;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view input) {
    std::size_t i = 0;
    while (i < input.size()) {
        if (at_ == At::kData) {
            const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - i));
            size_ -= n;
            if (size_ == 0) at_ = At::kDataCr;
            return {State::kNeedMore, i + n, input.substr(i, n)};
        }
        const State state = on_byte(input[i++]);
        if (state != State::kNeedMore) return {state, i, {}};
    }
    return {State::kNeedMore, i, {}};
}

ChunkedDecoder::State ChunkedDecoder::on_byte(char c) {
    switch (at_) {
        case At::kSize:
            if (const int value = hex_value(c); value >= 0) {
                size_ = size_ * 16 + static_cast<unsigned>(value);
                return ++digits_ > kSizeDigitsMax ? State::kBroken : State::kNeedMore;
            }
            if (digits_ == 0) return State::kBroken;
            at_ = c == '\r' ? At::kSizeLf : At::kExtension;
            return c == '\r' || c == ';' || c == ' ' || c == '\t' ? State::kNeedMore : State::kBroken;
        case At::kExtension:
            if (c == '\n') return State::kBroken;
            if (c == '\r') at_ = At::kSizeLf;
            return ++overhead_bytes_ > kOverheadMax ? State::kBroken : State::kNeedMore;
        case At::kSizeLf:
            at_ = size_ == 0 ? At::kTrailer : At::kData;
            digits_ = 0;
            line_bytes_ = 0;
            return c == '\n' ? State::kNeedMore : State::kBroken;
        case At::kDataCr:
            at_ = At::kDataLf;
            return c == '\r' ? State::kNeedMore : State::kBroken;
        case At::kDataLf:
            at_ = At::kSize;
            return c == '\n' ? State::kNeedMore : State::kBroken;
        case At::kTrailer:
            if (c == '\r') {
                at_ = At::kTrailerLf;
            } else {
                ++line_bytes_;
            }
            if (c == '\n') return State::kBroken;
            return ++overhead_bytes_ > kOverheadMax ? State::kBroken : State::kNeedMore;
        case At::kTrailerLf:
            if (c != '\n') return State::kBroken;
            at_ = line_bytes_ == 0 ? At::kDone : At::kTrailer;
            line_bytes_ = 0;
            return at_ == At::kDone ? State::kDone : State::kNeedMore;
        case At::kData:
        case At::kDone:
            break;
    }
    return State::kBroken;
}

}  // namespace skua::net
