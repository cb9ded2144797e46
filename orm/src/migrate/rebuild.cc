// SPDX-License-Identifier: Apache-2.0
#include "rebuild.h"

#include "../render/render.h"
#include "../text.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

constexpr std::string_view spaces = " \n\t\r";

// After what is quoted, in brackets as well, or a comment.
std::size_t skip(std::string_view text, std::size_t at) {
    if (text[at] != '[') return skip_quoted(text, at);
    const std::size_t close = text.find(']', at);
    return close == std::string_view::npos ? text.size() : close + 1;
}

// The first word of an item, without its quotes.
std::string_view first_name(std::string_view item) {
    item = trimmed(item, spaces);
    if (item.empty()) return {};
    const std::size_t past = skip(item, 0);
    if (past > 1) return item.substr(1, past - 2);
    return item.substr(0, item.find_first_of(" \t\r\n("));
}

struct table_text {
    std::vector<std::string> items;
    std::string options;  // behind the parenthesis: WITHOUT ROWID, STRICT
    bool good = false;
};

table_text split(std::string_view create) {
    table_text made;
    std::size_t depth = 0, begin = 0;
    for (std::size_t i = 0; i < create.size();) {
        if (const std::size_t past = skip(create, i); past != i) {
            i = past;
            continue;
        }
        const char ch = create[i++];
        if (ch == '(' && depth++ == 0) begin = i;
        if (ch == ',' && depth == 1) {
            made.items.emplace_back(trimmed(create.substr(begin, i - 1 - begin), spaces));
            begin = i;
        }
        if (ch == ')' && depth > 0 && --depth == 0) {
            made.items.emplace_back(trimmed(create.substr(begin, i - 1 - begin), spaces));
            made.options = create.substr(i);
            made.good = true;
            return made;
        }
    }
    return made;
}

bool is_constraint(std::string_view item) {
    const std::string word = lowered(trimmed(item, spaces).substr(0, trimmed(item, spaces).find_first_of(" \t\r\n(")));
    return word == "constraint" || word == "primary" || word == "unique" || word == "check" || word == "foreign";
}
std::string_view constraint_name(std::string_view item) {
    item = trimmed(item, spaces);
    return lowered(item.substr(0, 10)) == "constraint" ? first_name(item.substr(10)) : std::string_view();
}

bool apply(table_text& table, const table_edit& e) {
    if (e.what == table_edit::act::add) {
        // Columns stand before constraints.
        const auto at = is_constraint(e.text) ? table.items.end()
                                              : std::find_if(table.items.begin(), table.items.end(),
                                                             [](const std::string& i) { return is_constraint(i); });
        table.items.insert(at, e.text);
        return true;
    }
    const bool column = e.what != table_edit::act::remove_constraint;
    const auto at = std::find_if(table.items.begin(), table.items.end(), [&](const std::string& item) {
        const std::string_view name = column ? first_name(item) : constraint_name(item);
        return is_constraint(item) != column && lowered(name) == lowered(e.name);
    });
    if (at == table.items.end()) return false;
    if (e.what == table_edit::act::replace_column)
        *at = e.text;
    else
        table.items.erase(at);
    return true;
}

}  // namespace

std::string edited_table(std::string_view create, const std::vector<table_edit>& edits, std::string_view quoted_name) {
    table_text table = split(create);
    if (!table.good) return {};
    for (const table_edit& e : edits)
        if (!apply(table, e)) return {};
    std::string sql = "CREATE TABLE " + std::string(quoted_name) + " (";
    for (std::size_t i = 0; i < table.items.size(); ++i) sql += (i ? ", " : "") + table.items[i];
    return sql + ")" + table.options;
}

result<std::vector<ddl>> rebuild_table(ddl_runner& run, const std::string& table, const std::vector<table_edit>& edits,
                                       std::string_view what, bool loses_data,
                                       const std::vector<std::string>& without_indexes) {
    auto create = run.texts("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", &table);
    if (!create) return std::move(create.error());
    std::string ask =
        "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND tbl_name = ? AND sql IS NOT NULL";
    for (const std::string& name : without_indexes) {
        ask += " AND name <> ";
        append_literal(ask, value_view::text(name));
    }
    auto kept = run.texts(ask, &table);
    if (!kept) return std::move(kept.error());
    auto columns = run.columns(table);
    if (!columns) return std::move(columns.error());
    const std::string fresh = table + "__new", name = run.quoted(table), beside = run.quoted(fresh);
    const std::string text = create->empty() ? std::string() : edited_table(create->front(), edits, beside);
    if (text.empty())
        return make_error(errc::unsupported, "cannot alter table " + table + ": its text is not understood");
    std::string moved;
    for (const stored_column& c : *columns) {
        const bool gone = std::any_of(edits.begin(), edits.end(), [&](const table_edit& e) {
            return e.what == table_edit::act::remove_column && e.name == c.name;
        });
        if (!gone) moved += (moved.empty() ? "" : ", ") + run.quoted(c.name);
    }
    std::vector<ddl> steps;
    const auto add = [&](std::string sql, std::string operation) {
        migration_step step;
        step.sql = std::move(sql);
        step.what = what;
        step.loses_data = loses_data;
        step.rebuilds = true;
        steps.push_back({std::move(step), std::move(operation), table});
    };
    add("PRAGMA legacy_alter_table = ON", "PRAGMA");  // views of the table may stay
    add(text, "CREATE TABLE");
    add("INSERT INTO " + beside + " (" + moved + ") SELECT " + moved + " FROM " + name, "INSERT");
    if (lowered(text).find("autoincrement") != std::string::npos) {
        std::string old_word, new_word;
        append_literal(old_word, value_view::text(table));
        append_literal(new_word, value_view::text(fresh));
        add("DELETE FROM sqlite_sequence WHERE name = " + new_word, "DELETE");
        add("INSERT INTO sqlite_sequence (name, seq) SELECT " + new_word +
                ", seq FROM sqlite_sequence WHERE name = " + old_word,
            "INSERT");
    }
    add("DROP TABLE " + name, "DROP TABLE");
    add("ALTER TABLE " + beside + " RENAME TO " + name, "ALTER TABLE");
    for (const std::string& sql : *kept) add(sql, "CREATE INDEX");
    add("PRAGMA legacy_alter_table = OFF", "PRAGMA");
    return steps;
}

}  // namespace skua::orm::detail
