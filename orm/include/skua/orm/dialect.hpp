// SPDX-License-Identifier: Apache-2.0
// Where SQL differs between databases. The renderer is one; it asks here. Stateless, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <skua/orm/lock.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm {

// How the ids of an INSERT become known.
enum class insert_ids : std::uint8_t {
    last_is_last,   // exec_info::last_id is the last row's, the others are just before it
    last_is_first,  // … the first row's, the others follow in steps of exec_info::id_step
    returning,      // only RETURNING tells
};

// A column as it shall be, for ALTER.
struct column_change {
    std::string_view table, column, type;
    bool not_null = false;
    std::string_view standard;  // of DEFAULT; empty: none
    std::string_view comment;
};

// Which settings of a tag's index CREATE INDEX has. What a database has not is left out, as gorm does.
struct index_abilities {
    enum class method : std::uint8_t { none, before_columns, behind_columns };
    bool kind = false;  // class: FULLTEXT, SPATIAL
    method type = method::none;
    bool where = false, collate = false, length = false, comment = false, option = false;
};

class dialect {
public:
    virtual ~dialect() = default;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual naming::identifier_limit identifiers() const noexcept = 0;
    // What the database has instead of a long name of an index or constraint. `given`: by the user.
    [[nodiscard]] std::string kept_name(std::string_view name, bool given) const;
    // "name", with quotes inside doubled.
    virtual void quote(std::string& out, std::string_view identifier) const = 0;
    // The n-th placeholder, from 1.
    virtual void placeholder(std::string& out, std::size_t number) const = 0;
    // " LIMIT p OFFSET p", where p is `placeholder`.
    virtual void limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const = 0;
    // A value written into DDL: DEFAULT.
    virtual void literal(std::string& out, value_view v) const { append_literal(out, v); }

    // INSERT … ON CONFLICT (a, b) DO UPDATE SET c = excluded.c, in its parts. `columns`: quoted, with commas between.
    virtual void on_conflict(std::string& out, std::string_view columns) const;
    // `key`: a quoted column that may be assigned to itself.
    virtual void do_nothing(std::string& out, std::string_view key) const;
    virtual void do_update(std::string& out) const;
    // The value the row would have got.
    virtual void excluded(std::string& out, std::string_view quoted) const;
    [[nodiscard]] virtual bool update_returns() const noexcept { return true; }  // UPDATE … RETURNING
    [[nodiscard]] virtual insert_ids ids() const noexcept = 0;
    // What a time is rounded to.
    [[nodiscard]] virtual std::int64_t time_unit_ns() const noexcept { return 1; }
    // " FOR UPDATE SKIP LOCKED"; nothing where rows are not locked.
    virtual void lock(std::string& out, row_lock what) const;
    // An INSERT without any column.
    virtual void default_values(std::string& out) const = 0;
    [[nodiscard]] virtual std::string_view begin(bool for_writing) const noexcept = 0;
    // Type of a column, as CREATE TABLE spells it.
    [[nodiscard]] virtual std::string type_of(const field_info& field) const = 0;
    // Whether type_of says all about an automatic key ("INTEGER PRIMARY KEY AUTOINCREMENT").
    [[nodiscard]] virtual bool type_has_key(const field_info& field) const = 0;
    // " GENERATED ALWAYS AS (…) STORED" of a column; `added`: by ALTER TABLE.
    virtual void generated(std::string& out, std::string_view expression, bool added) const;
    // " COMMENT '…'" in a column's definition, where comments stand there.
    virtual void column_comment(std::string& out, std::string_view comment) const;
    // The statement for it where they do not; empty: no comments, or in the definition.
    [[nodiscard]] virtual std::string comment_statement(std::string_view table, std::string_view column,
                                                        std::string_view comment) const;
    [[nodiscard]] virtual index_abilities index_settings() const noexcept = 0;
    // Queries with one placeholder, the table's name; each row's first column is a name.
    [[nodiscard]] virtual std::string_view tables_query() const noexcept = 0;
    [[nodiscard]] virtual std::string_view indexes_query() const noexcept = 0;
    // Literal for ADD COLUMN … NOT NULL on a table with rows.
    [[nodiscard]] virtual std::string_view zero_literal(const field_info& field) const noexcept = 0;
    // One placeholder, the table's name; rows of: name, type, nullable (0, 1), default or NULL, part of the primary key
    // (0, 1), characters of a text type or NULL, filled automatically (0, 1), generated (0, 1). In the columns' order.
    [[nodiscard]] virtual std::string_view column_details_query() const noexcept = 0;
    // The same for indexes without the primary key's: name, unique (0, 1), number of the column from 0, column or NULL.
    [[nodiscard]] virtual std::string_view index_details_query() const noexcept = 0;
    // Names of CHECK, UNIQUE and FOREIGN KEY constraints: name, kind ('c', 'u', 'f').
    [[nodiscard]] virtual std::string_view constraints_query() const noexcept = 0;
    // Whether a type as column_details_query tells it is the same as one of type_of.
    [[nodiscard]] virtual bool same_type(std::string_view stored, std::string_view wanted) const = 0;
    // Empty: this database cannot alter a column, the table must be made anew.
    [[nodiscard]] virtual std::vector<std::string> alter_column(const column_change& to) const = 0;
    // False: a constraint comes only with a new table.
    [[nodiscard]] virtual bool adds_constraints() const noexcept { return true; }
    // Nothing: there is no such statement.
    virtual void rename_index(std::string& out, std::string_view table, std::string_view from,
                              std::string_view to) const;
    // Each row's first column is the name of a table of the current schema.
    [[nodiscard]] virtual std::string_view all_tables_query() const noexcept;
    // "DROP INDEX …" of a table.
    virtual void drop_index(std::string& out, std::string_view table, std::string_view index) const = 0;
    // False: each DDL statement commits by itself.
    [[nodiscard]] virtual bool ddl_in_transaction() const noexcept { return true; }
};

}  // namespace skua::orm
