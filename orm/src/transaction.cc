// SPDX-License-Identifier: Apache-2.0
#include "core.h"
#include "engine.h"

#include <algorithm>

namespace skua::orm {
namespace detail {
namespace {

driver_call call_of(driver_event event, const handle& on, tx_state& state, location at,
                    const operation_info* operation) {
    driver_call call{.event = event, .database = &pool_of(on).info(), .handle_context = &on.context};
    call.operation = operation;
    call.at = at;
    call.transaction = &state.info;
    call.connection = state.connection->number;
    call.marks = state.connection->marks;
    return call;
}

status simple(driver_event event, const handle& on, tx_state& state, std::string_view sql, std::string_view savepoint,
              location at, const operation_info* operation) {
    driver_call call = call_of(event, on, state, at, operation);
    call.savepoint = savepoint;
    status s;
    const hook_scope told(on.core->pool->hooks(), call);
    s = state.connection->link->simple(sql);
    if (!s) {
        s.error().at = at;
        s.error().operation = to_string(event);
        if (s.error().poisons == poison::connection) state.connection->broken = true;
        call.failure = &s.error();
    }
    return s;
}

std::string savepoint_name(int level) {
    return "sp_" + std::to_string(level);
}

void end_transaction(tx_scope& scope) noexcept {
    scope.ended = true;
    scope.state->open = false;
    for (auto& kept : scope.state->info.state) kept.reset();
    if (scope.state->connection->link->in_transaction()) scope.state->connection->broken = true;
    scope.state->connection.give_back();
}

error ended(std::string_view verb, location at) {
    error e = make_error(errc::invalid_transaction, "the transaction has ended");
    e.operation = verb;
    e.at = at;
    return e;
}

}  // namespace

handle_ptr with_scope(const handle& on, std::shared_ptr<tx_scope> scope) {
    auto made = std::make_shared<handle>(on);
    made->tx = std::move(scope);
    return made;
}

result<std::shared_ptr<tx_scope>> begin_scope(const handle& on, location at, const operation_info* operation) {
    if (on.tx) {
        if (on.tx->ended || !on.tx->state->open) return ended("begin", at);
        tx_state& state = *on.tx->state;
        if (on.session.disable_nested_transaction)
            return std::make_shared<tx_scope>(tx_scope{on.tx->state, on.tx->level, false, true});
        const int level = state.depth + 1;
        const std::string name = savepoint_name(level);
        SKUA_TRY(simple(driver_event::savepoint, on, state, "SAVEPOINT " + name, name, at, operation));
        state.depth = level;
        return std::make_shared<tx_scope>(tx_scope{on.tx->state, level, false});
    }
    result<lease> held = on.pinned ? lease(nullptr, &**on.pinned) : pool_of(on).acquire(on.context, at, operation);
    if (!held) {
        held.error().operation = "begin";
        held.error().at = at;
        return std::move(held.error());
    }
    auto state = std::make_shared<tx_state>(std::move(*held));
    state->info.id = on.core->next_transaction.fetch_add(1, std::memory_order_relaxed);
    SKUA_TRY(simple(driver_event::begin, on, *state, on.core->drv->dialect().begin(true), {}, at, operation));
    state->open = true;
    return std::make_shared<tx_scope>(tx_scope{std::move(state), 0, false});
}

status commit_scope(const handle& on, tx_scope& scope, location at, const operation_info* operation) {
    tx_state& state = *scope.state;
    if (scope.part && !scope.ended) {
        scope.ended = true;
        return state.open ? ok : status(ended("commit", at));
    }
    if (scope.ended || !state.open || state.depth < scope.level) {
        scope.ended = true;
        if (scope.level == 0 && state.connection) end_transaction(scope);
        return ended("commit", at);
    }
    if (scope.level > 0) {
        const std::string name = savepoint_name(scope.level);
        SKUA_TRY(simple(driver_event::release_savepoint, on, state, "RELEASE SAVEPOINT " + name, name, at, operation));
        scope.ended = true;
        state.depth = scope.level - 1;
        return ok;
    }
    status s = simple(driver_event::commit, on, state, "COMMIT", {}, at, operation);
    if (!s && state.connection->link->in_transaction() && !state.connection->broken)
        static_cast<void>(
            simple(driver_event::rollback, on, state, "ROLLBACK", {}, at, operation));  // COMMIT's error counts
    end_transaction(scope);
    return s;
}

status rollback_scope(const handle& on, tx_scope& scope, location at, const operation_info* operation) {
    tx_state& state = *scope.state;
    if (scope.ended) return ended("rollback", at);
    if (scope.part) {  // the whole is rolled back by whom the failure reaches
        scope.ended = true;
        return ok;
    }
    if (!state.open) {  // an error has ended it: nothing is left to undo
        scope.ended = true;
        if (scope.level == 0 && state.connection) end_transaction(scope);
        return ok;
    }
    if (scope.level > 0) {
        if (state.depth < scope.level) return ended("rollback", at);
        const std::string name = savepoint_name(scope.level);
        scope.ended = true;
        state.depth = scope.level - 1;
        SKUA_TRY(simple(driver_event::rollback_to, on, state, "ROLLBACK TO SAVEPOINT " + name, name, at, operation));
        return simple(driver_event::release_savepoint, on, state, "RELEASE SAVEPOINT " + name, name, at, operation);
    }
    status s = simple(driver_event::rollback, on, state, "ROLLBACK", {}, at, operation);
    end_transaction(scope);
    return s;
}

status run_transaction(const handle_ptr& on, void* fn, status (*call)(void* fn, tx& transaction), location at) {
    operation_info operation;
    operation.verb = "transaction";
    context inner;
    driver_call told = operation_call(*on, operation, at, inner);
    status outcome;
    const hook_scope scope(on->core->pool->hooks(), told);
    handle here = *on;
    if (!inner.empty()) here.context = inner;
    auto begun = begin_scope(here, at, &operation);
    if (!begun) {
        outcome = status(begun.error());
    } else {
        tx transaction(with_scope(here, std::move(*begun)));
        outcome = call(fn, transaction);  // thrown through: the destructor rolls back
        if (transaction.handle()->tx->ended) {
            // ended by hand
        } else if (outcome) {
            outcome = transaction.commit(at);
        } else {
            static_cast<void>(transaction.rollback(at));  // the first error counts
        }
    }
    if (!outcome) told.failure = &outcome.error();
    return outcome;
}

}  // namespace detail

result<tx> database::begin(location at) const {
    auto scope = detail::begin_scope(*on_, at, nullptr);
    if (!scope) return std::move(scope.error());
    return tx(detail::with_scope(*on_, std::move(*scope)));
}

tx& tx::operator=(tx&& other) noexcept {
    std::swap(on_, other.on_);
    return *this;
}

tx::~tx() {
    if (on_ && !on_->tx->ended) static_cast<void>(rollback());  // nobody is left to tell
}

status tx::commit(location at) {
    return detail::commit_scope(*on_, *on_->tx, at, nullptr);
}
status tx::rollback(location at) {
    return detail::rollback_scope(*on_, *on_->tx, at, nullptr);
}

namespace {

status check_name(std::string_view name) {
    const bool good = !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), [](char ch) {
        return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
    });
    return good ? status()
                : fail(errc::invalid_value,
                       "a savepoint's name has letters, digits and '_'; got \"" + std::string(name) + "\"");
}

}  // namespace

status tx::savepoint(std::string_view name, location at) {
    SKUA_TRY(check_name(name));
    SKUA_TRY(detail::usable(*on_));
    return detail::simple(driver_event::savepoint, *on_, *on_->tx->state, "SAVEPOINT " + std::string(name), name, at,
                          nullptr);
}
status tx::rollback_to(std::string_view name, location at) {
    SKUA_TRY(check_name(name));
    SKUA_TRY(detail::usable(*on_));
    return detail::simple(driver_event::rollback_to, *on_, *on_->tx->state,
                          "ROLLBACK TO SAVEPOINT " + std::string(name), name, at, nullptr);
}

}  // namespace skua::orm
