// SPDX-License-Identifier: Apache-2.0
// What real clients sent (testdata/README.md), against golden dumps.
#include "ingest/otlp/encoder.h"
#include "ingest/testing.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace skua::ingest {
namespace {

const std::string kFolder = SKUA_SOURCE_DIR "/server/ingest/testdata/";

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Captured, BodiesOfRealClients) {
    const struct {
        std::string file;
        model::Encoding encoding;
    } cases[] = {
        {"jaeger-python-4.8-agent-compact.bin", model::Encoding::kJaegerAgentCompact},
        {"jaeger-node-3.19-agent-binary.bin", model::Encoding::kJaegerAgentBinary},
        {"jaeger-node-3.19-batch.bin", model::Encoding::kJaegerBatchBinary},
        {"otel-js-0.223-traces.json", model::Encoding::kOtlpJson},
        {"otel-js-0.223-traces.pb", model::Encoding::kOtlpProtobuf},
        {"otel-python-1.45-traces.pb", model::Encoding::kOtlpProtobuf},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const std::string body = read_file(kFolder + c.file);
        const Decoded decoded = decode(c.encoding, body);
        const std::string golden = kFolder + c.file + ".golden";
        if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << decoded.text();
        EXPECT_EQ(decoded.text(), read_file(golden));
        const std::string encoded = encode_traces(decoded.sink.batch.spans());
        EXPECT_EQ(decode(model::Encoding::kOtlpProtobuf, encoded).text(), decoded.text());
    }
}

}  // namespace
}  // namespace skua::ingest
