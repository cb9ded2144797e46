// SPDX-License-Identifier: Apache-2.0
// For builds without the web UI (SKUA_EMBED_UI=OFF).
#include "api/ui/assets.h"

namespace skua::api {

std::span<const Asset> embedded_assets() {
    return {};
}

}  // namespace skua::api
