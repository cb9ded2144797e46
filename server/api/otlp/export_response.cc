// SPDX-License-Identifier: Apache-2.0
#include "api/otlp/export_response.h"

#include "api/json_text.h"

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

namespace skua::api {

std::string export_response_protobuf(const model::DecodeCounts& counts) {
    std::string out;
    if (counts.rejected_spans == 0) return out;
    std::string partial;
    protozero::pbf_writer partial_writer(partial);
    partial_writer.add_int64(1, static_cast<std::int64_t>(counts.rejected_spans));
    partial_writer.add_string(2, counts.rejected_reason);
    protozero::pbf_writer(out).add_message(1, partial);
    return out;
}

std::string export_response_json(const model::DecodeCounts& counts) {
    if (counts.rejected_spans == 0) return R"({"partialSuccess":{}})";
    std::string out =
        fmt::format(R"({{"partialSuccess":{{"rejectedSpans":"{}","errorMessage":)", counts.rejected_spans);
    append_json_text(out, counts.rejected_reason);
    return out + "}}";
}

}  // namespace skua::api
