// SPDX-License-Identifier: Apache-2.0
// INSERT: which columns, how many rows at once, what comes back.
#include "write.h"

#include <algorithm>
#include <bitset>

namespace skua::orm::detail {
namespace {

constexpr std::size_t max_fields = 260;
constexpr std::size_t max_rows_of_insert = 1000;  // more gain nothing, and the text gets long
constexpr std::size_t max_sets = 256;             // of one statement, sent at once
constexpr std::size_t max_values = 1U << 16U;     // of all of them, so that they stay few
using field_mask = std::bitset<max_fields>;

struct insert_job {
    const model_info* model;
    field_mask mask;
    std::size_t rows;
    const ast::conflict* conflict;
    bool returning;
};

std::vector<const field_info*> returned_fields(const insert_job& job) {
    std::vector<const field_info*> out;
    for (std::size_t i = 0; i < job.model->fields.size(); ++i) {
        const field_info& f = job.model->fields[i];
        if (!job.mask[i] && (f.auto_increment || f.default_in_database) && f.desc->tags.readable) out.push_back(&f);
    }
    return out;
}

render_result render_insert_job(const void* self, const dialect& d) {
    const auto& job = *static_cast<const insert_job*>(self);
    insert_shape what;
    what.model = job.model;
    what.rows = job.rows;
    what.conflict = job.conflict;
    for (std::size_t i = 0; i < job.model->fields.size(); ++i)
        if (job.mask[i]) what.columns.push_back(&job.model->fields[i]);
    if (job.returning) what.returning = returned_fields(job);
    return render_insert(d, what);
}

void shape_of_insert(shape& s, const insert_job& job) {
    s.add(std::uint64_t{50});
    s.add(job.model);
    field_mask rest = job.mask;
    for (std::size_t at = 0; at < job.model->fields.size(); at += 64) {
        s.add((rest & field_mask(~std::uint64_t{0})).to_ullong());
        rest >>= 64;
    }
    s.add(job.rows << 1 | (job.returning ? 1U : 0U));
    if (job.conflict) {
        s.add(static_cast<std::uint64_t>(job.conflict->what) << 32 | job.conflict->columns.size());
        for (const column_ref* c : job.conflict->columns) s.add(c);
        for (const column_ref* c : job.conflict->update) s.add(c);
        for (const field_info* f : job.conflict->update_fields) s.add(f);
        for (const assignment& a : job.conflict->set) {
            s.add(a.column);
            add_shape_of(s, a.to);
        }
        add_shape_of(s, job.conflict->where);
        add_shape_of(s, job.conflict->target_where);
        s.add_text(job.conflict->constraint);
    }
    // Odd widths of a last chunk are not worth a place in the cache.
    s.cacheable = job.rows <= 8 || job.rows == 10 || job.rows % 100 == 0;
    s.self = &job;
    s.render = render_insert_job;
}

// Fills in defaults and times; returns the columns to send.
field_mask prepare_object(const statement& run, void* object, std::int64_t now) {
    const model_info& m = *run.model;
    const bool chosen = run.part_ != nullptr;
    field_mask mask;
    for (std::size_t i = 0; i < m.fields.size(); ++i) {
        const field_info& f = m.fields[i];
        if (!f.desc->tags.creatable) continue;
        const bool timed = f.auto_create != tag_time::off || f.auto_update != tag_time::off;
        if (chosen && !listed(run, f) && !timed && !(f.primary && !f.auto_increment)) continue;
        void* member = f.in(object);
        const bool interesting = timed || f.auto_increment || f.default_in_database || f.has_literal_default;
        if (interesting && f.ops->is_zero(member)) {
            if (f.auto_create != tag_time::off)
                set_time(f, f.auto_create, object, now);
            else if (f.auto_update != tag_time::off)
                set_time(f, f.auto_update, object, now);
            else if (f.has_literal_default)
                f.ops->read(member, f.literal_default.view());
            else
                continue;
        }
        mask.set(i);
    }
    return mask;
}

// Takes what RETURNING gives, object by object. A row that was not written is not returned, and missing only in its
// own set.
class returning_sink final : public row_sink {
public:
    returning_sink(object_span objects, std::size_t rows_of_set, std::vector<const field_info*> fields)
        : objects_(objects), rows_(rows_of_set), fields_(std::move(fields)) {}
    void set_ended() override { next_ = rows_ * ++sets_; }
    bool row(row_source& source) override {
        if (next_ == objects_.count) return false;
        void* object = objects_.at(next_++);
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (fields_[i]->ops->read(fields_[i]->in(object), source.column(static_cast<int>(i))) ==
                read_status::mismatch)
                failed = fail(errc::invalid_data,
                              "column " + fields_[i]->column + " does not fit its member's type or range");
        return true;
    }
    status failed;

private:
    object_span objects_;
    std::size_t rows_, sets_ = 0;
    std::vector<const field_info*> fields_;
    std::size_t next_ = 0;
};

void add_conflict_values(value_list& values, const ast::conflict& conflict) {
    const auto add = [&](const expr& e) {
        for (const value& v : e.values) values.push_back(v.view());
    };
    add(conflict.target_where);
    for (const assignment& a : conflict.set) add(a.to);
    add(conflict.where);
}

// One statement, `sets` times. REQUIRES: chunk.count is a multiple of it.
status insert_chunk(statement& run, object_span chunk, std::size_t sets, const field_mask& mask, bool returning,
                    const ast::conflict* conflict) {
    const model_info& m = *run.model;
    const insert_job job{&m, mask, chunk.count / sets, conflict, returning};
    shape s;
    shape_of_insert(s, job);
    scratch keeper;
    small<std::uint16_t, 64> written;  // columns
    for (std::size_t i = 0; i < m.fields.size(); ++i)
        if (mask[i]) written.push_back(static_cast<std::uint16_t>(i));
    value_list values;
    values.reserve(chunk.count * written.size());
    for (std::size_t row = 0; row < chunk.count; ++row) {
        const void* const object = chunk.at(row);
        for (const std::uint16_t i : written) values.push_back(m.fields[i].ops->view(m.fields[i].in(object), keeper));
        if (conflict && (row + 1) % job.rows == 0) add_conflict_values(values, *conflict);
    }
    exec_info told;
    if (returning) {
        returning_sink sink(chunk, job.rows, returned_fields(job));
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told, sets));
        run.rows_affected += told.rows_affected;
        return std::move(sink.failed);
    }
    SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    run.rows_affected += told.rows_affected;
    if (m.prioritized_key < 0 || run.run_handle_->session.dry_run) return ok;
    const auto key = static_cast<std::size_t>(m.prioritized_key);
    const field_info& f = m.fields[key];
    if (!f.auto_increment || mask[key] || told.rows_affected != static_cast<std::int64_t>(chunk.count)) return ok;
    const bool last = run.run_handle_->core->drv->dialect().ids() == insert_ids::last_is_last;
    std::int64_t id = last ? told.last_id - told.rows_affected + 1 : told.last_id;
    for (std::size_t row = 0; row < chunk.count; ++row, id += told.id_step)
        f.ops->read(f.in(chunk.at(row)), value_view::integer(id));
    return ok;
}

// Whether ids and defaults must be asked for: last_id tells only the ids of rows that were all inserted.
bool needs_returning(const dialect& d, const model_info& m, const field_mask& mask, const ast::conflict* conflict) {
    const bool ids_by_returning = d.ids() == insert_ids::returning;
    for (std::size_t i = 0; i < m.fields.size(); ++i) {
        const field_info& f = m.fields[i];
        if (mask[i] || !f.desc->tags.readable) continue;
        if (f.default_in_database || (f.auto_increment && (conflict || ids_by_returning))) return true;
    }
    return false;
}

std::size_t rows_of_chunk(const statement& run, const field_mask& mask, bool returning_by_row) {
    if (returning_by_row) return 1;
    const std::size_t columns = std::max<std::size_t>(1, mask.count());
    const std::size_t limit = mask.none() ? 1 : run.run_handle_->core->pool->bind_limit() / columns;
    const handle& on = *run.run_handle_;
    const std::size_t said = on.session.batch_size ? on.session.batch_size : on.core->options.batch_size;
    return std::clamp<std::size_t>(limit, 1, said ? said : max_rows_of_insert);
}

// create of assignments: a row made of expressions; what the model fills in by itself is added.
status insert_assignments(statement& run) {
    const std::int64_t now = now_ns(*run.run_handle_);
    const model_info& m = *run.model;
    for (const field_info& f : m.fields) {
        auto& set = run.mutable_query().set;
        const bool said = std::any_of(set.begin(), set.end(), [&](const assignment& a) {
            return a.field == &f || (a.column && resolve_in(m, a.column) == &f);
        });
        const tag_time unit = f.auto_create != tag_time::off ? f.auto_create : f.auto_update;
        if (said || (unit == tag_time::off && !f.has_literal_default)) continue;
        expr e;
        e.push_value(unit == tag_time::off ? f.literal_default : value(time_value(unit, now)));
        set.push_back({nullptr, std::move(e), &f});
    }
    return send_write(run, verb::insert);
}

}  // namespace

status create_rows(statement& run) {
    const model_info& m = *run.model;
    if (run.inserts_) return insert_assignments(run);
    if (m.fields.size() > max_fields) return fail(errc::invalid_value, "the model has more than 260 columns");
    const std::int64_t now = now_ns(*run.run_handle_);
    field_mask mask = prepare_object(run, run.objects.at(0), now);
    for (std::size_t at = 0; at < run.objects.count;) {
        // As many of the following as have the same columns and fit into one statement.
        const bool returning = needs_returning(run.run_handle_->core->drv->dialect(), m, mask, run.conflict_);
        const std::size_t rows = rows_of_chunk(run, mask, returning && run.conflict_);
        // RETURNING tells the ids of each statement by itself: several go out at once.
        const std::size_t sets = max_values / (rows * std::max<std::size_t>(1, mask.count()));
        const std::size_t most = returning ? rows * std::clamp<std::size_t>(sets, 1, max_sets) : rows;
        std::size_t end = at + 1;
        field_mask following = mask;
        while (end < run.objects.count) {
            following = prepare_object(run, run.objects.at(end), now);
            if (following != mask || end - at == most) break;
            ++end;
        }
        if (end < run.objects.count || end - at > rows) SKUA_TRY(ensure_transaction(run));
        const std::size_t whole = (end - at) / rows * rows;
        if (whole > 0)
            SKUA_TRY(insert_chunk(run, run.objects.part(at, whole), whole / rows, mask, returning, run.conflict_));
        if (at + whole < end)
            SKUA_TRY(
                insert_chunk(run, run.objects.part(at + whole, end - at - whole), 1, mask, returning, run.conflict_));
        at = end;
        mask = following;
    }
    return ok;
}

}  // namespace skua::orm::detail
