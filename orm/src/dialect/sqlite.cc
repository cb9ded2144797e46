// SPDX-License-Identifier: Apache-2.0
#include "sqlite.h"

namespace skua::orm::detail {

void sqlite_dialect::quote(std::string& out, std::string_view identifier) const {
    out += '"';
    for (const char ch : identifier) {
        if (ch == '"') out += '"';
        out += ch;
    }
    out += '"';
}

void sqlite_dialect::placeholder(std::string& out, std::size_t) const {
    out += '?';
}

void sqlite_dialect::limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const {
    out += " LIMIT ";
    out += has_limit ? placeholder : std::string_view("-1");  // OFFSET needs a LIMIT
    if (has_offset) out.append(" OFFSET ").append(placeholder);
}

std::string sqlite_dialect::type_of(const field_info& field) const {
    if (type_has_key(field)) return "integer PRIMARY KEY AUTOINCREMENT";
    const std::string_view said = field.desc->tags.type;
    if (!said.empty() && said != "bool" && said != "int" && said != "uint" && said != "float" && said != "string" &&
        said != "time" && said != "bytes")
        return std::string(said);
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

}  // namespace skua::orm::detail
