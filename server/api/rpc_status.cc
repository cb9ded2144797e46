// SPDX-License-Identifier: Apache-2.0
#include "api/rpc_status.h"

#include "api/json_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

namespace skua::api {
namespace {

constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

std::string retry_info(std::int64_t retry_after_ms) {
    std::string duration;
    protozero::pbf_writer duration_writer(duration);
    if (retry_after_ms / 1000 != 0) duration_writer.add_int64(1, retry_after_ms / 1000);
    if (retry_after_ms % 1000 != 0) {
        duration_writer.add_int32(2, static_cast<std::int32_t>(retry_after_ms % 1000 * 1'000'000));
    }
    std::string info;
    protozero::pbf_writer(info).add_message(1, duration);
    return info;
}

}  // namespace

int grpc_code(base::Code code) {
    switch (code) {
        // clang-format off
        case base::Code::kCancelled: return 1;
        case base::Code::kInvalidArgument: return 3;
        case base::Code::kDeadlineExceeded: return 4;
        case base::Code::kNotFound: return 5;
        case base::Code::kResourceExhausted: return 8;
        case base::Code::kTooLarge: return 8;  // without RetryInfo, which is what makes it final
        case base::Code::kUnimplemented: return 12;
        case base::Code::kInternal: return 13;
        case base::Code::kIo: return 14;
        case base::Code::kUnavailable: return 14;
        case base::Code::kCorruption: return 15;
            // clang-format on
    }
    return 2;
}

std::int64_t retry_after_seconds(std::int64_t retry_after_ms) {
    return std::max<std::int64_t>(1, (retry_after_ms + 999) / 1000);
}

std::string rpc_status_protobuf(const RpcStatus& status) {
    std::string out;
    protozero::pbf_writer writer(out);
    if (status.code != 0) writer.add_int32(1, status.code);
    if (!status.message.empty()) writer.add_string(2, status.message.data(), status.message.size());
    if (status.retry_after_ms > 0) {
        protozero::pbf_writer any(writer, 3);
        any.add_string(1, kRetryInfoType.data(), kRetryInfoType.size());
        any.add_bytes(2, retry_info(status.retry_after_ms));
    }
    return out;
}

std::string rpc_status_json(const RpcStatus& status) {
    std::string out = fmt::format(R"({{"code":{},"message":)", status.code);
    append_json_text(out, status.message);
    if (status.retry_after_ms > 0) {
        out += fmt::format(R"(,"details":[{{"@type":"{}","retryDelay":"{}.{:03}s"}}])", kRetryInfoType,
                           status.retry_after_ms / 1000, status.retry_after_ms % 1000);
    }
    out += '}';
    return out;
}

}  // namespace skua::api
