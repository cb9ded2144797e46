// SPDX-License-Identifier: Apache-2.0
#include "core.h"

#include <skua/orm/row.hpp>

namespace skua::orm {

const value* row::find(std::string_view column) const noexcept {
    for (const auto& [name, cell] : cells_)
        if (name == column) return &cell;
    return nullptr;
}

status row::read_into(std::string_view column, const field_ops& ops, void* into) const {
    const value* cell = find(column);
    const auto refuse = [&](errc code, std::string_view why) {
        error e = detail::make_error(code, "column \"" + std::string(column) + "\" " + std::string(why));
        e.column = column;
        return e;
    };
    if (!cell) return refuse(errc::invalid_field, "is not in the row");
    switch (ops.read(into, cell->view())) {
        case read_status::good:
            return ok;
        case read_status::null:
            return refuse(errc::null_value, "is NULL; got NULL; want a value (ask for a std::optional)");
        case read_status::mismatch:
            break;
    }
    return refuse(errc::invalid_data, "does not fit the type that is asked for");
}

void row::take(void* self, row_source& from) {
    auto& cells = static_cast<row*>(self)->cells_;
    const int count = from.column_count();
    cells.clear();
    cells.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) cells.emplace_back(from.column_name(i), from.column(i));
}

}  // namespace skua::orm
