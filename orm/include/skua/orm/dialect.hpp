// SPDX-License-Identifier: Apache-2.0
// Where SQL differs between databases. The renderer is one; it asks here. Stateless, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <skua/orm/schema.hpp>

namespace skua::orm {

// SELECT … FOR UPDATE SKIP LOCKED
struct row_lock {
    enum class strength : std::uint8_t { none, update, share };
    enum class when_taken : std::uint8_t { wait, skip, fail };
    strength how = strength::none;
    when_taken taken = when_taken::wait;
};

class dialect {
public:
    virtual ~dialect() = default;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual std::size_t identifier_max() const noexcept = 0;
    // "name", with quotes inside doubled.
    virtual void quote(std::string& out, std::string_view identifier) const = 0;
    // The n-th placeholder, from 1.
    virtual void placeholder(std::string& out, std::size_t number) const = 0;
    // " LIMIT p OFFSET p", where p is `placeholder`.
    virtual void limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const = 0;
    virtual void for_update(std::string& out) const = 0;
    virtual void lock(std::string& out, row_lock what) const {
        if (what.how == row_lock::strength::update) for_update(out);
        if (what.how == row_lock::strength::share) out += " FOR SHARE";
        if (what.taken == row_lock::when_taken::skip) out += " SKIP LOCKED";
        if (what.taken == row_lock::when_taken::fail) out += " NOWAIT";
    }
    // An INSERT without any column.
    virtual void default_values(std::string& out) const = 0;
    [[nodiscard]] virtual std::string_view begin(bool for_writing) const noexcept = 0;
    // Type of a column, as CREATE TABLE spells it.
    [[nodiscard]] virtual std::string type_of(const field_info& field) const = 0;
    // Whether type_of says all about an automatic key ("INTEGER PRIMARY KEY AUTOINCREMENT").
    [[nodiscard]] virtual bool type_has_key(const field_info& field) const = 0;
    // Queries with one placeholder, the table's name; each row's first column is a name.
    [[nodiscard]] virtual std::string_view tables_query() const noexcept = 0;
    [[nodiscard]] virtual std::string_view columns_query() const noexcept = 0;
    [[nodiscard]] virtual std::string_view indexes_query() const noexcept = 0;
    // Literal for ADD COLUMN … NOT NULL on a table with rows.
    [[nodiscard]] virtual std::string_view zero_literal(const field_info& field) const noexcept = 0;
    // Whether the ids of a multi-row INSERT are last_id - n + 1 … last_id (else last_id is the first).
    [[nodiscard]] virtual bool last_id_is_last() const noexcept = 0;
};

}  // namespace skua::orm
