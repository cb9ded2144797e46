// SPDX-License-Identifier: Apache-2.0
// Which handler answers which path, by the rules of Go's ServeMux as far as Jaeger's clients notice them: literal
// segments win over wildcards, a pattern for GET also answers HEAD, an unknown path under /api or a known one with
// another method is 404, everything else belongs to the fallback (the pages).
//
// Built once, then read from any thread.
#pragma once

#include "api/http.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::api {

// What the wildcards of a pattern stood for.
class PathValues {
public:
    void add(std::string_view name, std::string_view raw) { values_.emplace_back(name, raw); }
    // Percent-decoded; empty when there is no such wildcard.
    [[nodiscard]] std::string get(std::string_view name) const;
    // The same where '+' also means a space (Go's QueryUnescape).
    [[nodiscard]] std::string get_with_plus(std::string_view name) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> values_;  // views into pattern and path
};

class Router {
public:
    using Handler = std::function<void(const HttpRequest& request, const PathValues& values, Respond respond)>;

    // `base_path` stands before every pattern: "" or "/jaeger"; a trailing slash is cut.
    explicit Router(std::string_view base_path = "");

    // "GET /api/services/{service}/operations": one method, segments that are literal or one {wildcard}.
    void add(std::string_view pattern, Handler handler);
    // Whatever is under the base path and not under its /api. Sees the request as it came.
    void set_fallback(HttpHandler fallback) { fallback_ = std::move(fallback); }

    void handle(const HttpRequest& request, Respond respond) const;
    [[nodiscard]] const std::string& base_path() const { return base_path_; }

private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;  // "{name}" is a wildcard
        Handler handler;
    };

    std::string base_path_;
    std::vector<Route> routes_;
    HttpHandler fallback_;
};

}  // namespace skua::api
