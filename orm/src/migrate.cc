// SPDX-License-Identifier: Apache-2.0
// Tables, columns and indexes that are missing. Nothing that is there is changed or dropped.
#include "engine.h"
#include "relation/constraint.h"
#include "render/render.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

struct ddl {
    migration_step step;
    std::string operation, table;
};

struct plain_job {
    std::string_view sql, operation, table;
    bool catalogue;
};
render_result render_plain(const void* self, const dialect&) {
    const auto& job = *static_cast<const plain_job*>(self);
    auto made = std::make_unique<statement_info>();
    made->sql = job.sql;
    made->operation = job.operation;
    made->collection = job.table;
    made->summary = made->operation + (job.table.empty() ? "" : " ") + made->collection;
    made->catalogue = job.catalogue;
    made->ddl = !job.catalogue;
    return made;
}

class name_sink final : public row_sink {
public:
    bool row(row_source& source) override {
        std::string name;
        if (read_text(source.column(0), name)) names.push_back(std::move(name));
        return true;
    }
    std::vector<std::string> names;
};

class migrator {
public:
    migrator(const handle& on, location at, const operation_info& operation) : on_(on), d_(on.core->drv->dialect()) {
        run_.operation = operation;
        run_.at = at;
        run_.run_handle_ = &on_;
    }

    result<std::vector<ddl>> plan(std::span<const model_info* const> models) {
        all_ = migration_order(models);
        for (const model_info* m : all_) {
            auto tables = names(d_.tables_query(), m->table);
            if (!tables) return std::move(tables.error());
            if (tables->empty()) {
                SKUA_TRY(create_table(*m));
                for (const index_info& i : m->indexes) create_index(*m, i);
            } else {
                SKUA_TRY(add_missing(*m));
            }
        }
        return std::move(steps_);
    }
    status apply(const std::vector<ddl>& steps) {
        for (const ddl& s : steps) SKUA_TRY(plain({s.step.sql, s.operation, s.table, false}, {}, nullptr));
        return ok;
    }

private:
    status plain(plain_job job, std::span<const value_view> values, row_sink* sink) {
        shape s;
        s.cacheable = false;
        s.self = &job;
        s.render = render_plain;
        exec_info told;
        return send(run_, s, values, sink, told);
    }
    result<std::vector<std::string>> names(std::string_view query, std::string_view table) {
        name_sink sink;
        const value_view argument = value_view::text(table);
        SKUA_TRY(plain({query, "SELECT", {}, true}, {&argument, 1}, &sink));
        return std::move(sink.names);
    }
    std::string quoted(std::string_view name) const {
        std::string out;
        d_.quote(out, name);
        return out;
    }
    void add(std::string sql, std::string operation, const std::string& table, std::string what) {
        steps_.push_back({{std::move(sql), std::move(what), false}, std::move(operation), table});
    }

    std::string default_of(const field_info& f) const {
        if (f.has_literal_default) {
            std::string literal;
            d_.literal(literal, f.literal_default.view());
            return " DEFAULT " + literal;
        }
        const std::string_view text = f.desc->tags.default_value;
        if (!f.default_in_database || text.empty() || text == "(-)") return {};
        return " DEFAULT " + (text.front() == '(' ? std::string(text) : "(" + std::string(text) + ")");
    }
    std::string column(const field_info& f, bool with_zero) const {
        std::string out = quoted(f.column) + " " + d_.type_of(f);
        if (d_.type_has_key(f)) return out;
        if (!f.nullable) out += " NOT NULL";
        const std::string standard = default_of(f);
        out += standard;
        if (with_zero && !f.nullable && standard.empty()) out += " DEFAULT " + std::string(d_.zero_literal(f));
        return out;
    }
    std::string unique_name(const model_info& m, const field_info& f) const {
        return naming::constraint("uni", m.table, f.column, d_.identifier_max());
    }

    status create_table(const model_info& m) {
        std::string sql = "CREATE TABLE " + quoted(m.table) + " (";
        bool key_said = false;
        bool first = true;
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
            if (f.desc->tags.unique)
                sql += ", CONSTRAINT " + quoted(unique_name(m, f)) + " UNIQUE (" + quoted(f.column) + ")";
        for (const check_info& c : m.checks) sql += ", CONSTRAINT " + quoted(c.name) + " CHECK (" + c.expression + ")";
        std::vector<foreign_key> keys;
        SKUA_TRY(add_foreign_keys(m, all_, keys, d_.identifier_max()));
        for (const foreign_key& k : keys) sql += ", " + foreign_key_clause(k, d_);
        add(sql + ")", "CREATE TABLE", m.table, "create table " + m.table);
        return ok;
    }

    void create_index(const model_info& m, const index_info& i) {
        std::string sql = std::string("CREATE ") + (i.unique ? "UNIQUE " : "") + "INDEX " + quoted(i.name) + " ON " +
                          quoted(m.table) + " (";
        for (std::size_t k = 0; k < i.columns.size(); ++k) {
            const index_column& c = i.columns[k];
            sql += k ? ", " : "";
            sql += c.expression.empty() ? quoted(c.column) : c.expression;
            if (!c.collate.empty()) sql += " COLLATE " + c.collate;
            if (!c.sort.empty()) sql += " " + c.sort;
        }
        sql += ")";
        if (!i.where.empty()) sql += " WHERE " + i.where;
        add(std::move(sql), "CREATE INDEX", m.table, "create index " + i.name);
    }

    status add_missing(const model_info& m) {
        auto columns = names(d_.columns_query(), m.table);
        if (!columns) return std::move(columns.error());
        auto indexes = names(d_.indexes_query(), m.table);
        if (!indexes) return std::move(indexes.error());
        const auto has = [](const std::vector<std::string>& list, const std::string& name) {
            return std::find(list.begin(), list.end(), name) != list.end();
        };
        for (const field_info& f : m.fields) {
            if (!f.desc->tags.migrated || has(*columns, f.column)) continue;
            add("ALTER TABLE " + quoted(m.table) + " ADD COLUMN " + column(f, true), "ALTER TABLE", m.table,
                "add column " + m.table + "." + f.column);
            if (f.desc->tags.unique && !has(*indexes, unique_name(m, f))) {
                index_info i;
                i.name = unique_name(m, f);
                i.unique = true;
                i.columns.emplace_back().column = f.column;
                create_index(m, i);
            }
        }
        for (const index_info& i : m.indexes)
            if (!has(*indexes, i.name)) create_index(m, i);
        return ok;
    }

    handle on_;
    const dialect& d_;
    statement run_;
    std::vector<ddl> steps_;
    std::vector<const model_info*> all_;  // tables to be there, in their order
};

}  // namespace

result<migration_plan> plan_migration(const handle_ptr& on, std::span<const model_info* const> models, location at) {
    operation_info operation;
    operation.verb = "plan_migration";
    auto steps = migrator(*on, at, operation).plan(models);
    if (!steps) return std::move(steps.error());
    migration_plan plan;
    for (ddl& s : *steps) plan.push_back(std::move(s.step));
    return plan;
}

status auto_migrate(const handle_ptr& on, std::span<const model_info* const> models, location at) {
    operation_info operation;
    operation.verb = "auto_migrate";
    context inner;
    driver_call told{
        .event = driver_event::operation, .database = &on->core->pool->info(), .handle_context = &on->context};
    told.operation = &operation;
    told.at = at;
    told.inner_context = &inner;
    const auto migrate = [&]() -> status {
        handle here = *on;
        if (!inner.empty()) here.context = inner;
        auto steps = migrator(here, at, operation).plan(models);
        if (!steps) return std::move(steps.error());
        if (steps->empty() || here.session.dry_run) return ok;
        // Somebody else may be migrating: what is missing is asked again where nobody can interfere.
        auto scope = begin_scope(here, at, &operation);
        if (!scope) return std::move(scope.error());
        const handle_ptr inside = with_scope(here, std::move(*scope));
        migrator m(*inside, at, operation);
        steps = m.plan(models);
        status s = steps ? m.apply(*steps) : status(steps.error());
        if (s) return commit_scope(*inside, *inside->tx, at, &operation);
        static_cast<void>(rollback_scope(*inside, *inside->tx, at, &operation));  // the first error counts
        return s;
    };
    const hook_scope scope(on->core->pool->hooks(), told);
    status outcome = migrate();
    if (!outcome) told.failure = &outcome.error();
    return outcome;
}

}  // namespace skua::orm::detail
