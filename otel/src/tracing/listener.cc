// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/listener.h"

#include "otel/src/semconv.h"

#include <cstdlib>
#include <utility>

#include <execinfo.h>
#include <opentelemetry/trace/context.h>

namespace skua::otel {
namespace nostd = opentelemetry::nostd;
using orm::driver_event;
using otel_context = opentelemetry::context::Context;
namespace {

constexpr int max_stack_frames = 64;

std::size_t index_of(driver_event event) {
    return static_cast<std::size_t>(event);
}

bool is_suppressed(const otel_context& context) noexcept {
    const auto value = context.GetValue(suppress_key);
    return nostd::holds_alternative<bool>(value) && nostd::get<bool>(value);
}

std::string stack_of_here() {
    void* frames[max_stack_frames];
    const int count = ::backtrace(frames, max_stack_frames);
    char** symbols = ::backtrace_symbols(frames, count);
    std::string out;
    for (int i = 0; symbols && i < count; ++i) {
        out += symbols[i];
        out += '\n';
    }
    std::free(symbols);
    return out;
}

// When the statement that executes next on this thread was prepared: its span begins there.
struct prepared_before {
    const void* by = nullptr;  // the listener
    const orm::statement_info* statement = nullptr;
    instant begin;
};
thread_local prepared_before just_prepared;

instant begin_of(const listener* self, const orm::driver_call& call) noexcept {
    const prepared_before before = std::exchange(just_prepared, {});
    const bool prepared =
        call.event == driver_event::execute && before.by == self && before.statement == call.statement;
    return prepared ? before.begin : instant::now();
}

}  // namespace

struct listener::statement_state {
    const sink& to;
    operation* inside;
    otel_context under;
    shared_facts facts;
    instant begin;
};

struct listener::clock_state {
    std::int64_t begin_ns;
};

listener::listener(std::shared_ptr<const tracing_options> options, const orm::database_info& database,
                   orm::pool_monitor pool)
    : options_(std::move(options)),
      maker_(*options_, database),
      sinks_(*options_, std::move(pool)),
      hash_key_(options_->parameter_hash ? make_key(options_->parameter_hash_key) : sip_key{}) {
    control_[index_of(driver_event::begin)] = maker_.of_control("BEGIN");
    control_[index_of(driver_event::commit)] = maker_.of_control("COMMIT");
    control_[index_of(driver_event::rollback)] = maker_.of_control("ROLLBACK");
    control_[index_of(driver_event::savepoint)] = maker_.of_control("SAVEPOINT");
    control_[index_of(driver_event::rollback_to)] = maker_.of_control("ROLLBACK TO SAVEPOINT");
    control_[index_of(driver_event::release_savepoint)] = maker_.of_control("RELEASE SAVEPOINT");
}

unsigned listener::events(const tracing_options& options) noexcept {
    unsigned mask = bit(driver_event::prepare) | bit(driver_event::execute) | bit(driver_event::operation);
    if (options.metrics) {
        mask |= bit(driver_event::connect) | bit(driver_event::acquire) | bit(driver_event::release);
    }
    mask |= bit(driver_event::begin) | bit(driver_event::savepoint);  // tell an operation that more will follow
    if (options.transactions != transaction_spans::none)
        mask |= bit(driver_event::commit) | bit(driver_event::rollback);
    if (options.transactions == transaction_spans::all) {
        mask |= bit(driver_event::rollback_to) | bit(driver_event::release_savepoint);
    }
    return mask;
}

// Only an outermost call looks at the global providers again: what is inside goes where the outside went.
const sink* listener::sink_for(const orm::driver_call& call) noexcept {
    const bool outermost = call.event == driver_event::operation || !call.operation;
    return outermost && !operation::innermost() ? sinks_.look() : sinks_.current();
}

listener::place listener::place_of(const orm::driver_call& call) noexcept {
    place out;
    out.named_parent = call.handle_context->get(parent_key);
    operation* top = operation::innermost();
    if (top && top->encloses(call, out.named_parent)) {
        out.inside = top;
        return out;
    }
    const otel_context current = opentelemetry::context::RuntimeContext::GetCurrent();
    out.suppressed = is_suppressed(current) || (out.named_parent && is_suppressed(*out.named_parent));
    out.under = out.named_parent ? *out.named_parent : current;
    return out;
}

shared_facts listener::facts_of(const orm::driver_call& call) {
    if (!call.statement) return control_[index_of(call.event)];
    if (!call.statement->cacheable) return cache_.get_or_make(*call.statement, maker_);
    return call.statement_slot().get_or_make<shared_facts>([&] { return maker_.of_statement(*call.statement); });
}

bool listener::wants_step(const orm::driver_call& call) const noexcept {
    switch (call.event) {
        case driver_event::prepare:
        case driver_event::execute:
            return !call.statement->catalogue || options_->migration_spans;
        case driver_event::commit:
        case driver_event::rollback:
            return options_->transactions == transaction_spans::all || (call.transaction && call.transaction->wrote);
        default:
            return options_->transactions == transaction_spans::all;
    }
}

void listener::begin(orm::driver_call& call, orm::hook_slot& slot) noexcept {
    const sink* to = sink_for(call);
    if (!to) return;
    switch (call.event) {
        case driver_event::operation:
            return begin_operation(call, slot, *to);
        case driver_event::connect:
        case driver_event::acquire:
            if (to->meters) slot.make<clock_state>(clock_state{steady_now_ns()});
            return;
        case driver_event::release:
            if (std::uint64_t* mark = call.connection_mark(); mark && *mark != 0 && to->meters) {
                to->meters->used(static_cast<double>(steady_now_ns() - static_cast<std::int64_t>(*mark)) * 1e-9);
                *mark = 0;
            }
            return;
        case driver_event::begin:
        case driver_event::savepoint:
            begin_transaction(call);
            [[fallthrough]];
        default:
            if (wants_step(call)) begin_statement(call, slot, *to);
    }
}

void listener::begin_operation(orm::driver_call& call, orm::hook_slot& slot, const sink& to) {
    just_prepared = {};
    place where = place_of(call);
    if (where.suppressed) return;
    slot.make<std::unique_ptr<operation>>(
        std::make_unique<operation>(call, where.inside, std::move(where.under), where.named_parent, to, *options_));
}

// The COMMIT belongs where the transaction began, whatever is current then.
void listener::begin_transaction(const orm::driver_call& call) {
    const place where = place_of(call);
    if (where.suppressed) return;
    // A transaction begun by hand belongs to no operation: it outlives the call that began it.
    if (where.inside && call.operation && call.operation == where.inside->info()) where.inside->show();
    if (call.event == driver_event::begin && call.transaction) {
        call.transaction_state() =
            std::make_shared<otel_context>(where.inside ? where.inside->inner_context() : where.under);
    }
}

void listener::begin_statement(orm::driver_call& call, orm::hook_slot& slot, const sink& to) {
    place where = place_of(call);
    if (where.suppressed) return;
    const bool ends_transaction = call.event == driver_event::commit || call.event == driver_event::rollback;
    if (ends_transaction && call.transaction) {
        if (const auto* began = static_cast<const otel_context*>(call.transaction_state().get())) {
            where.inside = nullptr;
            where.under = *began;
        }
    }
    slot.make<statement_state>(
        statement_state{to, where.inside, std::move(where.under), facts_of(call), begin_of(this, call)});
}

void listener::end(orm::driver_call& call, orm::hook_slot& slot) noexcept {
    if (!slot.used()) return;
    switch (call.event) {
        case driver_event::operation:
            slot.as<std::unique_ptr<operation>>()->end(call);
            return slot.drop<std::unique_ptr<operation>>();
        case driver_event::connect:
        case driver_event::acquire:
            return end_pool_event(call, slot);
        default:
            return end_statement(call, slot);
    }
}

void listener::end_pool_event(orm::driver_call& call, orm::hook_slot& slot) {
    const std::int64_t begin_ns = slot.as<clock_state>().begin_ns;
    slot.drop<clock_state>();
    const sink* to = sinks_.current();
    if (call.failure || !to || !to->meters) return;
    const std::int64_t now_ns = steady_now_ns();
    const double seconds = static_cast<double>(now_ns - begin_ns) * 1e-9;
    if (call.event == driver_event::connect) return to->meters->connected_in(seconds);
    to->meters->waited(seconds);
    if (std::uint64_t* mark = call.connection_mark()) *mark = static_cast<std::uint64_t>(now_ns);
}

void listener::end_statement(orm::driver_call& call, orm::hook_slot& slot) {
    auto& state = slot.as<statement_state>();
    if (call.event == driver_event::prepare && !call.failure) {
        just_prepared = {this, call.statement, state.begin};  // one span for both
        return slot.drop<statement_state>();
    }
    statement_record record;
    record.end_steady_ns = steady_now_ns();
    record.facts = std::move(state.facts);
    record.begin = state.begin;
    record.rows_affected = call.rows_affected;
    record.rows_returned = call.rows_returned;
    record.batch_size = call.batch_size;
    record.writes = call.writes;
    record.at = call.at;
    add_details(record, call);
    if (state.inside) {
        state.inside->take(std::move(record));
    } else {
        emit(record, state.under, state.to, *options_);
    }
    slot.drop<statement_state>();
}

void listener::add_details(statement_record& record, const orm::driver_call& call) const {
    if (call.failure && counts_as_failure(*call.failure, *options_)) {
        record.rare().failed = describe(*call.failure, maker_.system());
        if (options_->stack_trace) record.rare().stack = stack_of_here();
    }
    if (call.event != driver_event::execute || call.batch_size > 1 || call.parameter_count == 0) return;
    if (options_->parameter_hash) {
        const auto hash = parameter_hash(hash_key_, call.parameters, call.parameter_count);
        record.rare().parameters.add(semconv::parameters_hash, std::string_view(hash.data(), hash.size()));
    }
    const auto& keys = record.facts->parameter_keys;
    for (std::size_t i = 0; i < keys.size() && i < call.parameter_count; ++i) {
        // The key lives in the facts, which the record keeps.
        if (!keys[i].empty()) record.rare().parameters.add(keys[i].c_str(), parameter_text(call.parameters[i]));
    }
}

}  // namespace skua::otel
