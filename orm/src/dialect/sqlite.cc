// SPDX-License-Identifier: Apache-2.0
#include "sqlite.h"

#include "../text.h"
#include "words.h"

namespace skua::orm::detail {

void sqlite_dialect::quote(std::string& out, std::string_view identifier) const {
    append_quoted(out, identifier, '"');
}

void sqlite_dialect::placeholder(std::string& out, std::size_t) const {
    out += '?';
}

void sqlite_dialect::limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const {
    append_limit(out, has_limit ? placeholder : std::string_view("-1"), has_offset, placeholder);
}

std::string sqlite_dialect::type_of(const field_info& field) const {
    if (type_has_key(field)) return "integer PRIMARY KEY AUTOINCREMENT";
    const std::string_view said = field.desc->tags.type;
    if (!is_generic(said)) return std::string(said);
    switch (field.ops->type.kind) {
        case value_kind::boolean:
            return "numeric";
        case value_kind::integer:
            return "integer";
        case value_kind::real:
            return "real";
        case value_kind::moment:
            return "datetime";
        case value_kind::blob:
            return "blob";
        default:
            return "text";
    }
}

bool sqlite_dialect::type_has_key(const field_info& field) const {
    return field.auto_increment && field.primary;
}

std::string_view sqlite_dialect::tables_query() const noexcept {
    return "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
}
std::string_view sqlite_dialect::columns_query() const noexcept {
    return "SELECT name FROM pragma_table_info(?)";
}
std::string_view sqlite_dialect::indexes_query() const noexcept {
    return "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?";
}

std::string_view sqlite_dialect::zero_literal(const field_info& field) const noexcept {
    switch (field.ops->type.kind) {
        case value_kind::boolean:
        case value_kind::integer:
        case value_kind::real:
            return "0";
        case value_kind::moment:
            return "'1970-01-01 00:00:00+00:00'";
        case value_kind::blob:
            return "x''";
        default:
            return "''";
    }
}

std::string_view sqlite_dialect::column_details_query() const noexcept {
    return "SELECT name, type, \"notnull\" = 0 AND pk = 0, dflt_value, pk > 0, NULL, "
           "pk > 0 AND upper(type) = 'INTEGER' FROM pragma_table_xinfo(?) ORDER BY cid";
}
std::string_view sqlite_dialect::index_details_query() const noexcept {
    return "SELECT l.name, l.\"unique\", i.seqno, i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i "
           "WHERE l.origin <> 'pk' ORDER BY l.name, i.seqno";
}
// They have their names in the text of the table only.
std::string_view sqlite_dialect::constraints_query() const noexcept {
    return "WITH RECURSIVE rest(text) AS (SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? UNION ALL "
           "SELECT substr(text, instr(upper(text), 'CONSTRAINT ') + 11) FROM rest "
           "WHERE instr(upper(text), 'CONSTRAINT ') > 0), "
           "named(text) AS (SELECT text FROM rest LIMIT -1 OFFSET 1), "
           "parts(name, kind) AS (SELECT CASE WHEN substr(text, 1, 1) IN ('\"', '`', '[') "
           "THEN substr(text, 2, instr(substr(replace(replace(text, '`', '\"'), ']', '\"'), 2), '\"') - 1) "
           "ELSE substr(text, 1, instr(text, ' ') - 1) END, "
           "upper(ltrim(substr(text, instr(text, ' ')))) FROM named) "
           "SELECT name, CASE WHEN kind LIKE 'CHECK%' THEN 'c' WHEN kind LIKE 'UNIQUE%' THEN 'u' ELSE 'f' END "
           "FROM parts WHERE kind LIKE 'CHECK%' OR kind LIKE 'UNIQUE%' OR kind LIKE 'FOREIGN%'";
}

bool sqlite_dialect::same_type(std::string_view stored, std::string_view wanted) const {
    const auto word = [](std::string_view type) { return lowered(type.substr(0, type.find(' '))); };
    return word(stored) == word(wanted);
}

std::string_view sqlite_dialect::all_tables_query() const noexcept {
    return "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
           "ORDER BY name";
}

void sqlite_dialect::drop_index(std::string& out, std::string_view, std::string_view index) const {
    out += "DROP INDEX ";
    quote(out, index);
}

}  // namespace skua::orm::detail
