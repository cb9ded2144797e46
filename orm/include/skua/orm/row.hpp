// SPDX-License-Identifier: Apache-2.0
// A row of which only the database knows the columns: db.raw<orm::row>("SELECT …"), find<orm::row>().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skua/orm/codec.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm {

class row_source;

class row {
public:
    [[nodiscard]] std::size_t size() const noexcept { return cells_.size(); }
    // REQUIRES: i < size().
    [[nodiscard]] std::string_view name(std::size_t i) const noexcept { return cells_[i].first; }
    [[nodiscard]] value_view at(std::size_t i) const noexcept { return cells_[i].second.view(); }
    // Null: there is no such column.
    [[nodiscard]] const value* find(std::string_view column) const noexcept;
    // invalid_field: there is no such column; null_value, invalid_data: it does not fit.
    template <class T>
    [[nodiscard]] result<T> get(std::string_view column) const {
        result<T> out{detail::in_place()};
        if (status s = read_into(column, ops_of<T>, &*out); !s) out = std::move(s);
        return out;
    }
    // The ORM's part.
    static void take(void* self, row_source& from);

private:
    status read_into(std::string_view column, const field_ops& ops, void* into) const;
    std::vector<std::pair<std::string, value>> cells_;
};

}  // namespace skua::orm
