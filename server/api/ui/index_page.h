// SPDX-License-Identifier: Apache-2.0
// index.html as it is sent: the placeholders of Jaeger's bundles, old and new, replaced by this server's settings.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace skua::api {

struct UiCapabilities {
    bool archive_storage = false;
    bool metrics_storage = false;
    bool search_without_service_name = true;
    bool ai_assistant = false;
};

struct IndexSettings {
    std::string config_json;   // of a .json UI config, checked; empty: none
    std::string config_js;     // of a .js UI config, checked; empty: none
    std::string version_json;  // {"gitCommit":…}
    UiCapabilities capabilities;
    std::string base_path = "/";  // "/" or "/prefix"
};

// A placeholder that the page does not have is left out (bundles differ).
std::string render_index(std::string_view html, const IndexSettings& settings);

// Reads `path` (.json or .js) into the settings; kInvalidArgument names the file and what is wrong with it.
base::Status load_ui_config(const std::string& path, IndexSettings& settings);

}  // namespace skua::api
