// SPDX-License-Identifier: Apache-2.0
// Unary gRPC as the handlers see it: raw message bytes in, raw message bytes out. net/ owns everything gRPC.
#pragma once

#include "base/result.h"
#include "model/request_context.h"

#include <functional>
#include <string>
#include <string_view>

namespace skua::api {

struct RpcRequest {
    std::string_view method;   // "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    std::string_view message;  // one slice; lives until the handler returns
    model::RequestContext context;
};

struct RpcResponse {
    base::Status status;              // mapped to a gRPC status code in net/
    std::int64_t retry_after_ms = 0;  // with a failed status: a google.rpc.RetryInfo detail
    std::string message;              // the serialized answer when status is ok
};

using RpcRespond = std::function<void(RpcResponse)>;
using RpcHandler = std::function<void(const RpcRequest& request, RpcRespond respond)>;

}  // namespace skua::api
