// SPDX-License-Identifier: Apache-2.0
// db.migrator(): one thing at a time.
#include "../core.h"
#include "plan.h"

#include <algorithm>

#include <skua/orm/migrator.hpp>

namespace skua::orm {
namespace {

using detail::ddl;
using detail::ddl_runner;
using detail::ddl_text;
using detail::table_edit;

operation_info operation_of(std::string_view verb) {
    operation_info o;
    o.verb = verb;
    return o;
}

ddl step_of(std::string sql, std::string operation, std::string table) {
    migration_step step;
    step.sql = std::move(sql);
    return {std::move(step), std::move(operation), std::move(table)};
}

error unknown(std::string_view kind, const std::string& name, const model_info& m) {
    error e =
        detail::make_error(errc::invalid_value, m.name + " has no " + std::string(kind) + " named \"" + name + "\"");
    e.table = m.table;
    return e;
}

// One call: runner, words and what is sent.
class call {
public:
    call(const detail::handle_ptr& on, std::string_view verb, location at)
        // NOLINTNEXTLINE(clang-analyzer-optin.cplusplus.UninitializedObject): all members of `run` have initializers
        : on_(on), at_(at), operation_(operation_of(verb)), run(*on, at, operation_), text(run.of()) {}

    status send(std::string_view sql, std::string_view operation, std::string_view table) {
        return run.send_ddl(sql, operation, table);
    }
    status all(std::vector<ddl> steps) {
        if (on_->session.dry_run) return ok;
        return detail::apply_steps(*on_, at_, operation_, std::move(steps), nullptr, nullptr);
    }
    // What the database calls it: names may be said as the model has them, or as the database keeps them.
    [[nodiscard]] std::string index_name(const model_info& m, const std::string& said) const {
        for (const index_info& i : m.indexes)
            if (i.name == said) return text.name_of(i);
        return run.of().kept_name(said, true);
    }
    // The same of a constraint, and its clause, which is empty when the model has none of that name.
    result<std::pair<std::string, std::string>> constraint(const model_info& m, const std::string& said) const {
        const dialect& d = run.of();
        std::pair<std::string, std::string> found(d.kept_name(said, true), {});
        const auto is = [&](const std::string& there, std::string clause) {
            if (there != d.kept_name(said, true) && there != d.kept_name(said, false)) return;
            found = {there, std::move(clause)};
        };
        for (const check_info& k : m.checks) is(text.name_of(k), text.check_clause(k));
        for (const field_info& f : m.fields)
            if (f.desc->tags.unique) is(text.unique_name(m, f), text.unique_clause(m, f));
        const model_info* models[] = {&m};
        std::vector<detail::foreign_key> keys;
        SKUA_TRY(detail::add_foreign_keys(m, models, keys, d));
        for (const detail::foreign_key& k : keys) is(k.name, detail::foreign_key_clause(k, d));
        return found;
    }
    status anew(const model_info& m, const std::vector<table_edit>& edits,
                const std::vector<std::string>& without = {}) {
        auto steps = detail::rebuild_table(run, m.table, edits, "", false, without);
        if (!steps) return std::move(steps.error());
        return all(std::move(*steps));
    }

private:
    const detail::handle_ptr& on_;
    location at_;
    operation_info operation_;

public:
    ddl_runner run;
    ddl_text text;
};

template <class List>
bool has(const List& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
}

}  // namespace

migrator database::migrator() const {
    return orm::migrator(on_);
}

result<bool> migrator::has_table(const std::string& name, location at) const {
    return call(on_, "has_table", at).run.has_table(name);
}
result<std::vector<std::string>> migrator::tables(location at) const {
    call c(on_, "tables", at);
    return c.run.texts(c.run.of().all_tables_query(), nullptr);
}
status migrator::create_table(const model_info& m, location at) const {
    call c(on_, "create_table", at);
    const model_info* models[] = {&m};
    std::vector<detail::foreign_key> keys;
    SKUA_TRY(detail::add_foreign_keys(m, models, keys, c.run.of()));
    c.text.refers(keys);
    std::vector<ddl> steps;
    steps.push_back(step_of(c.text.create_table(m, keys), "CREATE TABLE", m.table));
    for (const index_info& i : m.indexes) steps.push_back(step_of(c.text.create_index(m, i), "CREATE INDEX", m.table));
    for (const field_info& f : m.fields)
        if (std::string sql = c.text.comment(m, f); !sql.empty())
            steps.push_back(step_of(std::move(sql), "COMMENT", m.table));
    return c.all(std::move(steps));
}
status migrator::drop_table(const std::string& name, location at) const {
    call c(on_, "drop_table", at);
    return c.send("DROP TABLE IF EXISTS " + c.text.quoted(name), "DROP TABLE", name);
}
status migrator::rename_table(const std::string& from, const std::string& to, location at) const {
    call c(on_, "rename_table", at);
    return c.send("ALTER TABLE " + c.text.quoted(from) + " RENAME TO " + c.text.quoted(to), "ALTER TABLE", from);
}

result<std::vector<column_type>> migrator::column_types(const std::string& table, location at) const {
    auto columns = call(on_, "column_types", at).run.columns(table);
    if (!columns) return std::move(columns.error());
    std::vector<column_type> out;
    for (detail::stored_column& c : *columns)
        out.push_back({std::move(c.name), std::move(c.type), std::move(c.standard), c.nullable, c.has_default,
                       c.primary, c.automatic});
    return out;
}
result<bool> migrator::has_column(const model_info& m, const std::string& name, location at) const {
    auto columns = call(on_, "has_column", at).run.columns(m.table);
    if (!columns) return std::move(columns.error());
    return has(*columns, name);
}
status migrator::add_column(const model_info& m, const field_info& f, location at) const {
    call c(on_, "add_column", at);
    std::vector<detail::foreign_key> keys;
    SKUA_TRY(detail::add_foreign_keys(m, {}, keys, c.run.of()));
    c.text.refers(keys);
    std::vector<ddl> steps;
    steps.push_back(step_of("ALTER TABLE " + c.text.quoted(m.table) + " ADD COLUMN " + c.text.column(f, true),
                            "ALTER TABLE", m.table));
    if (std::string sql = c.text.comment(m, f); !sql.empty())
        steps.push_back(step_of(std::move(sql), "COMMENT", m.table));
    return c.all(std::move(steps));
}
status migrator::alter_column(const model_info& m, const field_info& f, location at) const {
    call c(on_, "alter_column", at);
    auto steps = detail::planner(c.run, true).alter(m, f);
    if (!steps) return std::move(steps.error());
    return steps->empty() ? ok : c.all(std::move(*steps));
}
status migrator::drop_column(const model_info& m, const std::string& name, location at) const {
    call c(on_, "drop_column", at);
    auto indexes = c.run.indexes(m.table);
    if (!indexes) return std::move(indexes.error());
    std::vector<std::string> with_it;
    for (const detail::stored_index& i : *indexes)
        if (std::find(i.columns.begin(), i.columns.end(), name) != i.columns.end()) with_it.push_back(i.name);
    if (!c.run.of().adds_constraints()) return c.anew(m, {{table_edit::act::remove_column, name, {}}}, with_it);
    return c.send("ALTER TABLE " + c.text.quoted(m.table) + " DROP COLUMN " + c.text.quoted(name), "ALTER TABLE",
                  m.table);
}
status migrator::rename_column(const model_info& m, const std::string& from, const std::string& to, location at) const {
    call c(on_, "rename_column", at);
    return c.send(
        "ALTER TABLE " + c.text.quoted(m.table) + " RENAME COLUMN " + c.text.quoted(from) + " TO " + c.text.quoted(to),
        "ALTER TABLE", m.table);
}

result<bool> migrator::has_index(const model_info& m, const std::string& name, location at) const {
    call c(on_, "has_index", at);
    auto names = c.run.texts(c.run.of().indexes_query(), &m.table);
    if (!names) return std::move(names.error());
    return std::find(names->begin(), names->end(), c.index_name(m, name)) != names->end();
}
status migrator::create_index(const model_info& m, const std::string& name, location at) const {
    call c(on_, "create_index", at);
    const std::string there = c.index_name(m, name);
    for (const index_info& i : m.indexes)
        if (c.text.name_of(i) == there) return c.send(c.text.create_index(m, i), "CREATE INDEX", m.table);
    return unknown("index", name, m);
}
status migrator::drop_index(const model_info& m, const std::string& name, location at) const {
    call c(on_, "drop_index", at);
    std::string sql;
    c.run.of().drop_index(sql, m.table, c.index_name(m, name));
    return c.send(sql, "DROP INDEX", m.table);
}
status migrator::rename_index(const model_info& m, const std::string& from, const std::string& to, location at) const {
    call c(on_, "rename_index", at);
    std::string sql;
    const std::string old_name = c.index_name(m, from), new_name = c.index_name(m, to);
    c.run.of().rename_index(sql, m.table, old_name, new_name);
    if (!sql.empty()) return c.send(sql, "ALTER INDEX", m.table);
    // Dropped and made again, when the model knows it under one of the names.
    for (index_info i : m.indexes) {
        if (c.text.name_of(i) != old_name && c.text.name_of(i) != new_name) continue;
        i.name = new_name;
        i.has_given = true;  // it is cut already
        c.run.of().drop_index(sql, m.table, old_name);
        std::vector<ddl> steps;
        steps.push_back(step_of(std::move(sql), "DROP INDEX", m.table));
        steps.push_back(step_of(c.text.create_index(m, i), "CREATE INDEX", m.table));
        return c.all(std::move(steps));
    }
    return unknown("index", from, m);
}

result<bool> migrator::has_constraint(const model_info& m, const std::string& name, location at) const {
    call c(on_, "has_constraint", at);
    auto known = c.constraint(m, name);
    if (!known) return std::move(known.error());
    auto all = c.run.constraints(m.table);
    if (!all) return std::move(all.error());
    return has(*all, known->first);
}
status migrator::create_constraint(const model_info& m, const std::string& name, location at) const {
    call c(on_, "create_constraint", at);
    auto known = c.constraint(m, name);
    if (!known) return std::move(known.error());
    const auto& [there, clause] = *known;
    if (clause.empty()) return unknown("constraint", name, m);
    if (!c.run.of().adds_constraints()) return c.anew(m, {{table_edit::act::add, there, clause}});
    return c.send("ALTER TABLE " + c.text.quoted(m.table) + " ADD " + clause, "ALTER TABLE", m.table);
}
status migrator::drop_constraint(const model_info& m, const std::string& name, location at) const {
    call c(on_, "drop_constraint", at);
    auto known = c.constraint(m, name);
    if (!known) return std::move(known.error());
    if (!c.run.of().adds_constraints()) return c.anew(m, {{table_edit::act::remove_constraint, known->first, {}}});
    return c.send("ALTER TABLE " + c.text.quoted(m.table) + " DROP CONSTRAINT " + c.text.quoted(known->first),
                  "ALTER TABLE", m.table);
}

status migrator::create_view(const std::string& name, const sql_text& text, location at) const {
    call c(on_, "create_view", at);
    return c.send("CREATE VIEW " + c.text.quoted(name) + " AS " + text.explained(), "CREATE VIEW", name);
}
status migrator::drop_view(const std::string& name, location at) const {
    call c(on_, "drop_view", at);
    return c.send("DROP VIEW IF EXISTS " + c.text.quoted(name), "DROP VIEW", name);
}
const std::string& migrator::current_database() const noexcept {
    return on_->core->pool->info().name_space;
}

}  // namespace skua::orm
