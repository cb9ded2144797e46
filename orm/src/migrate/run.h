// SPDX-License-Identifier: Apache-2.0
// Sends the statements of migrations, and asks the catalogue.
#pragma once

#include "../engine.h"

#include <string>
#include <vector>

namespace skua::orm::detail {

struct ddl {
    migration_step step;
    std::string operation, table;
};

struct stored_column {
    std::string name, type, standard;
    bool nullable = false, has_default = false, primary = false, automatic = false, generated = false;
};
struct stored_index {
    std::string name;
    bool unique = false;
    std::vector<std::string> columns;
};
struct stored_constraint {
    std::string name;
    char kind = 'c';  // c check, u unique, f foreign key
};

class ddl_runner {
public:
    ddl_runner(const handle& on, location at, const operation_info& operation);
    ddl_runner(const ddl_runner&) = delete;
    ddl_runner& operator=(const ddl_runner&) = delete;

    status send_ddl(std::string_view sql, std::string_view operation, std::string_view table);
    // First column of each row, as text. `argument`: null, or the value of the one placeholder.
    result<std::vector<std::string>> texts(std::string_view query, const std::string* argument);
    result<bool> has_table(const std::string& table);
    result<std::vector<stored_column>> columns(const std::string& table);
    result<std::vector<stored_index>> indexes(const std::string& table);
    result<std::vector<stored_constraint>> constraints(const std::string& table);

    [[nodiscard]] const dialect& of() const noexcept;
    [[nodiscard]] std::string quoted(std::string_view name) const;

private:
    // A query of the catalogue, with one placeholder or none.
    status ask(std::string_view query, const std::string* argument, row_sink& sink);
    status plain(std::string_view sql, std::string_view operation, std::string_view table, bool catalogue,
                 std::span<const value_view> values, row_sink* sink);
    handle on_;
    const dialect& d_;
    statement run_;
};

}  // namespace skua::orm::detail
