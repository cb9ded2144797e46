// SPDX-License-Identifier: Apache-2.0
#include "api/http_error.h"

#include <utility>

namespace skua::api {

HttpResponse http_error(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.body = std::move(body);
    response.body += '\n';
    return response;
}

HttpResponse page_not_found() {
    return http_error(404, "404 page not found");
}

int http_status(base::Code code) {
    switch (code) {
        case base::Code::kInvalidArgument:
            return 400;
        case base::Code::kNotFound:
            return 404;
        case base::Code::kTooLarge:
            return 413;
        case base::Code::kResourceExhausted:
            return 429;
        case base::Code::kUnimplemented:
            return 501;
        case base::Code::kUnavailable:
            return 503;
        case base::Code::kDeadlineExceeded:
            return 504;
        default:
            return 500;
    }
}

}  // namespace skua::api
