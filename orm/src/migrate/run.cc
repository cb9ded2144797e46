// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include "../render/render.h"

namespace skua::orm::detail {
namespace {

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

std::string text_of(row_source& row, int column) {
    std::string text;
    if (column < row.column_count()) static_cast<void>(read_text(row.column(column), text));  // NULL reads as nothing
    return text;
}
bool flag_of(row_source& row, int column) {
    std::int64_t n = 0;
    return read_integer(row.column(column), INT64_MIN, INT64_MAX, n) && n != 0;
}

template <class F>
class rows_to final : public row_sink {
public:
    explicit rows_to(F fn) : fn_(std::move(fn)) {}
    bool row(row_source& source) override {
        fn_(source);
        return true;
    }

private:
    F fn_;
};

}  // namespace

ddl_runner::ddl_runner(const handle& on, location at, const operation_info& operation)
    : on_(on), d_(on.core->drv->dialect()) {
    run_.operation = operation;
    run_.at = at;
    run_.run_handle_ = &on_;
}

const dialect& ddl_runner::of() const noexcept {
    return d_;
}

status ddl_runner::plain(std::string_view sql, std::string_view operation, std::string_view table, bool catalogue,
                         std::span<const value_view> values, row_sink* sink) {
    const plain_job job{sql, operation, table, catalogue};
    shape s;
    s.cacheable = false;
    s.self = &job;
    s.render = render_plain;
    exec_info told;
    return send(run_, s, values, sink, told);
}

status ddl_runner::send_ddl(std::string_view sql, std::string_view operation, std::string_view table) {
    return plain(sql, operation, table, false, {}, nullptr);
}

status ddl_runner::ask(std::string_view query, const std::string* argument, row_sink& sink) {
    const value_view value = argument ? value_view::text(*argument) : value_view();
    return plain(query, "SELECT", {}, true, {&value, argument ? 1U : 0U}, &sink);
}

result<std::vector<std::string>> ddl_runner::texts(std::string_view query, const std::string* argument) {
    std::vector<std::string> found;
    rows_to sink([&](row_source& row) { found.push_back(text_of(row, 0)); });
    SKUA_TRY(ask(query, argument, sink));
    return found;
}

result<bool> ddl_runner::has_table(const std::string& table) {
    auto found = texts(d_.tables_query(), &table);
    if (!found) return std::move(found.error());
    return !found->empty();
}

result<std::vector<stored_column>> ddl_runner::columns(const std::string& table) {
    std::vector<stored_column> found;
    rows_to sink([&](row_source& row) {
        stored_column& c = found.emplace_back();
        c.name = text_of(row, 0);
        c.type = text_of(row, 1);
        c.nullable = flag_of(row, 2);
        c.has_default = !row.column(3).is_null();
        c.standard = text_of(row, 3);
        c.primary = flag_of(row, 4);
        c.automatic = flag_of(row, 6);
        c.generated = flag_of(row, 7);
    });
    SKUA_TRY(ask(d_.column_details_query(), &table, sink));
    return found;
}

result<std::vector<stored_index>> ddl_runner::indexes(const std::string& table) {
    std::vector<stored_index> found;
    rows_to sink([&](row_source& row) {
        std::string name = text_of(row, 0);
        if (found.empty() || found.back().name != name) found.push_back({std::move(name), flag_of(row, 1), {}});
        found.back().columns.push_back(text_of(row, 3));
    });
    SKUA_TRY(ask(d_.index_details_query(), &table, sink));
    return found;
}

result<std::vector<stored_constraint>> ddl_runner::constraints(const std::string& table) {
    std::vector<stored_constraint> found;
    rows_to sink([&](row_source& row) {
        const std::string kind = text_of(row, 1);
        found.push_back({text_of(row, 0), kind.empty() ? 'c' : kind[0]});
    });
    SKUA_TRY(ask(d_.constraints_query(), &table, sink));
    return found;
}

std::string ddl_runner::quoted(std::string_view name) const {
    std::string out;
    d_.quote(out, name);
    return out;
}

}  // namespace skua::orm::detail
