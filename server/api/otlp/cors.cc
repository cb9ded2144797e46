// SPDX-License-Identifier: Apache-2.0
#include "api/otlp/cors.h"

#include <algorithm>

namespace skua::api {
namespace {

bool matches(std::string_view pattern, std::string_view origin) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == origin;
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    return origin.size() >= head.size() + tail.size() && origin.starts_with(head) && origin.ends_with(tail);
}

}  // namespace

bool Cors::is_allowed(std::string_view origin) const {
    return !origin.empty() && std::any_of(options_.allowed_origins.begin(), options_.allowed_origins.end(),
                                          [&](const std::string& pattern) { return matches(pattern, origin); });
}

void Cors::allow(std::string_view origin, HttpResponse& response) const {
    if (!is_on()) return;
    response.headers.emplace_back("Vary", "Origin");
    if (!is_allowed(origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

std::optional<HttpResponse> Cors::preflight(const HttpRequest& request) const {
    if (!is_on() || request.method != "OPTIONS" || !request.header("access-control-request-method"))
        return std::nullopt;
    HttpResponse response;
    response.status = 204;
    const std::string_view origin = request.header("origin").value_or("");
    allow(origin, response);
    if (!is_allowed(origin)) return response;
    std::string headers = "accept, content-encoding, content-type, x-requested-with";
    for (const std::string& header : options_.allowed_headers) headers += ", " + header;
    // "*" does not count for requests with credentials: what is asked for is allowed by name.
    const bool allows_all = std::find(options_.allowed_headers.begin(), options_.allowed_headers.end(), "*") !=
                            options_.allowed_headers.end();
    if (const auto asked = request.header("access-control-request-headers"); allows_all && asked) headers = *asked;
    response.headers.emplace_back("Access-Control-Allow-Headers", headers);
    response.headers.emplace_back("Access-Control-Allow-Methods", "POST");
    if (options_.max_age_s > 0) {
        response.headers.emplace_back("Access-Control-Max-Age", std::to_string(options_.max_age_s));
    }
    return response;
}

}  // namespace skua::api
