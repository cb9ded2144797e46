// SPDX-License-Identifier: Apache-2.0
// Shared by the callbacks that write.
#pragma once

#include "../engine.h"
#include "../relation/run.h"
#include "../render/render.h"

#include <cstdint>

namespace skua::orm::detail {

// `now`, in nanoseconds, as a column of that unit has it.
value_view time_value(tag_time unit, std::int64_t now);
void set_time(const field_info& f, tag_time unit, void* object, std::int64_t now);
// select(…) and omit(…) of a write.
inline bool listed(const statement& run, const field_info& f) {
    return !run.part_ || saves_column(*run.part_, *run.model, f);
}
// True for a model without a primary key, too.
bool key_is_zero(const model_info& m, const void* object);
// Renders and sends the statement of run.query().
status send_write(statement& run, verb what);

}  // namespace skua::orm::detail
