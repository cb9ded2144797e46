// SPDX-License-Identifier: Apache-2.0
#include "ingest_roundtrip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    skua::fuzz::check_decoder(skua::model::Encoding::kJaegerAgentBinary, data, size);
    skua::fuzz::check_decoder(skua::model::Encoding::kJaegerBatchBinary, data, size);
    return 0;
}
