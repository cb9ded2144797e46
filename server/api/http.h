// SPDX-License-Identifier: Apache-2.0
// HTTP as the handlers see it: plain values, no sockets. net/ fills the request and sends the response.
#pragma once

#include "model/request_context.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::api {

using Header = std::pair<std::string, std::string>;

struct HttpRequest {
    std::string method;  // "GET"
    std::string path;    // as sent, still percent-encoded, without the query; always starts with '/'
    // Decoded, in the order sent; names may repeat.
    std::vector<std::pair<std::string, std::string>> query;
    std::vector<Header> headers;  // names in lower case
    std::string body;             // after Content-Encoding is undone and within the listener's limit
    model::RequestContext context;

    // First value, or nothing. `name` in lower case for headers.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> parameters(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type;  // empty: no such header
    std::string body;
    // When set, sent instead of `body` without a copy (embedded assets, cached answers).
    std::shared_ptr<const std::string> shared_body;
    std::vector<Header> headers;
};

// To be called exactly once, from any thread; the request must not be used afterwards.
using Respond = std::function<void(HttpResponse)>;
// Called on an I/O thread with the whole body; must not block for long (net/handler_pool.h is for those that do). The
// request lives until `respond` was called.
using HttpHandler = std::function<void(const HttpRequest& request, Respond respond)>;

}  // namespace skua::api
