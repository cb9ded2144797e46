// SPDX-License-Identifier: Apache-2.0
// Types after gorm's MySQL driver, so that its databases fit.
#include "mariadb.h"

#include "../text.h"
#include "words.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

// An index takes 767 or 3072 bytes of a text, depending on the row format: 191 characters fit all of them.
bool is_indexed(const field_info& f) {
    const tag_set& tags = f.desc->tags;
    return f.primary || tags.unique || std::any_of(tags.items, tags.items + tags.item_count, [](const tag_item& item) {
               return item.what == tag_item::kind::index || item.what == tag_item::kind::unique_index;
           });
}

std::string integer_type(const field_info& f) {
    const std::uint32_t bits = f.desc->tags.size ? f.desc->tags.size : f.ops->type.bits;
    std::string out = bits <= 8 ? "tinyint" : bits <= 16 ? "smallint" : bits <= 32 ? "int" : "bigint";
    if (f.ops->type.is_unsigned) out += " unsigned";
    if (f.auto_increment) out += " AUTO_INCREMENT";
    return out;
}

std::string text_type(const field_info& f) {
    std::uint32_t size = f.desc->tags.size;
    if (size == 0 && (is_indexed(f) || f.desc->tags.has_default)) size = 191;
    if (size == 0 || size >= 1U << 24) return "longtext";
    if (size >= 65536) return "mediumtext";
    return "varchar(" + std::to_string(size) + ")";
}

// Without display widths and the words that are not part of the type, as the server stores it.
std::string canonical(std::string_view type) {
    std::string t = lowered(type);
    for (const std::string_view word : {" auto_increment", " character set utf8mb4"})
        if (const std::size_t at = t.find(word); at != std::string::npos) t.erase(at, word.size());
    if (t == "boolean" || t == "bool") return "tinyint(1)";
    if (t == "integer") t = "int";
    const bool counts = t.find("int(") != std::string::npos && !t.starts_with("tinyint(1)") && !t.starts_with("point");
    if (counts) {
        const std::size_t open = t.find('('), close = t.find(')');
        if (close != std::string::npos) t.erase(open, close - open + 1);
    }
    if (t == "numeric" || t == "decimal") return "decimal(10,0)";
    return t;
}

}  // namespace

void mariadb_dialect::quote(std::string& out, std::string_view identifier) const {
    append_quoted(out, identifier, '`');
}

void mariadb_dialect::limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const {
    append_limit(out, has_limit ? placeholder : std::string_view("18446744073709551615"), has_offset, placeholder);
}

void mariadb_dialect::literal(std::string& out, value_view v) const {
    if (v.kind() == value_kind::moment) {
        std::string text;
        append_literal(text, v);
        if (const std::size_t zone = text.find("+00:00"); zone != std::string::npos) text.erase(zone, 6);
        out += text;
        return;
    }
    if (v.kind() != value_kind::text) return append_literal(out, v);
    out += '\'';
    for (const char ch : v.as_bytes()) {
        if (ch == '\'' || ch == '\\') out += ch;
        out += ch;
    }
    out += '\'';
}

void mariadb_dialect::do_nothing(std::string& out, std::string_view key) const {
    out.append(key).append(" = ").append(key);
}

void mariadb_dialect::excluded(std::string& out, std::string_view quoted) const {
    out.append("VALUES(").append(quoted).append(")");
}

std::string mariadb_dialect::type_of(const field_info& field) const {
    const tag_set& tags = field.desc->tags;
    if (!is_generic(tags.type)) return std::string(tags.type);
    switch (field.ops->type.kind) {
        case value_kind::boolean:
            return "boolean";
        case value_kind::integer:
            return integer_type(field);
        case value_kind::real:
            return field.ops->type.bits == 32 ? "float" : "double";
        case value_kind::moment:
            return "datetime(" + std::to_string(tags.precision ? tags.precision : 3) + ")";
        case value_kind::blob:
            if (tags.size > 0 && tags.size < 65536) return "varbinary(" + std::to_string(tags.size) + ")";
            return is_indexed(field) ? "varbinary(191)" : "longblob";
        default:
            if (field.ops->type.format == sql_format::uuid) return "char(36)";
            if (field.ops->type.format == sql_format::json) return "longtext";
            return text_type(field);
    }
}

std::string_view mariadb_dialect::tables_query() const noexcept {
    return "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ? AND "
           "table_type = 'BASE TABLE'";
}
std::string_view mariadb_dialect::columns_query() const noexcept {
    return "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? "
           "ORDER BY ordinal_position";
}
std::string_view mariadb_dialect::indexes_query() const noexcept {
    return "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND "
           "table_name = ?";
}

std::string_view mariadb_dialect::zero_literal(const field_info& field) const noexcept {
    switch (field.ops->type.kind) {
        case value_kind::boolean:
        case value_kind::integer:
        case value_kind::real:
            return "0";
        case value_kind::moment:
            return "'1970-01-01 00:00:00'";
        default:
            return "''";
    }
}

std::string_view mariadb_dialect::column_details_query() const noexcept {
    return "SELECT column_name, column_type, is_nullable = 'YES', nullif(column_default, 'NULL'), column_key = 'PRI', "
           "CASE WHEN data_type IN ('varchar', 'char') THEN character_maximum_length END, extra LIKE "
           "'%auto_increment%' "
           "FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY "
           "ordinal_position";
}
std::string_view mariadb_dialect::index_details_query() const noexcept {
    return "SELECT index_name, non_unique = 0, seq_in_index - 1, column_name FROM information_schema.statistics WHERE "
           "table_schema = DATABASE() AND table_name = ? AND index_name <> 'PRIMARY' ORDER BY index_name, seq_in_index";
}
std::string_view mariadb_dialect::constraints_query() const noexcept {
    return "SELECT constraint_name, CASE constraint_type WHEN 'CHECK' THEN 'c' WHEN 'UNIQUE' THEN 'u' ELSE 'f' END "
           "FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = ? AND "
           "constraint_type IN ('CHECK', 'UNIQUE', 'FOREIGN KEY')";
}

bool mariadb_dialect::same_type(std::string_view stored, std::string_view wanted) const {
    return canonical(stored) == canonical(wanted);
}

std::vector<std::string> mariadb_dialect::alter_column(const column_change& to) const {
    std::string sql = "ALTER TABLE ";
    quote(sql, to.table);
    sql += " MODIFY COLUMN ";
    quote(sql, to.column);
    sql.append(" ").append(to.type).append(to.not_null ? " NOT NULL" : " NULL");
    if (!to.standard.empty()) sql.append(" DEFAULT ").append(to.standard);
    return {sql};
}

void mariadb_dialect::lock(std::string& out, row_lock what) const {
    out += what.how == row_lock::strength::share ? " LOCK IN SHARE MODE" : " FOR UPDATE";
    append_when_taken(out, what.taken);
}

std::string_view mariadb_dialect::all_tables_query() const noexcept {
    return "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND "
           "table_type = 'BASE TABLE' ORDER BY table_name";
}

void mariadb_dialect::rename_index(std::string& out, std::string_view table, std::string_view from,
                                   std::string_view to) const {
    out += "ALTER TABLE ";
    quote(out, table);
    out += " RENAME INDEX ";
    quote(out, from);
    out += " TO ";
    quote(out, to);
}

void mariadb_dialect::drop_index(std::string& out, std::string_view table, std::string_view index) const {
    out += "DROP INDEX ";
    quote(out, index);
    out += " ON ";
    quote(out, table);
}

}  // namespace skua::orm::detail
