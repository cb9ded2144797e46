// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include "../text.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace skua::orm::detail {
namespace {

template <class List>
auto named(const List& list, std::string_view name) {
    return std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
}

// The number in "varchar(255)"; 0: none.
unsigned size_of(std::string_view type) {
    unsigned n = 0;
    const std::size_t open = type.find('(');
    if (open != std::string_view::npos) std::from_chars(type.data() + open + 1, type.data() + type.size(), n);
    return n;
}

// A default as databases give it back, without the casts, quotes and parentheses they put around.
std::string plain_default(std::string_view text) {
    const std::size_t cast = text.rfind("'::");
    if (cast != std::string_view::npos) text = text.substr(0, cast + 1);
    while (text.size() > 1 &&
           ((text.front() == '(' && text.back() == ')') || (text.front() == '\'' && text.back() == '\'')))
        text = text.substr(1, text.size() - 2);
    std::string out = lowered(text);
    if (out == "true") return "1";
    if (out == "false") return "0";
    return out;
}

}  // namespace

void planner::add(std::string sql, std::string operation, const std::string& table, std::string what, bool alters,
                  bool loses) {
    migration_step step;
    step.sql = std::move(sql);
    step.what = std::move(what);
    step.loses_data = loses;
    step.alters = alters;
    steps_.push_back({std::move(step), std::move(operation), table});
}

result<std::vector<ddl>> planner::plan(std::span<const model_info* const> models) {
    all_ = migration_order(models);
    gather();
    for (const table_models& t : tables_) SKUA_TRY(table(t));
    for (const foreign_key& k : later_) add_constraint(*k.table, k.name, foreign_key_clause(k, run_.of()));
    return std::move(steps_);
}

result<std::vector<ddl>> planner::alter(const model_info& m, const field_info& f) {
    auto stored = run_.columns(m.table);
    if (!stored) return std::move(stored.error());
    const auto at = named(*stored, f.column);
    if (at == stored->end())
        return make_error(errc::invalid_field, "table " + m.table + " has no column " + f.column + " to alter");
    std::vector<foreign_key> keys;
    SKUA_TRY(keys_of({&m, {&m}, nullptr}, keys));
    text_.refers(keys);
    compare(m, f, *at);
    SKUA_TRY(finish_rebuild(m));
    return std::move(steps_);
}

status planner::create(const model_info& m, std::vector<foreign_key> keys) {
    const auto is_later = [&](const foreign_key& k) { return made_later(m, *k.referenced); };
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(later_), is_later);
    std::erase_if(keys, is_later);
    add(text_.create_table(m, keys), "CREATE TABLE", m.table, "create table " + m.table);
    for (const index_info& i : m.indexes)
        add(text_.create_index(m, i), "CREATE INDEX", m.table, "create index " + text_.name_of(i));
    for (const field_info& f : m.fields) comment(m, f);
    return ok;
}

status planner::table(const table_models& t) {
    const model_info& m = *t.all;
    SKUA_TRY(names_fit(m));
    std::vector<foreign_key> keys;
    SKUA_TRY(keys_of(t, keys));
    text_.refers(keys);
    auto there = run_.has_table(m.table);
    if (!there) return std::move(there.error());
    if (!*there) return create(m, std::move(keys));
    auto indexes = run_.indexes(m.table);
    if (!indexes) return std::move(indexes.error());
    edits_.clear();
    edits_what_.clear();
    edits_lose_ = edits_alter_ = false;
    SKUA_TRY(columns(m));
    SKUA_TRY(constraints(m, *indexes, keys));
    SKUA_TRY(finish_rebuild(m));
    auto names = run_.texts(run_.of().indexes_query(), &m.table);  // those on expressions, too
    if (!names) return std::move(names.error());
    for (const index_info& i : m.indexes)
        if (const std::string name = text_.name_of(i); std::find(names->begin(), names->end(), name) == names->end())
            add(text_.create_index(m, i), "CREATE INDEX", m.table, "create index " + name);
    return ok;
}

status planner::columns(const model_info& m) {
    auto stored = run_.columns(m.table);
    if (!stored) return std::move(stored.error());
    for (const field_info& f : m.fields) {
        if (!f.desc->tags.migrated) continue;
        const auto at = named(*stored, f.column);
        if (at != stored->end()) {
            if (alters_) compare(m, f, *at);
            continue;
        }
        add("ALTER TABLE " + text_.quoted(m.table) + " ADD COLUMN " + text_.column(f, true), "ALTER TABLE", m.table,
            "add column " + m.table + "." + f.column);
        comment(m, f);
        if (!f.desc->tags.unique) continue;
        index_info i;
        i.name = text_.unique_name(m, f);
        i.has_given = true;  // it is cut already
        i.unique = true;
        i.columns.emplace_back().column = f.column;
        add(text_.create_index(m, i), "CREATE INDEX", m.table, "create index " + i.name);
    }
    return ok;
}

void planner::comment(const model_info& m, const field_info& f) {
    if (std::string sql = text_.comment(m, f); !sql.empty())
        add(std::move(sql), "COMMENT", m.table, "comment column " + m.table + "." + f.column);
}

void planner::compare(const model_info& m, const field_info& f, const stored_column& stored) {
    if (f.primary || stored.primary || f.auto_increment) return;  // keys are not altered
    if (stored.generated || !f.desc->tags.generated.empty()) return;
    const dialect& d = run_.of();
    const std::string type = text_.type_of(f), standard = text_.default_of(f);
    const bool other_type = !d.same_type(stored.type, type);
    const bool other_null = stored.nullable != f.nullable;
    const bool other_default =
        f.has_literal_default && (!stored.has_default || plain_default(stored.standard) != plain_default(standard));
    if (!other_type && !other_null && !other_default) return;
    std::string what = "alter column " + m.table + "." + f.column + ":";
    if (other_type) what += " type " + stored.type + " to " + type;
    if (other_null) what += std::string(other_type ? "," : "") + (f.nullable ? " allow NULL" : " refuse NULL");
    if (other_default) what += std::string(other_type || other_null ? "," : "") + " default " + standard;
    // Longer text fits; anything else may be cut or converted.
    const std::string_view stored_word = std::string_view(stored.type).substr(0, stored.type.find('('));
    const bool grows = stored_word == std::string_view(type).substr(0, type.find('(')) &&
                       (size_of(type) == 0 || size_of(type) >= size_of(stored.type));
    const bool loses = other_type && !grows;
    const auto statements = d.alter_column({m.table, f.column, type, !f.nullable, standard, f.desc->tags.comment});
    if (statements.empty()) {
        edits_.push_back({table_edit::act::replace_column, f.column, text_.column(f, false)});
        edits_what_ += (edits_what_.empty() ? "" : "; ") + what;
        edits_lose_ = edits_lose_ || loses;
        edits_alter_ = true;
        return;
    }
    for (const std::string& sql : statements) add(sql, "ALTER TABLE", m.table, what, true, loses);
}

status planner::constraints(const model_info& m, const std::vector<stored_index>& indexes,
                            const std::vector<foreign_key>& keys) {
    auto stored = run_.constraints(m.table);
    if (!stored) return std::move(stored.error());
    const auto missing = [&](const std::string& name) { return named(*stored, name) == stored->end(); };
    for (const check_info& c : m.checks)
        if (const std::string name = text_.name_of(c); missing(name)) add_constraint(m, name, text_.check_clause(c));
    for (const field_info& f : m.fields) {
        if (!f.desc->tags.unique || !f.desc->tags.migrated || !missing(text_.unique_name(m, f))) continue;
        // A unique index of this column alone does the same.
        const bool unique = std::any_of(indexes.begin(), indexes.end(), [&](const stored_index& i) {
            return i.unique && i.columns.size() == 1 && i.columns[0] == f.column;
        });
        const bool fresh = std::any_of(steps_.begin(), steps_.end(), [&](const ddl& s) {
            return s.step.what == "create index " + text_.unique_name(m, f);
        });
        if (!unique && !fresh) add_constraint(m, text_.unique_name(m, f), text_.unique_clause(m, f));
    }
    for (const foreign_key& k : keys)
        if (missing(k.name)) add_constraint(m, k.name, foreign_key_clause(k, run_.of()));
    return ok;
}

void planner::add_constraint(const model_info& m, const std::string& name, std::string clause) {
    const std::string what = "create constraint " + name;
    if (run_.of().adds_constraints())
        return add("ALTER TABLE " + text_.quoted(m.table) + " ADD " + clause, "ALTER TABLE", m.table, what);
    edits_.push_back({table_edit::act::add, name, std::move(clause)});
    edits_what_ += (edits_what_.empty() ? "" : "; ") + what;
}

status planner::finish_rebuild(const model_info& m) {
    if (edits_.empty()) return ok;
    // Columns that are to be added are part of the new text: the table is made only once.
    const std::string prefix = "ALTER TABLE " + text_.quoted(m.table) + " ADD COLUMN ";
    std::erase_if(steps_, [&](const ddl& s) {
        if (s.table != m.table || !s.step.sql.starts_with(prefix)) return false;
        edits_.push_back({table_edit::act::add, {}, s.step.sql.substr(prefix.size())});
        edits_what_ += "; " + s.step.what;
        return true;
    });
    auto steps = rebuild_table(run_, m.table, edits_, edits_what_, edits_lose_);
    if (!steps) return std::move(steps.error());
    // Before the indexes that need the new columns.
    const auto at = std::find_if(steps_.begin(), steps_.end(), [&](const ddl& s) { return s.table == m.table; });
    for (ddl& s : *steps) s.step.alters = edits_alter_;
    steps_.insert(at, std::make_move_iterator(steps->begin()), std::make_move_iterator(steps->end()));
    return ok;
}

namespace {

bool rebuilds(const std::vector<ddl>& steps) {
    return std::any_of(steps.begin(), steps.end(), [](const ddl& s) { return s.step.rebuilds; });
}

status run_steps(ddl_runner& run, const std::vector<ddl>& steps) {
    for (const ddl& s : steps) SKUA_TRY(run.send_ddl(s.step.sql, s.operation, s.table));
    if (!rebuilds(steps)) return ok;
    auto broken = run.texts("SELECT \"table\" || ' row ' || rowid FROM pragma_foreign_key_check", nullptr);
    if (!broken) return std::move(broken.error());
    if (broken->empty()) return ok;
    return fail(errc::foreign_key_violated, "the table made anew breaks a foreign key: " + broken->front());
}

// SQLite's foreign keys are off while a table is made anew, on one connection.
class keys_off {
public:
    explicit keys_off(handle& on) : on_(on) {}
    keys_off(const keys_off&) = delete;
    keys_off& operator=(const keys_off&) = delete;
    ~keys_off() {
        if (were_on_) static_cast<void>((*on_.pinned)->link->simple("PRAGMA foreign_keys = ON"));
    }
    status begin(location at, const operation_info& operation) {
        if (!on_.tx && !on_.pinned) {
            auto held = on_.core->pool->acquire(on_.context, at, &operation);
            if (!held) return std::move(held.error());
            on_.pinned = std::make_shared<lease>(std::move(*held));
        }
        ddl_runner run(on_, at, operation);
        auto on = run.texts("SELECT foreign_keys FROM pragma_foreign_keys", nullptr);
        if (!on) return std::move(on.error());
        if (on->empty() || on->front() != "1") return ok;
        if (on_.tx)
            return fail(errc::unsupported,
                        "a table cannot be made anew inside a transaction while foreign keys are enforced");
        SKUA_TRY((*on_.pinned)->link->simple("PRAGMA foreign_keys = OFF"));
        were_on_ = true;
        return ok;
    }

private:
    handle& on_;
    bool were_on_ = false;
};

}  // namespace

status apply_steps(const handle& on, location at, const operation_info& operation, std::vector<ddl> steps,
                   result<std::vector<ddl>> (*replan)(void* arg, ddl_runner& run), void* arg) {
    handle here = on;
    keys_off without(here);
    const bool anew = rebuilds(steps);
    if (anew) SKUA_TRY(without.begin(at, operation));
    auto scope = begin_scope(here, at, &operation);
    if (!scope) return std::move(scope.error());
    const handle_ptr inside = with_scope(here, std::move(*scope));
    ddl_runner run(*inside, at, operation);
    status s;
    if (replan) {
        auto again = replan(arg, run);
        if (!again)
            s = std::move(again.error());
        else if (!anew && rebuilds(*again))
            s = fail(errc::busy, "the tables were changed meanwhile; try again");
        else
            steps = std::move(*again);
    }
    if (s) s = run_steps(run, steps);
    if (s) return commit_scope(*inside, *inside->tx, at, &operation);
    static_cast<void>(rollback_scope(*inside, *inside->tx, at, &operation));  // the first error counts
    return s;
}

namespace {

struct migration {
    std::span<const model_info* const> models;
    bool alter;
};

status migrate(const handle& on, const migration& what, location at, const operation_info& operation) {
    ddl_runner run(on, at, operation);
    auto steps = planner(run, what.alter).plan(what.models);
    if (!steps) return std::move(steps.error());
    if (steps->empty() || on.session.dry_run) return ok;
    migration copy = what;
    return apply_steps(
        on, at, operation, std::move(*steps),
        [](void* arg, ddl_runner& inside) {
            const auto& m = *static_cast<const migration*>(arg);
            return planner(inside, m.alter).plan(m.models);
        },
        &copy);
}

}  // namespace

result<migration_plan> plan_migration(const handle_ptr& on, std::span<const model_info* const> models, location at) {
    operation_info operation;
    operation.verb = "plan_migration";
    handle asking = *on;
    asking.session.dry_run = false;  // the catalogue is read all the same
    ddl_runner run(asking, at, operation);
    auto steps = planner(run, true).plan(models);
    if (!steps) return std::move(steps.error());
    migration_plan plan;
    for (ddl& s : *steps) plan.push_back(std::move(s.step));
    return plan;
}

status auto_migrate(const handle_ptr& on, std::span<const model_info* const> models, migrate_options options,
                    location at) {
    operation_info operation;
    operation.verb = "auto_migrate";
    context inner;
    driver_call told = operation_call(*on, operation, at, inner);
    const hook_scope scope(on->core->pool->hooks(), told);
    handle here = *on;
    if (!inner.empty()) here.context = inner;
    status outcome = migrate(here, {models, options.alter}, at, operation);
    if (!outcome) told.failure = &outcome.error();
    return outcome;
}

}  // namespace skua::orm::detail
