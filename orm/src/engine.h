// SPDX-License-Identifier: Apache-2.0
// Shared by the built-in callbacks.
#pragma once

#include "core.h"

#include <vector>

namespace skua::orm::detail {

const context& context_of(const statement& run) noexcept;
// Not after the end of its transaction.
status usable(const handle& on);
// Puts what follows into a transaction, unless it is in one; commit_or_rollback ends it.
status ensure_transaction(statement& run);
status call_hooks(statement& run, hook_point point);

// What listeners are told of an operation. All four outlive the call; `inner`: set_inner_context()'s.
inline driver_call operation_call(const handle& on, const operation_info& operation, location at, context& inner) {
    driver_call call{
        .event = driver_event::operation, .database = &on.core->pool->info(), .handle_context = &on.context};
    call.operation = &operation;
    call.at = at;
    call.inner_context = &inner;
    return call;
}

class join_reader;

// Reads rows into a target.
class target_sink final : public row_sink {
public:
    target_sink(row_target& target, bool by_name, bool null_as_zero) noexcept
        : target_(target), fields_(target.fields), by_name_(by_name), null_as_zero_(null_as_zero) {}
    bool row(row_source& source) override;
    // Only these of the target's fields are in the statement.
    void narrow(std::vector<target_field> fields) {
        own_ = std::move(fields);
        fields_ = own_;
    }

    // Reads joined objects behind the fields.
    void then(join_reader& joined) noexcept { joined_ = &joined; }

    status failed;
    std::int64_t rows = 0;

private:
    bool plan(row_source& source);
    void refuse(read_status got, std::string_view column);

    row_target& target_;
    std::span<const target_field> fields_;
    std::vector<target_field> own_;
    bool by_name_, null_as_zero_, planned_ = false;
    join_reader* joined_ = nullptr;
};

// The values written in where the placeholders are: for people.
std::string explain(std::string_view sql, std::span<const value_view> values);

// Built-in callbacks.
status begin_transaction(statement& run);
status commit_or_rollback(statement& run);
status create_rows(statement& run);
status query_rows(statement& run);
status update_rows(statement& run);
status remove_rows(statement& run);
status raw_rows(statement& run);

}  // namespace skua::orm::detail
