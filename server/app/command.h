// SPDX-License-Identifier: Apache-2.0
// The program: commands, exit codes, signals.
#pragma once

#include "app/settings.h"

#include <span>
#include <string>

namespace skua::app {

// Exit codes: 0 done or stopped by SIGTERM or SIGINT, 1 cannot start (verify: damage found), 2 wrong usage.
int run(std::span<const std::string> arguments, const Settings::Environment& environment);

}  // namespace skua::app
