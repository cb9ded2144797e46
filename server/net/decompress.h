// SPDX-License-Identifier: Apache-2.0
// Undoes a Content-Encoding (or gRPC message encoding) within a bound, whatever the bytes say.
#pragma once

#include "base/result.h"
#include "net/byte_budget.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skua::net {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kZlib, kZstd };

// "" and identity, gzip, zlib, deflate (which is zlib, by RFC 9110; raw deflate is accepted too), zstd. In any case.
std::optional<ContentCoding> parse_content_coding(std::string_view name);

// At most `bytes_max` come out: kTooLarge beyond. The output's memory is taken from `lease` on top of what it holds:
// kResourceExhausted when the budget has no room. kInvalidArgument: broken or cut off data.
base::Result<std::string> decompress(ContentCoding coding, std::string_view bytes, std::size_t bytes_max,
                                     ByteLease& lease);

// gzip of the whole at the fast level, for answers.
std::string gzip_compress(std::string_view bytes);

}  // namespace skua::net
