// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/ingest.h"

#include <cstddef>
#include <cstdint>

namespace skua::fuzz {

// Decodes the bytes; what a decoder takes must come through OTLP protobuf unchanged. Aborts when it does not.
void check_decoder(model::Encoding encoding, const std::uint8_t* data, std::size_t size);

}  // namespace skua::fuzz
