// SPDX-License-Identifier: Apache-2.0
// What the plugin registers with the driver hooks of one database. Shared by all its connections and threads; what
// belongs to one statement lives in the hook's slot.
#pragma once

#include "otel/src/tracing/operation.h"
#include "otel/src/tracing/parameters.h"
#include "skua/orm/context.hpp"
#include "skua/orm/driver_hooks.hpp"

#include <array>
#include <memory>

namespace skua::otel {

inline constexpr orm::context_key<opentelemetry::context::Context> parent_key{};
inline constexpr char suppress_key[] = "suppress_instrumentation";

class listener {
public:
    listener(std::shared_ptr<const tracing_options> options, const orm::database_info& database,
             orm::pool_monitor pool);

    void begin(orm::driver_call& call, orm::hook_slot& slot) noexcept;
    void end(orm::driver_call& call, orm::hook_slot& slot) noexcept;
    // What these options need to hear.
    static unsigned events(const tracing_options& options) noexcept;

private:
    struct statement_state;  // of execute and the transaction's steps
    struct clock_state;      // of connect and acquire

    // Where a call belongs: inside an operation, or under a context. Neither (suppressed): nothing is recorded.
    struct place {
        operation* inside = nullptr;
        opentelemetry::context::Context under;
        const opentelemetry::context::Context* named_parent = nullptr;
        bool suppressed = false;
    };
    [[nodiscard]] static place place_of(const orm::driver_call& call) noexcept;
    [[nodiscard]] const sink* sink_for(const orm::driver_call& call) noexcept;
    [[nodiscard]] shared_facts facts_of(const orm::driver_call& call);
    [[nodiscard]] bool wants_step(const orm::driver_call& call) const noexcept;

    void begin_operation(orm::driver_call& call, orm::hook_slot& slot, const sink& to);
    void begin_statement(orm::driver_call& call, orm::hook_slot& slot, const sink& to);
    void end_statement(orm::driver_call& call, orm::hook_slot& slot);
    void begin_transaction(const orm::driver_call& call);
    void end_pool_event(orm::driver_call& call, orm::hook_slot& slot);
    void add_details(statement_record& record, const orm::driver_call& call) const;

    const std::shared_ptr<const tracing_options> options_;
    const facts_maker maker_;
    facts_cache cache_;
    sinks sinks_;
    const sip_key hash_key_;
    std::array<shared_facts, orm::driver_events> control_;  // BEGIN, COMMIT, ROLLBACK …
};

}  // namespace skua::otel
