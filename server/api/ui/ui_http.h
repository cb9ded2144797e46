// SPDX-License-Identifier: Apache-2.0
// The web UI's files and its one page.
#pragma once

#include "api/http.h"
#include "api/ui/assets.h"
#include "api/ui/index_page.h"
#include "base/clock.h"
#include "base/result.h"

#include <span>
#include <string>

namespace skua::api {

struct UiOptions {
    std::string config_file;  // empty: none; read again every 10 s
    std::string version_json;
    UiCapabilities capabilities;
    std::string base_path = "/";  // "/" or "/prefix", which requests carry
};

// GET of a file's path is the file; below static/ it never changes; every other path is index.html, so that deep links
// work. `assets` and `clock` outlive the handler. Fails when the config file cannot be
// used now.
base::Result<HttpHandler> ui_handler(UiOptions options, std::span<const Asset> assets, const base::Clock& clock);

}  // namespace skua::api
