// SPDX-License-Identifier: Apache-2.0
// What stands around every answer of Jaeger's own API: {"data":…,"total":0,"limit":0,"offset":0,"errors":null}.
#pragma once

#include "api/http.h"
#include "base/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace skua::api {
class JsonWriter;
}

namespace skua::api::jaeger_v1 {

struct ItemError {
    int code = 0;  // left out when 0
    std::string message;
    std::string trace_id;  // left out when empty
};

// `data` writes one value and may fill `errors`, which are read after it. Indented when the request has prettyPrint.
HttpResponse envelope(const HttpRequest& request, const std::function<void(JsonWriter&)>& data, std::size_t total = 0,
                      const std::vector<ItemError>& errors = {});

// In the envelope, as Go's http.Error sends it.
HttpResponse error_envelope(int status, const std::string& message);
// Invalid arguments are 400, what the store says has its own status.
HttpResponse error_envelope(const base::Error& error);

}  // namespace skua::api::jaeger_v1
