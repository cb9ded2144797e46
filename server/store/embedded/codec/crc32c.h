// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), with the processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace skua::store::embedded {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace skua::store::embedded
