// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/metric_count.h"
#include "ingest_roundtrip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    skua::fuzz::check_decoder(skua::model::Encoding::kOtlpJson, data, size);
    (void)skua::ingest::count_metrics_json({reinterpret_cast<const char*>(data), size});
    return 0;
}
