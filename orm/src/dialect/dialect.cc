// SPDX-License-Identifier: Apache-2.0
// What most databases agree on.
#include "words.h"

namespace skua::orm {

std::string dialect::kept_name(std::string_view name, bool given) const {
    const naming::identifier_limit limit = identifiers();
    return given && !limit.of_given_too ? std::string(name) : naming::cut(name, limit);
}
void dialect::on_conflict(std::string& out, std::string_view columns) const {
    out.append(" ON CONFLICT (").append(columns).append(")");
}
void dialect::do_nothing(std::string& out, std::string_view) const {
    out += " DO NOTHING";
}
void dialect::do_update(std::string& out) const {
    out += " DO UPDATE SET ";
}
void dialect::excluded(std::string& out, std::string_view quoted) const {
    out.append("excluded.").append(quoted);
}
void dialect::lock(std::string& out, row_lock what) const {
    if (what.how == row_lock::strength::update) out += " FOR UPDATE";
    if (what.how == row_lock::strength::share) out += " FOR SHARE";
    detail::append_when_taken(out, what.taken);
}
void dialect::rename_index(std::string& out, std::string_view, std::string_view from, std::string_view to) const {
    out += "ALTER INDEX ";
    quote(out, from);
    out += " RENAME TO ";
    quote(out, to);
}
void dialect::generated(std::string& out, std::string_view expression, bool) const {
    out.append(" GENERATED ALWAYS AS (").append(expression).append(") STORED");
}
void dialect::column_comment(std::string&, std::string_view) const {}
std::string dialect::comment_statement(std::string_view, std::string_view, std::string_view) const {
    return {};
}
std::string_view dialect::all_tables_query() const noexcept {
    return "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND "
           "table_type = 'BASE TABLE' ORDER BY table_name";
}

namespace detail {

void append_quoted(std::string& out, std::string_view identifier, char quote) {
    out += quote;
    for (const char ch : identifier) {
        if (ch == quote) out += quote;
        out += ch;
    }
    out += quote;
}

void append_limit(std::string& out, std::string_view limit, bool has_offset, std::string_view placeholder) {
    out.append(" LIMIT ").append(limit);
    if (has_offset) out.append(" OFFSET ").append(placeholder);
}

void append_when_taken(std::string& out, row_lock::when_taken taken) {
    if (taken == row_lock::when_taken::skip) out += " SKIP LOCKED";
    if (taken == row_lock::when_taken::fail) out += " NOWAIT";
}

std::string decimal_type(std::string_view word, const tag_set& tags) {
    std::string out = std::string(word) + "(" + std::to_string(tags.precision);
    if (tags.scale > 0) out += "," + std::to_string(tags.scale);
    return out + ")";
}

bool is_generic(std::string_view type) {
    for (const std::string_view word : {"bool", "int", "uint", "float", "string", "time", "bytes"})
        if (type == word) return true;
    return type.empty();
}

}  // namespace detail
}  // namespace skua::orm
