// SPDX-License-Identifier: Apache-2.0
// Zstandard level 1 frames: on encoded columns the higher levels gain nothing (facts measured once, see store_bench).
// Contexts are kept per thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skua::store::embedded {

// Appends the frame of `in` to `out` and returns its size.
std::size_t zstd_append(std::string_view in, std::string& out);
// Decompresses into exactly `size` bytes at `out`; false when the frame is broken or of another size.
bool zstd_into(std::string_view frame, char* out, std::size_t size);

}  // namespace skua::store::embedded
