// SPDX-License-Identifier: Apache-2.0
// Types after gorm's PostgreSQL driver, so that its databases fit.
#include "postgres.h"

#include "../text.h"
#include "words.h"

namespace skua::orm::detail {
namespace {

std::string integer_type(const field_info& f) {
    // An unsigned type needs the next larger one; there is none above bigint.
    const int said = f.desc->tags.size ? static_cast<int>(f.desc->tags.size) : f.ops->type.bits;
    const int bits = said + (f.ops->type.is_unsigned && said < 64 ? 1 : 0);
    const int size = bits <= 16 ? 0 : bits <= 32 ? 1 : 2;
    static constexpr std::string_view plain[] = {"smallint", "integer", "bigint"};
    static constexpr std::string_view counting[] = {"smallserial", "serial", "bigserial"};
    return std::string(f.auto_increment ? counting[size] : plain[size]);
}

// Other spellings of a type, as the catalogue has it.
std::string canonical(std::string_view type) {
    std::string t = lowered(type);
    const std::size_t parenthesis = t.find('(');
    std::string tail = parenthesis == std::string::npos ? "" : t.substr(parenthesis);
    std::string head = t.substr(0, parenthesis);
    while (!head.empty() && head.back() == ' ') head.pop_back();
    static constexpr std::string_view same[][2] = {{"int", "integer"},
                                                   {"int4", "integer"},
                                                   {"int8", "bigint"},
                                                   {"int2", "smallint"},
                                                   {"serial", "integer"},
                                                   {"bigserial", "bigint"},
                                                   {"smallserial", "smallint"},
                                                   {"bool", "boolean"},
                                                   {"varchar", "character varying"},
                                                   {"char", "character"},
                                                   {"bpchar", "character"},
                                                   {"timestamptz", "timestamp with time zone"},
                                                   {"timestamp", "timestamp without time zone"},
                                                   {"decimal", "numeric"},
                                                   {"float4", "real"},
                                                   {"float8", "double precision"},
                                                   {"float", "double precision"}};
    for (const auto& pair : same)
        if (head == pair[0]) {
            head = pair[1];
            break;
        }
    if (head == "character" && tail.empty()) tail = "(1)";
    return head + tail;
}

}  // namespace

void postgres_dialect::quote(std::string& out, std::string_view identifier) const {
    append_quoted(out, identifier, '"');
}

void postgres_dialect::placeholder(std::string& out, std::size_t number) const {
    out.append("$").append(std::to_string(number));
}

void postgres_dialect::limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const {
    if (has_limit) out.append(" LIMIT ").append(placeholder);
    if (has_offset) out.append(" OFFSET ").append(placeholder);
}

void postgres_dialect::literal(std::string& out, value_view v) const {
    if (v.kind() != value_kind::blob) return append_literal(out, v);
    std::string hex;
    append_literal(hex, v);  // x'00ff'
    out.append("'\\x").append(hex.substr(2)).append("::bytea");
}

std::string postgres_dialect::type_of(const field_info& field) const {
    const tag_set& tags = field.desc->tags;
    if (!is_generic(tags.type)) return std::string(tags.type);
    switch (field.ops->type.kind) {
        case value_kind::boolean:
            return "boolean";
        case value_kind::integer:
            return integer_type(field);
        case value_kind::real:
            return field.ops->type.bits == 32 ? "real" : "double precision";
        case value_kind::moment:
            return "timestamptz";
        case value_kind::blob:
            return "bytea";
        default:
            if (field.ops->type.format == sql_format::uuid) return "uuid";
            if (field.ops->type.format == sql_format::json) return "jsonb";
            return tags.size > 0 ? "varchar(" + std::to_string(tags.size) + ")" : "text";
    }
}

std::string_view postgres_dialect::tables_query() const noexcept {
    return "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1";
}
std::string_view postgres_dialect::columns_query() const noexcept {
    return "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
           "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND a.attnum > 0 AND NOT "
           "a.attisdropped ORDER BY a.attnum";
}
std::string_view postgres_dialect::indexes_query() const noexcept {
    return "SELECT indexname FROM pg_catalog.pg_indexes WHERE schemaname = current_schema() AND tablename = $1";
}

std::string_view postgres_dialect::zero_literal(const field_info& field) const noexcept {
    switch (field.ops->type.kind) {
        case value_kind::boolean:
            return "false";
        case value_kind::integer:
        case value_kind::real:
            return "0";
        case value_kind::moment:
            return "'1970-01-01 00:00:00+00'";
        default:
            return "''";
    }
}

std::string_view postgres_dialect::column_details_query() const noexcept {
    return "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (NOT a.attnotnull)::int::bigint, "
           "pg_catalog.pg_get_expr(d.adbin, d.adrelid), "
           "EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY "
           "(i.indkey))::int::bigint, "
           "CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN (a.atttypmod - 4)::bigint END, "
           "(a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') LIKE "
           "'nextval(%')::int::bigint "
           "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid LEFT JOIN "
           "pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
           "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND a.attnum > 0 AND NOT "
           "a.attisdropped ORDER BY a.attnum";
}
std::string_view postgres_dialect::index_details_query() const noexcept {
    return "SELECT x.relname, i.indisunique::int::bigint, (k.n - 1)::bigint, a.attname FROM pg_catalog.pg_index i "
           "JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
           "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, n) LEFT JOIN pg_catalog.pg_attribute a ON "
           "a.attrelid = t.oid AND a.attnum = k.attnum "
           "WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = $1 AND NOT i.indisprimary AND k.n <= "
           "i.indnkeyatts ORDER BY x.relname, k.n";
}
std::string_view postgres_dialect::constraints_query() const noexcept {
    return "SELECT o.conname, o.contype::text FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class t ON t.oid = "
           "o.conrelid WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = $1 AND o.contype IN ('c', "
           "'u', 'f')";
}

bool postgres_dialect::same_type(std::string_view stored, std::string_view wanted) const {
    return canonical(stored) == canonical(wanted);
}

std::vector<std::string> postgres_dialect::alter_column(const column_change& to) const {
    std::string head = "ALTER TABLE ";
    quote(head, to.table);
    head += " ALTER COLUMN ";
    std::string column;
    quote(column, to.column);
    head += column;
    const std::string type = canonical(to.type);
    std::vector<std::string> out;
    out.push_back(head + " DROP DEFAULT");  // a default of the old type may not fit the new one
    out.push_back(head + " TYPE " + type + " USING " + column + "::" + type);
    out.push_back(head + (to.not_null ? " SET NOT NULL" : " DROP NOT NULL"));
    if (!to.standard.empty()) out.push_back(head + " SET DEFAULT " + std::string(to.standard));
    return out;
}

void postgres_dialect::drop_index(std::string& out, std::string_view, std::string_view index) const {
    out += "DROP INDEX ";
    quote(out, index);
}

}  // namespace skua::orm::detail
