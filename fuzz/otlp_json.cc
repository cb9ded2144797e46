// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/json_decoder.h"
#include "ingest/otlp/metric_count.h"
#include "ingest/testing.h"
#include "ingest_roundtrip.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

// A body read in pieces is the body read as one.
void check_pieces(std::string_view body) {
    using namespace skua;
    const ingest::Decoded whole = ingest::decode(model::Encoding::kOtlpJson, body);
    model::RawBody raw;
    raw.bytes = body;
    ingest::Decoded pieces;
    pieces.counts = ingest::OtlpJsonDecoder(0).decode(raw, pieces.sink);
    const auto metrics = ingest::count_metrics_json(body);
    const auto in_pieces = ingest::count_metrics_json(body, 0);
    // A piece begins its own count of levels, so that it may be a few deeper.
    const auto is_deep = [](const auto& result) {
        return !result.ok() && result.error().message.find("too deep") != std::string::npos;
    };
    if (is_deep(whole.counts) || is_deep(metrics)) return;
    const bool same_spans =
        whole.counts.ok() ? pieces.counts.ok() && whole.text() == pieces.text() : !pieces.counts.ok();
    const bool same_metrics =
        metrics.ok() ? in_pieces.ok() && metrics->data_points == in_pieces->data_points : !in_pieces.ok();
    if (same_spans && same_metrics) return;
    std::fprintf(stderr, "in pieces it is not the same\n--- whole\n%s\n--- pieces\n%s\n", whole.text().c_str(),
                 pieces.text().c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    skua::fuzz::check_decoder(skua::model::Encoding::kOtlpJson, data, size);
    check_pieces({reinterpret_cast<const char*>(data), size});
    return 0;
}
