// SPDX-License-Identifier: Apache-2.0
#include "engine.h"
#include "render/render.h"

#include <skua/orm/ast.hpp>
#include <skua/orm/query.hpp>

namespace skua::orm {

expr::expr() noexcept = default;
expr::expr(const expr& other) = default;
expr::expr(expr&& other) noexcept = default;
expr& expr::operator=(const expr& other) = default;
expr& expr::operator=(expr&& other) noexcept = default;
expr::~expr() = default;

expr expr::unary(node_kind kind, const column_ref* column) {
    expr made;
    made.push_column(column);
    made.push(kind);
    return made;
}
expr expr::binary(node_kind kind, const column_ref* column, value operand) {
    expr made;
    made.push_column(column);
    made.push_value(std::move(operand));
    made.push(kind);
    return made;
}
expr expr::with_query(node_kind kind, const column_ref* column, const ast::query& rows) {
    expr made;
    made.push_column(column);
    made.push_query(rows);
    made.push(kind);
    return made;
}
expr expr::joined(expr& a, expr& b, node_kind kind) {
    a.append(std::move(b));
    a.push(kind);
    return std::move(a);
}
expr expr::negated(expr& a) {
    a.push(node_kind::not_);
    return std::move(a);
}

void expr::push(node_kind kind) {
    nodes.push_back({kind, 0, 0, 0, nullptr});
}
void expr::push_column(const column_ref* column) {
    nodes.push_back({node_kind::column, 0, 0, 0, column});
}
void expr::push_field(const field_info* field) {
    nodes.push_back({node_kind::field, 0, 0, 0, field});
}
void expr::push_value(value v) {
    values.push_back(std::move(v));
    nodes.push_back({node_kind::value, 0, 0, 0, nullptr});
}
void expr::add_to_list(value v) {
    values.push_back(std::move(v));
}
void expr::push_text(std::string_view literal, std::size_t args) {
    nodes.push_back({node_kind::text, 0, static_cast<std::uint16_t>(args), static_cast<std::uint32_t>(literal.size()),
                     literal.data()});
}
void expr::push_list(std::size_t count) {
    std::size_t padded = count;
    if (count > 2) {
        for (padded = 4; padded < count;) padded *= 2;
        const value last = values.back();
        for (std::size_t i = count; i < padded; ++i) values.push_back(last);
    }
    nodes.push_back({node_kind::list, 0, 0, static_cast<std::uint32_t>(padded), nullptr});
}

void expr::append(expr other) {
    const auto* mine = owned ? &*owned : nullptr;
    const auto texts = static_cast<std::uint32_t>(mine ? mine->texts.size() : 0);
    const auto queries = static_cast<std::uint32_t>(mine ? mine->queries.size() : 0);
    for (node n : other.nodes) {
        if (n.kind == node_kind::owned_text) n.size += texts;
        if (n.kind == node_kind::subquery) n.size += queries;
        nodes.push_back(n);
    }
    values.append_moved(other.values);
    if (!other.owned) return;
    owned_parts& all = owned.write();
    owned_parts& more = other.owned.write();
    all.texts.insert(all.texts.end(), more.texts.begin(), more.texts.end());
    all.queries.insert(all.queries.end(), more.queries.begin(), more.queries.end());
    if (all.mistake.empty()) all.mistake = std::move(more.mistake);
}

void expr::push_owned_text(std::string text, std::size_t args) {
    auto& texts = owned.write().texts;
    texts.push_back(std::make_shared<const std::string>(std::move(text)));
    nodes.push_back({node_kind::owned_text, 0, static_cast<std::uint16_t>(args),
                     static_cast<std::uint32_t>(texts.size() - 1), nullptr});
}

void expr::push_query(const ast::query& query) {
    auto& queries = owned.write().queries;
    queries.push_back(std::make_shared<const ast::query>(query));
    detail::value_list all;
    detail::collect_values(all, query, detail::verb::select);
    for (const value_view& v : all) values.emplace_back(v);
    nodes.push_back({node_kind::subquery, 0, static_cast<std::uint16_t>(all.size()),
                     static_cast<std::uint32_t>(queries.size() - 1), nullptr});
}

namespace detail {
namespace {

bool starts_name(char ch) noexcept {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

}  // namespace

std::size_t skip_quoted(std::string_view text, std::size_t at) noexcept {
    const char ch = text[at];
    const auto after = [&](std::size_t found, std::size_t size) {
        return found == std::string_view::npos ? text.size() : found + size;
    };
    if (ch == '\'' || ch == '"' || ch == '`') return after(text.find(ch, at + 1), 1);
    if (text.substr(at, 2) == "--") return after(text.find('\n', at), 1);
    if (text.substr(at, 2) == "/*") return after(text.find("*/", at + 2), 2);
    return at;
}

std::string_view name_at(std::string_view text, std::size_t at) noexcept {
    std::size_t end = at + 1;
    if (text[at] != '@' || end >= text.size() || !starts_name(text[end])) return {};
    while (end < text.size() && (starts_name(text[end]) || (text[end] >= '0' && text[end] <= '9'))) ++end;
    return text.substr(at + 1, end - at - 1);
}

expr named_expr(std::string_view text, bool literal, const std::vector<named_operand>& operands) {
    expr made;
    std::string mistake;
    std::vector<bool> used(operands.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (const std::size_t past = skip_quoted(text, i); past != i) {
            i = past;
            continue;
        }
        const std::string_view name = name_at(text, i);
        if (name.empty()) {
            i += text.substr(i, 2) == "@@" ? 2 : 1;
            continue;
        }
        std::size_t which = 0;
        while (which < operands.size() && operands[which].name != name) ++which;
        if (which == operands.size()) {
            mistake = "SQL text names @" + std::string(name) + ", which no argument is called";
        } else {
            used[which] = true;
            made.append(operands[which].value);
            ++count;
        }
        i += name.size() + 1;
    }
    for (std::size_t i = 0; i < operands.size(); ++i)
        if (!used[i] && !operands[i].may_be_unused)
            mistake = "the argument \"" + operands[i].name + "\" is not in the SQL text";
    if (literal)
        made.push_text(text, count);
    else
        made.push_owned_text(std::string(text), count);
    made.nodes.back().named = 1;
    if (!mistake.empty()) made.owned.write().mistake = std::move(mistake);
    return made;
}

}  // namespace detail

namespace ast {
void query::add_where(expr&& condition, bool with_or) {
    if (condition.empty()) return;
    const bool first = where.empty();
    if (first)
        where = std::move(condition);
    else
        where.append(std::move(condition));
    if (!first) where.push(with_or ? node_kind::where_or : node_kind::where_and);
}
}  // namespace ast

std::string sql_text::explained() const {
    std::vector<value_view> views;
    for (const value& v : values) views.push_back(v.view());
    return detail::explain(sql, views);
}

namespace detail {
// "?" in their order, "$3" by number.
std::string explain(std::string_view sql, std::span<const value_view> values) {
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < sql.size();) {
        if (const std::size_t past = skip_quoted(sql, i); past != i) {
            out += sql.substr(i, past - i);
            i = past;
            continue;
        }
        std::size_t number = 0, end = i + 1;
        if (sql[i] == '$')
            for (; end < sql.size() && sql[end] >= '0' && sql[end] <= '9' && number <= values.size(); ++end)
                number = number * 10 + static_cast<std::size_t>(sql[end] - '0');
        else if (sql[i] == '?')
            number = ++next;
        if (number == 0 || number > values.size()) {
            out += sql[i++];
            continue;
        }
        append_literal(out, values[number - 1]);
        i = end;
    }
    return out;
}
}  // namespace detail

}  // namespace skua::orm
