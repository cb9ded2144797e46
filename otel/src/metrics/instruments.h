// SPDX-License-Identifier: Apache-2.0
// What one database measures: durations of statements, and how its pool does.
#pragma once

#include "otel/src/tracing/attributes.h"
#include "skua/orm/pool_stats.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <opentelemetry/context/context.h>
#include <opentelemetry/metrics/async_instruments.h>
#include <opentelemetry/metrics/meter.h>
#include <opentelemetry/metrics/sync_instruments.h>
#include <opentelemetry/nostd/shared_ptr.h>

namespace skua::otel {

// Observed instruments read the pool when the reader collects; the destructor unregisters them and waits for a
// collection that is under way. Any thread may record.
class instruments {
public:
    // `attributes`: on every pool metric, after the pool's name.
    instruments(const opentelemetry::nostd::shared_ptr<opentelemetry::metrics::Meter>& meter, orm::pool_monitor pool,
                const tracing_options& options);
    ~instruments();
    instruments(const instruments&) = delete;
    instruments& operator=(const instruments&) = delete;

    void statement_took(double seconds, const opentelemetry::common::KeyValueIterable& attributes,
                        const opentelemetry::context::Context& context) noexcept {
        duration_->Record(seconds, attributes, context);
    }
    void connected_in(double seconds) noexcept { create_time_->Record(seconds, pool_attributes_, {}); }
    void waited(double seconds) noexcept { wait_time_->Record(seconds, pool_attributes_, {}); }
    void used(double seconds) noexcept { use_time_->Record(seconds, pool_attributes_, {}); }

private:
    using histogram = opentelemetry::nostd::unique_ptr<opentelemetry::metrics::Histogram<double>>;
    struct row;  // one observed instrument
    struct registration {
        opentelemetry::nostd::shared_ptr<opentelemetry::metrics::ObservableInstrument> instrument;
        const row* what = nullptr;
        instruments* self = nullptr;
    };
    static const row rows[];
    static void observe(opentelemetry::metrics::ObserverResult result, void* state);
    void observe_count(const opentelemetry::metrics::ObserverResult& result) const;

    orm::pool_monitor pool_;
    attribute_list pool_attributes_;
    attribute_list idle_attributes_;
    attribute_list used_attributes_;
    histogram duration_;
    histogram create_time_;
    histogram wait_time_;
    histogram use_time_;
    std::vector<registration> registrations_;  // addresses are states of callbacks: not resized once made
};

}  // namespace skua::otel
