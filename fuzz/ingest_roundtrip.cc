// SPDX-License-Identifier: Apache-2.0
#include "ingest_roundtrip.h"

#include "ingest/otlp/encoder.h"
#include "ingest/testing.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace skua::fuzz {
namespace {

void require(bool condition, const char* what, const std::string& got, const std::string& want) {
    if (condition) return;
    std::fprintf(stderr, "%s\n--- got\n%s\n--- want\n%s\n", what, got.c_str(), want.c_str());
    std::abort();
}

}  // namespace

void check_decoder(model::Encoding encoding, const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const ingest::Decoded first = ingest::decode(encoding, bytes);
    if (!first.counts.ok()) {
        const base::Error& error = first.counts.error();
        require(error.code == base::Code::kInvalidArgument, "error is not the input's", error.message, "");
        require(error.message.size() < 4096, "message grows with the input", error.message, "");
        return;
    }
    const auto& spans = first.sink.batch.spans();
    require(first.counts->accepted_spans == spans.size(), "count is wrong", "", "");
    const std::string encoded = ingest::encode_traces(spans);
    const ingest::Decoded second = ingest::decode(model::Encoding::kOtlpProtobuf, encoded);
    require(second.text() == ingest::dump(first.sink.batch), "spans changed", second.text(),
            ingest::dump(first.sink.batch));
    require(ingest::encode_traces(second.sink.batch.spans()) == encoded, "bytes changed", "", "");
}

}  // namespace skua::fuzz
