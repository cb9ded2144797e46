// SPDX-License-Identifier: Apache-2.0
// What INSERT, UPDATE and DELETE share.
#include "write.h"

namespace skua::orm::detail {

value_view time_value(tag_time unit, std::int64_t now) {
    const std::int64_t divisor = unit == tag_time::seconds ? 1'000'000'000 : unit == tag_time::milli ? 1'000'000 : 1;
    return unit == tag_time::moment ? value_view::time(now) : value_view::integer(now / divisor);
}

void set_time(const field_info& f, tag_time unit, void* object, std::int64_t now) {
    f.ops->read(f.in(object), time_value(unit, now));
}

namespace {
struct write_job {
    const ast::query* query;
    verb what;
};
}  // namespace

status send_write(statement& run, verb what) {
    const write_job job{&run.query(), what};
    shape s;
    s.add(static_cast<std::uint64_t>(what));
    add_shape(s, *job.query);
    s.self = &job;
    s.render = [](const void* self, const dialect& d) {
        const auto& j = *static_cast<const write_job*>(self);
        return render_query(d, *j.query, j.what);
    };
    value_list values;
    collect_values(values, *job.query, what);
    exec_info told;
    if (run.target_) {  // RETURNING
        target_sink sink(*run.target_, false, run.run_handle_->core->options.null_as_zero);
        if (const auto& wanted = job.query->more->returning; !wanted.empty()) {
            std::vector<target_field> fields;
            for (const column_ref* c : wanted)
                for (const target_field& t : run.target_->fields)
                    if (const field_info* f = resolve_in(*run.model, c); f && f->column == t.column)
                        fields.push_back(t);
            sink.narrow(std::move(fields));
        }
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
        run.rows_affected = sink.rows;
        return std::move(sink.failed);
    }
    SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    run.rows_affected = told.rows_affected;
    return ok;
}

}  // namespace skua::orm::detail
