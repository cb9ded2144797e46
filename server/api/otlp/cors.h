// SPDX-License-Identifier: Apache-2.0
// Cross-origin requests (Fetch standard): off unless origins are allowed.
#pragma once

#include "api/http.h"

#include <optional>
#include <string>
#include <vector>

namespace skua::api {

struct CorsOptions {
    std::vector<std::string> allowed_origins;  // "*", or with one '*' in it: "http://*.example.com"
    std::vector<std::string> allowed_headers;  // beyond those every browser request needs
    int max_age_s = 0;                         // 0: not told
};

class Cors {
public:
    explicit Cors(CorsOptions options) : options_(std::move(options)) {}

    [[nodiscard]] bool is_on() const { return !options_.allowed_origins.empty(); }
    // The answer to a preflight, or nothing when this is none.
    [[nodiscard]] std::optional<HttpResponse> preflight(const HttpRequest& request) const;
    // The headers that let the page read an answer to `origin` (the request's, empty without one).
    void allow(std::string_view origin, HttpResponse& response) const;

private:
    [[nodiscard]] bool is_allowed(std::string_view origin) const;

    const CorsOptions options_;
};

}  // namespace skua::api
