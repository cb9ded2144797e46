// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <skua/orm/naming.hpp>

namespace skua::orm::naming {

// The rules that models are described by; use() is refused from now on. Any thread.
const rules& in_force();

}  // namespace skua::orm::naming
