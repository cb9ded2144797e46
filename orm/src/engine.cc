// SPDX-License-Identifier: Apache-2.0
// Runs a statement: operation hook, callback chain, connection, prepared statement, rows.
#include "engine.h"

#include "chain.h"
#include "core.h"
#include "relation/join.h"

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace skua::orm {

database statement::db() const {
    auto made = std::make_shared<detail::handle>(*run_handle_);
    made->source = nullptr;  // each statement is asked for anew
    if (!context_.empty()) made->context = context_;
    return database(std::move(made));
}

bool statement::use(const connection_source& from) {
    if (run_handle_->tx || run_handle_->pinned || run_handle_->core.get() != from.of()) return false;
    auto made = std::make_shared<detail::handle>(*run_handle_);
    made->source = from.pool();
    source_handle_ = std::move(made);
    run_handle_ = source_handle_.get();
    return true;
}

bool statement::in_transaction() const noexcept {
    return run_handle_->tx != nullptr;
}
const context& statement::run_context() const noexcept {
    return detail::context_of(*this);
}
std::string_view statement::raw_text() const noexcept {
    if (!raw_) return {};
    for (const node& n : raw_->nodes) {
        if (n.kind == node_kind::text) return {static_cast<const char*>(n.what), n.size};
        if (n.kind == node_kind::owned_text) return *raw_->owned->texts[n.size];
    }
    return {};
}

ast::query& statement::mutable_query() {
    if (!own_query_) {
        made_query_ = query_ ? std::make_unique<ast::query>(*query_) : std::make_unique<ast::query>();
        query_ = own_query_ = made_query_.get();
    }
    return *own_query_;
}

namespace detail {

error make_error(errc code, std::string message) {
    error e;
    e.code = code;
    e.message = std::move(message);
    return e;
}

namespace {
std::int64_t clock_ns(clockid_t which) noexcept {
    timespec t{};
    clock_gettime(which, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}
}  // namespace

std::int64_t monotonic_ns() noexcept {
    return clock_ns(CLOCK_MONOTONIC);
}
std::int64_t coarse_ns() noexcept {
    return clock_ns(CLOCK_MONOTONIC_COARSE);
}
std::int64_t now_ns(const handle& on) {
    const std::int64_t ns = on.session.now         ? to_unix_ns(on.session.now())
                            : on.core->options.now ? to_unix_ns(on.core->options.now())
                                                   : clock_ns(CLOCK_REALTIME);
    const std::int64_t unit = on.core->drv->dialect().time_unit_ns();  // what is read back is what was written
    return ns - ns % unit;
}

const context& context_of(const statement& run) noexcept {
    return run.context_.empty() ? run.run_handle_->context : run.context_;
}

namespace {

void complete(error& e, const statement& run) {
    if (e.operation.empty()) {
        e.operation = run.operation.verb;
        if (!run.operation.model.empty()) e.operation.append(" ").append(run.operation.model);
    }
    if (e.sql.empty() && run.rendered) e.sql = run.rendered->sql;
    if (!e.at.line) e.at = run.at;
}

// Others tell the name, not the columns.
void name_columns(error& e, const model_info& model, const dialect& d) {
    for (const index_info& i : model.indexes) {
        if (d.kept_name(i.name, i.has_given) != e.constraint) continue;
        for (const index_column& c : i.columns) e.column += (e.column.empty() ? "" : ", ") + c.column;
        e.table = model.table;
        std::string full = e.column;
        for (std::size_t at = 0; (at = full.find(", ", at)) != std::string::npos; at += model.table.size() + 3)
            full.insert(at + 2, model.table + ".");
        e.message += " (" + model.table + "." + full + ")";
        return;
    }
}

// SQLite tells the columns of a violated unique constraint, not its name: the model knows it.
void name_constraint(error& e, const statement& run) {
    const model_info* model = run.model;
    const dialect& d = run.run_handle_->core->drv->dialect();
    if (!model || e.code != errc::duplicated_key) return;
    if (!e.constraint.empty() && e.column.empty()) return name_columns(e, *model, d);
    if (!e.constraint.empty() || e.column.empty()) return;
    for (const index_info& i : model->indexes) {
        std::string columns;
        for (const index_column& c : i.columns)
            columns += (columns.empty() ? "" : ", ") + model->table + "." + c.column;
        if (i.unique && columns == e.column) {
            e.constraint = d.kept_name(i.name, i.has_given);
            e.message = "unique constraint \"" + e.constraint + "\" violated (" + e.column + ")";
            break;
        }
    }
    if (e.column.starts_with(model->table + ".") && e.column.find(',') == std::string::npos)
        e.column.erase(0, model->table.size() + 1);
}

class log_watch {
public:
    log_watch(const handle& on) noexcept
        : log_(on.session.logger ? *on.session.logger : *on.core->log),
          slow_ns_(on.core->options.slow.count()),
          with_values_(on.core->options.log_values) {
        threshold_ = log_.threshold();
        if (threshold_ == level::silent) return;
        began_ = threshold_ == level::info ? monotonic_ns() : slow_ns_ ? coarse_ns() : 0;
    }
    void finish(const statement& run, std::span<const value_view> values, const status& outcome, std::int64_t rows) {
        if (threshold_ == level::silent) return;
        const std::int64_t took = !began_ ? 0 : (threshold_ == level::info ? monotonic_ns() : coarse_ns()) - began_;
        const bool slow = slow_ns_ && took > slow_ns_;
        if (outcome && !slow && threshold_ != level::info) return;
        tell(run, values, outcome, rows, took, slow);
    }

private:
    void tell(const statement& run, std::span<const value_view> values, const status& outcome, std::int64_t rows,
              std::int64_t took, bool slow) {
        log_record record;
        record.severity = !outcome ? level::error : slow ? level::warn : level::info;
        if (record.severity > threshold_) return;
        std::string explained;
        if (with_values_) explained = explain(run.sql(), values);
        record.sql = with_values_ ? std::string_view(explained) : run.sql();
        record.rows = rows;
        record.duration_ns = took;
        record.slow = slow;
        record.failure = outcome ? nullptr : &outcome.error();
        record.at = run.at;
        log_.write(record);
    }

    logger& log_;
    level threshold_;
    std::int64_t slow_ns_;
    bool with_values_;
    std::int64_t began_ = 0;
};

driver_call call_of(driver_event event, const statement& run, const pooled& c) {
    driver_call call{.event = event, .database = &pool_of(*run.run_handle_).info(), .handle_context = &context_of(run)};
    call.operation = &run.operation;
    call.at = run.at;
    call.connection = c.number;
    call.marks = const_cast<std::uint64_t*>(c.marks);
    if (run.run_handle_->tx) call.transaction = &run.run_handle_->tx->state->info;
    return call;
}

result<std::unique_ptr<prepared>> prepare(const statement& run, pooled& c) {
    driver_call call = call_of(driver_event::prepare, run, c);
    call.statement = run.rendered.get();
    status failed;
    const hook_scope told(run.run_handle_->core->pool->hooks(), call);
    auto made = c.link->prepare(run.rendered->sql, run.rendered->cacheable);
    if (!made) {
        failed = status(made.error());
        call.failure = &failed.error();
    }
    return made;
}

// What one statement is sent with.
struct sending {
    std::span<const value_view> values;
    std::size_t sets;
    row_sink* sink;
    exec_info& told;
};

status execute_on(const statement& run, connection& link, prepared& p, const sending& what) {
    const context& said = context_of(run);
    const context* limits = said.empty() ? nullptr : &said;
    return what.sets == 1 ? link.execute(p, what.values, what.sink, limits, what.told)
                          : link.execute_each(p, what.values, what.sets, what.sink, limits, what.told);
}

status execute_told(statement& run, pooled& c, prepared& p, bool cached, const sending& what) {
    driver_call call = call_of(driver_event::execute, run, c);
    call.statement = run.rendered.get();
    call.parameters = what.values.data();
    call.parameter_count = what.values.size();
    if (what.sets > 1) call.batch_size = static_cast<std::uint32_t>(what.sets);
    call.cached = cached;
    call.writes = p.writes();
    status s;
    const hook_scope scope(run.run_handle_->core->pool->hooks(), call);
    s = execute_on(run, *c.link, p, what);
    call.rows_affected = what.told.rows_affected;
    call.rows_returned = what.told.rows_returned;
    if (!s) {
        complete(s.error(), run);
        name_constraint(s.error(), run);
        call.failure = &s.error();
    }
    return s;
}

status execute(statement& run, pooled& c, prepared& p, bool cached, const sending& what) {
    const handle& on = *run.run_handle_;
    if (on.tx && p.writes()) on.tx->state->info.wrote = true;
    if (on.core->pool->hooks().current()) return execute_told(run, c, p, cached, what);
    status s = execute_on(run, *c.link, p, what);
    if (!s) {
        complete(s.error(), run);
        name_constraint(s.error(), run);
    }
    return s;
}

void note_damage(const handle& on, pooled& c, error& e) {
    if (e.poisons == poison::connection) c.broken = true;
    if (on.tx && (c.broken || !c.link->in_transaction())) {
        on.tx->state->open = false;
        if (e.poisons == poison::nothing) e.poisons = poison::transaction;
    }
}

status on_connection(statement& run, const shape& what, pooled& c, const sending& sent) {
    const bool keep = what.cacheable && !run.run_handle_->session.skip_prepared;
    statement_cache::entry* e = keep ? c.statements.find(what) : nullptr;
    if (e) {
        run.rendered = e->statement;
        return execute(run, c, *e->handle, true, sent);
    }
    result<rendered_ptr> text =
        run.run_handle_->core->shapes.find_or_render(what, run.run_handle_->core->drv->dialect());
    if (!text) return std::move(text.error());
    run.rendered = std::move(*text);
    auto made = prepare(run, c);
    if (!made) {
        complete(made.error(), run);
        return std::move(made.error());
    }
    if (!keep || c.statements.capacity() == 0) return execute(run, c, **made, false, sent);
    e = c.statements.insert(what, run.rendered, std::move(*made));
    return execute(run, c, *e->handle, false, sent);
}

}  // namespace

status usable(const handle& on) {
    if (!on.tx) return ok;
    if (on.tx->ended || !on.tx->state->open) return fail(errc::invalid_transaction, "the transaction has ended");
    return ok;
}

status send(statement& run, const shape& what, std::span<const value_view> values, row_sink* sink, exec_info& told,
            std::size_t sets) {
    const sending sent{values, sets, sink, told};
    const handle& on = *run.run_handle_;
    if (on.session.dry_run) {
        result<rendered_ptr> text = on.core->shapes.find_or_render(what, on.core->drv->dialect());
        if (!text) return std::move(text.error());
        run.rendered = std::move(*text);
        return ok;
    }
    SKUA_TRY(usable(on));
    log_watch watch(on);
    status s;
    if (on.tx || on.pinned) {
        pooled& c = on.tx ? *on.tx->state->connection : **on.pinned;
        s = on_connection(run, what, c, sent);
        if (!s) note_damage(on, c, s.error());
    } else {
        result<lease> held = pool_of(on).acquire(context_of(run), run.at, &run.operation);
        if (!held) {
            complete(held.error(), run);
            return std::move(held.error());
        }
        s = on_connection(run, what, **held, sent);
        if (!s) note_damage(on, **held, s.error());
    }
    watch.finish(run, values, s, sink ? told.rows_returned : told.rows_affected);
    return s;
}

namespace {
void run_told(const chain& c, statement& run) {
    driver_call call = operation_call(*run.run_handle_, run.operation, run.at, run.context_);
    if (run.run_handle_->tx) call.transaction = &run.run_handle_->tx->state->info;
    const hook_scope told(run.run_handle_->core->pool->hooks(), call);
    run_chain(c, run);
    (run.kind == processor_kind::query ? call.rows_returned : call.rows_affected) = run.rows_affected;
    if (!run.outcome_) {
        complete(run.outcome_.error(), run);
        call.failure = &run.outcome_.error();
    }
}
}  // namespace

status run_statement(statement& run) {
    const database_core& core = *run.run_handle_->core;
    const chain& c = chain_of(core, run.kind);
    run.user_callbacks_ = c.user;
    run.skip_hooks = run.skip_hooks || run.run_handle_->session.skip_hooks;
    if (run.model && run.operation.model.empty()) {
        run.operation.model = run.model->name;
        run.operation.table = run.model->table;
    }
    if (status s = usable(*run.run_handle_); !s) {
        complete(s.error(), run);
        return s;
    }
    const std::int64_t allowed = core.options.default_timeout.count();
    if (allowed > 0 && !run.run_handle_->context.deadline_ns())
        run.context_ = run.run_handle_->context.timeout(core.options.default_timeout);
    if (run.run_handle_->session.dry_run || run.depth_ > 0 || !core.pool->hooks().current())
        run_chain(c, run);
    else
        run_told(c, run);
    if (!run.outcome_) complete(run.outcome_.error(), run);
    return std::move(run.outcome_);
}

bool target_sink::row(row_source& source) {
    if (!planned_ && !plan(source)) return false;
    constexpr int at_once = 24;
    // Only what columns() writes is read: clearing the rest would cost more than reading a narrow row.
    alignas(value_view) std::byte room[at_once * sizeof(value_view)];
    auto* const values = reinterpret_cast<value_view*>(room);
    char* object = static_cast<char*>(target_.next(target_.self));
    if (target_.take) target_.take(object, source);
    const int count = static_cast<int>(fields_.size());
    for (int from = 0; from < count; from += at_once) {
        const int some = std::min(at_once, count - from);
        source.columns(from, some, values);
        const target_field* f = fields_.data() + from;
        for (int i = 0; i < some; ++i, ++f) {
            const read_status got = f->ops->read(object + f->offset, values[i]);
            if (got == read_status::good) continue;
            if (got == read_status::null && null_as_zero_) {
                f->ops->clear(object + f->offset);
                continue;
            }
            refuse(got, source.column_name(from + i));
            return false;
        }
    }
    if (joined_) {
        failed = joined_->read(object, source, count);
        if (!failed) {
            target_.drop(target_.self);
            return false;
        }
    }
    ++rows;
    if (target_.ready && !target_.ready(target_.self)) return false;
    return target_.max_rows < 0 || rows < target_.max_rows;
}

void target_sink::refuse(read_status got, std::string_view column) {
    target_.drop(target_.self);
    const std::string name(column);
    failed = got == read_status::null
                 ? make_error(errc::null_value,
                              "column " + name + " is NULL; got NULL; want a value (make the member a std::optional)")
                 : make_error(errc::invalid_data, "column " + name + " does not fit its member's type or range");
    failed.error().column = name;
}

bool target_sink::plan(row_source& source) {
    planned_ = true;
    if (target_.take) return true;
    const auto columns = static_cast<std::size_t>(source.column_count());
    if (!by_name_) {
        if (columns >= fields_.size()) return true;
        failed = make_error(errc::invalid_field, "the statement returns " + std::to_string(columns) +
                                                     " columns; want " + std::to_string(fields_.size()));
        return false;
    }
    std::vector<target_field> named;
    for (std::size_t i = 0; i < columns; ++i) {
        const std::string_view name = source.column_name(static_cast<int>(i));
        const target_field* found = nullptr;
        for (const target_field& f : target_.fields)
            if (f.column == name) found = &f;
        if (!found) {
            failed =
                make_error(errc::invalid_field, "result column \"" + std::string(name) + "\" has no member to go to");
            failed.error().column = name;
            return false;
        }
        named.push_back(*found);
    }
    own_ = std::move(named);
    fields_ = own_;
    return true;
}

}  // namespace detail
}  // namespace skua::orm
