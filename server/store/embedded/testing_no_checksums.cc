// SPDX-License-Identifier: Apache-2.0
// Linked into a program it takes the place of both checksum functions: every checksum is the same, so none is ever
// wrong. For the mutant that ignores checksums, and for fuzzers that want to get past them.
#include "store/embedded/codec/crc32c.h"

#include <cstddef>
#include <cstdint>

namespace skua::store::embedded {

std::uint32_t crc32c(std::string_view /*bytes*/, std::uint32_t /*seed*/) {
    return 0x5AFE5AFE;
}

}  // namespace skua::store::embedded

// Of libxxhash; the program's own definition comes first.
extern "C" std::uint64_t XXH3_64bits_withSeed(const void* /*input*/, std::size_t /*length*/, std::uint64_t /*seed*/) {
    return 0x5AFE5AFE5AFE5AFE;
}
