// SPDX-License-Identifier: Apache-2.0
// Counts what an ExportMetricsServiceRequest carries. Metrics are accepted and counted, not stored.
#pragma once

#include "base/result.h"
#include "ingest/otlp/json_memory.h"

#include <cstdint>
#include <string_view>

namespace skua::ingest {

struct MetricCounts {
    std::uint64_t metrics = 0;
    std::uint64_t data_points = 0;  // of gauges, sums, histograms, exponential histograms and summaries
};

// kInvalidArgument when the body cannot be read. Data points are counted, their fields are not looked at.
base::Result<MetricCounts> count_metrics_protobuf(std::string_view body);
// Bodies up to `whole_bytes_max` are parsed as one, larger ones metric by metric.
base::Result<MetricCounts> count_metrics_json(std::string_view body, std::size_t whole_bytes_max = kWholeJsonBytesMax);

}  // namespace skua::ingest
