// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http.h"
#include "base/result.h"

#include <string>

namespace skua::api {

// As Go's http.Error: text/plain, nosniff, the body and a line end.
HttpResponse http_error(int status, std::string body);
// "404 page not found".
HttpResponse page_not_found();
// The HTTP status of a failure that the request itself did not cause by its parameters' spelling.
int http_status(base::Code code);

}  // namespace skua::api
