// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include "../dialect/words.h"

namespace skua::orm::detail {

void ddl_text::refers(const std::vector<foreign_key>& keys) {
    refers_.clear();
    for (const foreign_key& k : keys)
        for (std::size_t i = 0; i < k.columns.size(); ++i) refers_[k.columns[i]->column] = k.keys[i];
}

// MariaDB has no keys of text without end, and gorm's sizes are those of the
// keys.
std::string ddl_text::type_of(const field_info& f) const {
    const auto to = refers_.find(f.column);
    const value_kind kind = f.ops->type.kind;
    if (to == refers_.end() || (kind != value_kind::text && kind != value_kind::blob) || f.desc->tags.size ||
        !is_generic(f.desc->tags.type) || to->second->ops->type.kind != kind)
        return d_.type_of(f);
    return d_.type_of(*to->second);
}

std::string ddl_text::quoted(std::string_view name) const {
    std::string out;
    d_.quote(out, name);
    return out;
}

std::string ddl_text::default_of(const field_info& f) const {
    if (f.has_literal_default) {
        std::string literal;
        d_.literal(literal, f.literal_default.view());
        return literal;
    }
    const std::string_view text = f.desc->tags.default_value;
    if (!f.default_in_database || text.empty() || text == "(-)") return {};
    return text.front() == '(' ? std::string(text) : "(" + std::string(text) + ")";
}

std::string ddl_text::column(const field_info& f, bool added) const {
    const tag_set& tags = f.desc->tags;
    std::string out = quoted(f.column) + " " + type_of(f);
    if (d_.type_has_key(f)) return out;
    if (!tags.generated.empty()) {
        d_.generated(out, tags.generated, added);
    } else {
        if (!f.nullable) out += " NOT NULL";
        const std::string standard = default_of(f);
        if (!standard.empty()) out += " DEFAULT " + standard;
        if (added && !f.nullable && standard.empty()) out += " DEFAULT " + std::string(d_.zero_literal(f));
    }
    if (!tags.comment.empty()) d_.column_comment(out, tags.comment);
    return out;
}

std::string ddl_text::comment(const model_info& m, const field_info& f) const {
    const tag_set& tags = f.desc->tags;
    if (tags.comment.empty() || !tags.migrated) return {};
    return d_.comment_statement(m.table, f.column, tags.comment);
}

std::string ddl_text::unique_name(const model_info& m, const field_info& f) const {
    return d_.kept_name(naming::constraint("uni", m.table, f.column), false);
}
std::string ddl_text::unique_clause(const model_info& m, const field_info& f) const {
    return "CONSTRAINT " + quoted(unique_name(m, f)) + " UNIQUE (" + quoted(f.column) + ")";
}
std::string ddl_text::name_of(const index_info& i) const {
    return d_.kept_name(i.name, i.has_given);
}
std::string ddl_text::name_of(const check_info& c) const {
    return d_.kept_name(c.name, c.has_given);
}
std::string ddl_text::check_clause(const check_info& c) const {
    return "CONSTRAINT " + quoted(name_of(c)) + " CHECK (" + c.expression + ")";
}

std::string ddl_text::create_table(const model_info& m, const std::vector<foreign_key>& keys) const {
    std::string sql = "CREATE TABLE " + quoted(m.table) + " (";
    bool key_said = false, first = true;
    for (const field_info& f : m.fields) {
        if (!f.desc->tags.migrated) continue;
        sql += (first ? "" : ", ") + column(f, false);
        first = false;
        key_said = key_said || d_.type_has_key(f);
    }
    if (!m.primary.empty() && !key_said) {
        sql += ", PRIMARY KEY (";
        for (std::size_t i = 0; i < m.primary.size(); ++i)
            sql += (i ? ", " : "") + quoted(m.fields[m.primary[i]].column);
        sql += ")";
    }
    for (const field_info& f : m.fields)
        if (f.desc->tags.unique && f.desc->tags.migrated) sql += ", " + unique_clause(m, f);
    for (const check_info& c : m.checks) sql += ", " + check_clause(c);
    for (const foreign_key& k : keys) sql += ", " + foreign_key_clause(k, d_);
    return sql + ")";
}

std::string ddl_text::create_index(const model_info& m, const index_info& i) const {
    using method = index_abilities::method;
    const index_abilities can = d_.index_settings();
    std::string sql = "CREATE ";
    if (i.unique)
        sql += "UNIQUE ";
    else if (can.kind && !i.kind.empty())
        sql += i.kind + " ";
    sql += "INDEX " + quoted(name_of(i)) + " ON " + quoted(m.table);
    if (can.type == method::before_columns && !i.type.empty()) sql += " USING " + i.type;
    sql += " (";
    for (std::size_t k = 0; k < i.columns.size(); ++k) {
        const index_column& c = i.columns[k];
        sql += k ? ", " : "";
        sql += c.expression.empty() ? quoted(c.column) : c.expression;
        if (can.length && c.length > 0) sql += "(" + std::to_string(c.length) + ")";
        if (can.collate && !c.collate.empty()) sql += " COLLATE " + c.collate;
        if (!c.sort.empty()) sql += " " + c.sort;
    }
    sql += ")";
    if (can.type == method::behind_columns && !i.type.empty()) sql += " USING " + i.type;
    if (can.comment && !i.comment.empty()) {
        sql += " COMMENT ";
        d_.literal(sql, value_view::text(i.comment));
    }
    if (can.option && !i.option.empty()) sql += " " + i.option;
    if (can.where && !i.where.empty()) sql += " WHERE " + i.where;
    return sql;
}

}  // namespace skua::orm::detail
