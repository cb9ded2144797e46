// SPDX-License-Identifier: Apache-2.0
// Exporters as the settings say, with an end to their patience.
#pragma once

#include "otel/src/provider/settings.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <opentelemetry/sdk/metrics/push_metric_exporter.h>
#include <opentelemetry/sdk/trace/exporter.h>

namespace skua::otel {

// When exporting has to be over: the SDK goes on with the next batch as long as there are any, each with a timeout of
// its own, and a dead server would hold up the end of the program for all of them. Shared by exporters and their owner.
class patience {
public:
    // From now on every export fails at once after `ms`.
    void end_in_ms(std::int64_t ms) noexcept;
    [[nodiscard]] bool over() const noexcept;

private:
    std::atomic<std::int64_t> deadline_ns_{0};  // monotonic; 0: none
};

std::vector<std::unique_ptr<opentelemetry::sdk::trace::SpanExporter>> span_exporters(
    const signal_settings& to, const std::shared_ptr<const patience>& limit);
std::vector<std::unique_ptr<opentelemetry::sdk::metrics::PushMetricExporter>> metric_exporters(
    const signal_settings& to, const std::shared_ptr<const patience>& limit);

// Fails without asking `inner` once the patience is over.
std::unique_ptr<opentelemetry::sdk::trace::SpanExporter> with_patience(
    std::unique_ptr<opentelemetry::sdk::trace::SpanExporter> inner, std::shared_ptr<const patience> limit);
std::unique_ptr<opentelemetry::sdk::metrics::PushMetricExporter> with_patience(
    std::unique_ptr<opentelemetry::sdk::metrics::PushMetricExporter> inner, std::shared_ptr<const patience> limit);

}  // namespace skua::otel
