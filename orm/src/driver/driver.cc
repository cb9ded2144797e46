// SPDX-License-Identifier: Apache-2.0
// What a driver has that does nothing cleverer.
#include <skua/orm/driver.hpp>

namespace skua::orm {

status connection::execute_each(prepared& statement, std::span<const value_view> values, std::size_t sets,
                                row_sink* sink, const context* limits, exec_info& told) {
    const std::size_t width = sets ? values.size() / sets : 0;
    for (std::size_t i = 0; i < sets; ++i) {
        exec_info one;
        SKUA_TRY(execute(statement, values.subspan(i * width, width), sink, limits, one));
        if (sink) sink->set_ended();
        told.rows_affected += one.rows_affected;
        told.rows_returned += one.rows_returned;
        told.last_id = one.last_id;
    }
    return ok;
}

}  // namespace skua::orm
