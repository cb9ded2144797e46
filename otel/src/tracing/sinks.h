// SPDX-License-Identifier: Apache-2.0
// Where spans and measurements of one database go, once somebody records them.
#pragma once

#include "otel/src/metrics/instruments.h"
#include "skua/orm/pool_stats.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <opentelemetry/nostd/shared_ptr.h>
#include <opentelemetry/trace/tracer.h>

namespace skua::otel {

struct sink {
    opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> tracer;  // null: nobody records spans
    std::shared_ptr<instruments> meters;                                    // null: nobody measures
    [[nodiscard]] bool complete(const tracing_options& options) const noexcept {
        return (tracer || !options.traces) && (meters || !options.metrics);
    }
};

// API 1.19 has no Tracer::Enabled(), but its do-nothing tracer and meter can be told by their type. As long as only
// they are there, look() gives null, and costs no clock and no allocation. Any thread.
class sinks {
public:
    // `options` must outlive it.
    sinks(const tracing_options& options, orm::pool_monitor pool);

    // What is known. Stays valid as long as this object.
    [[nodiscard]] const sink* current() const noexcept { return current_.load(std::memory_order_acquire); }
    // Looks at the global providers again unless all that was asked for has been found.
    [[nodiscard]] const sink* look() noexcept {
        const sink* known = current();
        return settled_.load(std::memory_order_relaxed) ? known : look_again(known);
    }

private:
    const sink* look_again(const sink* known) noexcept;

    const tracing_options& options_;
    const orm::pool_monitor pool_;
    std::atomic<const sink*> current_{nullptr};
    std::atomic<bool> settled_{false};
    std::atomic<const void*> seen_tracers_{nullptr};  // providers looked into already
    std::atomic<const void*> seen_meters_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<const sink>> all_;  // guarded by mutex_; at most three: none, one of the two, both
};

}  // namespace skua::otel
