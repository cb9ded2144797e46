// SPDX-License-Identifier: Apache-2.0
#include <skua/orm/ast.hpp>
#include <skua/orm/query.hpp>

namespace skua::orm {

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
    for (node n : other.nodes) {
        if (n.kind == node_kind::owned_text) n.size += static_cast<std::uint32_t>(texts.size());
        nodes.push_back(n);
    }
    values.append_moved(other.values);
    for (auto& t : other.texts) texts.push_back(std::move(t));
}

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
    std::string out;
    std::size_t next = 0;
    char quote = '\0';
    for (const char ch : sql) {
        if (quote) {
            if (ch == quote) quote = '\0';
        } else if (ch == '\'' || ch == '"' || ch == '`') {
            quote = ch;
        } else if (ch == '?' && next < values.size()) {
            append_literal(out, values[next++].view());
            continue;
        }
        out += ch;
    }
    return out;
}

}  // namespace skua::orm
