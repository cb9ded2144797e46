// SPDX-License-Identifier: Apache-2.0
// google.rpc.Status: how OTLP tells of failure, in both encodings (field numbers: google/rpc/status.proto).
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace skua::api {

// The numbers of google.rpc.Code, which are gRPC's too.
int grpc_code(base::Code code);
// Whole seconds for Retry-After, at least one.
std::int64_t retry_after_seconds(std::int64_t retry_after_ms);

struct RpcStatus {
    int code = 0;
    std::string_view message;
    std::int64_t retry_after_ms = 0;  // more than zero: with a google.rpc.RetryInfo detail
};
std::string rpc_status_protobuf(const RpcStatus& status);
std::string rpc_status_json(const RpcStatus& status);

}  // namespace skua::api
