// SPDX-License-Identifier: Apache-2.0
// The files of the web UI, as the build put them into the binary.
#pragma once

#include <span>
#include <string_view>

namespace skua::api {

struct Asset {
    std::string_view path;  // below the root, without a leading slash: "static/index-abc.js"
    std::string_view content_type;
    std::string_view etag;   // with its quotes
    std::string_view bytes;  // gzip when is_gzip
    bool is_gzip = false;
};

// Empty when the server was built without the UI. They live for ever.
std::span<const Asset> embedded_assets();

}  // namespace skua::api
