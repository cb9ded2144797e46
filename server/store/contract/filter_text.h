// SPDX-License-Identifier: Apache-2.0
// Filters as text, for tests:
//
//   (and (eq resource.service web) (gt span.duration ns:5) (not (exists any:x)) (some event (eq event.name retry)))
//   references: LEVEL.FIELD, or LEVEL:KEY of an attribute, with LEVEL one of span resource scope event link, `any`
//   (everywhere) or nothing (":key", span or resource).  Values: text is untyped, str: int: double: bool: ns: are
//   typed.
#pragma once

#include "store/filter.h"

#include <string_view>

namespace skua::store::testing {

base::Result<Filter> read_filter(std::string_view text);

}  // namespace skua::store::testing
