// SPDX-License-Identifier: Apache-2.0
// A handler's answer made ready for the wire.
#pragma once

#include "api/http.h"

#include <memory>
#include <string>
#include <string_view>

namespace skua::net {

struct WireOptions {
    bool is_head = false;  // the body's length is told, the body is not sent
    bool keep_alive = true;
    bool is_http_1_0 = false;
    bool accepts_gzip = false;
};

struct WireResponse {
    std::string head;  // status line and headers
    std::string body;
    std::shared_ptr<const std::string> shared_body;  // instead of body

    [[nodiscard]] std::string_view body_view() const { return shared_body ? *shared_body : std::string_view(body); }
};

// Compresses when it pays and is accepted. Headers with control characters are left out: they would forge others.
WireResponse to_wire(api::HttpResponse response, const WireOptions& options);
// Whether an Accept-Encoding header allows gzip (RFC 9110, section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);
std::string_view reason_phrase(int status);
// A plain text answer of the server itself.
api::HttpResponse text_response(int status, std::string text);

}  // namespace skua::net
