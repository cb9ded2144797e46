// SPDX-License-Identifier: Apache-2.0
// What the writing and the reading half of association mode share.
#pragma once

#include "relation.h"
#include "run.h"

#include <string>

#include <skua/orm/association.hpp>

namespace skua::orm::detail {

field_list key_of_model(const model_info& m);
bool has_all_keys(const field_list& key, const void* object);
// The statement that stands for the whole call.
statement outer_statement(const handle_ptr& on, const association_call& call, std::string_view verb);
// The relation exists, and the owners are rows.
status check_owners(const association_call& call);

// An operation of its own: told to listeners, its statements in one transaction
// when they write.
template <class F>
status as_operation(statement& outer, bool writes, F body) {
    const handle& on = *outer.run_handle_;
    driver_call told = operation_call(on, outer.operation, outer.at, outer.context_);
    if (on.tx) told.transaction = &on.tx->state->info;
    status outcome;
    {
        const hook_scope scope(on.core->pool->hooks(), told);
        if (writes) outcome = ensure_transaction(outer);
        if (outcome) outcome = body();
        outer.outcome_ = outcome;
        const status ended = commit_or_rollback(outer);
        if (outcome) outcome = ended;
        if (!outcome) {
            if (outcome.error().operation.empty())
                outcome.error().operation =
                    std::string(outer.operation.verb) + " " + std::string(outer.operation.model);
            if (!outcome.error().at.line) outcome.error().at = outer.at;
            told.failure = &outcome.error();
        }
    }
    return outcome;
}

}  // namespace skua::orm::detail
