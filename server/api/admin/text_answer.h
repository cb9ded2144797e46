// SPDX-License-Identifier: Apache-2.0
// Plain answers that several doors give.
#pragma once

#include "api/http.h"

#include <string>

namespace skua::api {

// As Go's http.Error: the text and a line end, and no guessing of types.
inline HttpResponse text_answer(int status, std::string text) {
    HttpResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(text) + "\n";
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return response;
}

inline HttpResponse not_found() {
    return text_answer(404, "404 page not found");
}

}  // namespace skua::api
