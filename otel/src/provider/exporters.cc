// SPDX-License-Identifier: Apache-2.0
#include "otel/src/provider/exporters.h"

#include "skua/otel/tracing.hpp"

#include <chrono>
#include <utility>

#include <opentelemetry/exporters/ostream/metric_exporter_factory.h>
#include <opentelemetry/exporters/ostream/span_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_options.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_metric_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_metric_exporter_options.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/exporters/otlp/otlp_http_metric_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_metric_exporter_options.h>
#include <opentelemetry/sdk/trace/recordable.h>

namespace skua::otel {
namespace otlp = opentelemetry::exporter::otlp;
namespace trace_sdk = opentelemetry::sdk::trace;
namespace metrics_sdk = opentelemetry::sdk::metrics;
using opentelemetry::sdk::common::ExportResult;
namespace {

std::int64_t monotonic_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

class patient_span_exporter final : public trace_sdk::SpanExporter {
public:
    patient_span_exporter(std::unique_ptr<trace_sdk::SpanExporter> inner, std::shared_ptr<const patience> limit)
        : inner_(std::move(inner)), limit_(std::move(limit)) {}
    std::unique_ptr<trace_sdk::Recordable> MakeRecordable() noexcept override { return inner_->MakeRecordable(); }
    ExportResult Export(
        const opentelemetry::nostd::span<std::unique_ptr<trace_sdk::Recordable>>& spans) noexcept override {
        if (limit_->over()) return ExportResult::kFailure;
        const suppressed quiet;
        return inner_->Export(spans);
    }
    bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return inner_->ForceFlush(timeout); }
    bool Shutdown(std::chrono::microseconds timeout) noexcept override { return inner_->Shutdown(timeout); }

private:
    const std::unique_ptr<trace_sdk::SpanExporter> inner_;
    const std::shared_ptr<const patience> limit_;
};

class patient_metric_exporter final : public metrics_sdk::PushMetricExporter {
public:
    patient_metric_exporter(std::unique_ptr<metrics_sdk::PushMetricExporter> inner,
                            std::shared_ptr<const patience> limit)
        : inner_(std::move(inner)), limit_(std::move(limit)) {}
    ExportResult Export(const metrics_sdk::ResourceMetrics& data) noexcept override {
        if (limit_->over()) return ExportResult::kFailure;
        const suppressed quiet;
        return inner_->Export(data);
    }
    metrics_sdk::AggregationTemporality GetAggregationTemporality(
        metrics_sdk::InstrumentType type) const noexcept override {
        return inner_->GetAggregationTemporality(type);
    }
    bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return inner_->ForceFlush(timeout); }
    bool Shutdown(std::chrono::microseconds timeout) noexcept override { return inner_->Shutdown(timeout); }

private:
    const std::unique_ptr<metrics_sdk::PushMetricExporter> inner_;
    const std::shared_ptr<const patience> limit_;
};

// Certificates and compression stay what the exporter itself read from the environment.
template <class Options>
Options grpc_options(const signal_settings& to) {
    Options options;
    options.endpoint = to.endpoint;
    options.use_ssl_credentials = to.endpoint.starts_with("https");
    options.timeout = std::chrono::milliseconds(to.timeout_ms);
    options.metadata.clear();
    for (const auto& [key, value] : to.headers) options.metadata.emplace(key, value);
    return options;
}

template <class Options>
Options http_options(const signal_settings& to) {
    Options options;
    options.url = to.endpoint;
    options.content_type = to.protocol == otlp_protocol::http_json ? otlp::HttpRequestContentType::kJson
                                                                   : otlp::HttpRequestContentType::kBinary;
    // The convention of OTLP/JSON: ids in hexadecimal, lowerCamelCase keys.
    options.json_bytes_mapping = otlp::JsonBytesMappingKind::kHexId;
    options.use_json_name = true;
    options.timeout = std::chrono::milliseconds(to.timeout_ms);
    options.http_headers.clear();
    for (const auto& [key, value] : to.headers) options.http_headers.emplace(key, value);
    return options;
}

}  // namespace

void patience::end_in_ms(std::int64_t ms) noexcept {
    deadline_ns_.store(monotonic_ns() + ms * 1'000'000, std::memory_order_relaxed);
}

bool patience::over() const noexcept {
    const std::int64_t deadline_ns = deadline_ns_.load(std::memory_order_relaxed);
    return deadline_ns != 0 && monotonic_ns() >= deadline_ns;
}

std::unique_ptr<trace_sdk::SpanExporter> with_patience(std::unique_ptr<trace_sdk::SpanExporter> inner,
                                                       std::shared_ptr<const patience> limit) {
    return std::make_unique<patient_span_exporter>(std::move(inner), std::move(limit));
}

std::unique_ptr<metrics_sdk::PushMetricExporter> with_patience(std::unique_ptr<metrics_sdk::PushMetricExporter> inner,
                                                               std::shared_ptr<const patience> limit) {
    return std::make_unique<patient_metric_exporter>(std::move(inner), std::move(limit));
}

std::vector<std::unique_ptr<trace_sdk::SpanExporter>> span_exporters(const signal_settings& to,
                                                                     const std::shared_ptr<const patience>& limit) {
    std::vector<std::unique_ptr<trace_sdk::SpanExporter>> out;
    if (to.otlp) {
        auto made = to.protocol == otlp_protocol::grpc
                        ? otlp::OtlpGrpcExporterFactory::Create(grpc_options<otlp::OtlpGrpcExporterOptions>(to))
                        : otlp::OtlpHttpExporterFactory::Create(http_options<otlp::OtlpHttpExporterOptions>(to));
        out.push_back(with_patience(std::move(made), limit));
    }
    if (to.console) out.push_back(opentelemetry::exporter::trace::OStreamSpanExporterFactory::Create());
    return out;
}

std::vector<std::unique_ptr<metrics_sdk::PushMetricExporter>> metric_exporters(
    const signal_settings& to, const std::shared_ptr<const patience>& limit) {
    std::vector<std::unique_ptr<metrics_sdk::PushMetricExporter>> out;
    if (to.otlp) {
        auto made =
            to.protocol == otlp_protocol::grpc
                ? otlp::OtlpGrpcMetricExporterFactory::Create(grpc_options<otlp::OtlpGrpcMetricExporterOptions>(to))
                : otlp::OtlpHttpMetricExporterFactory::Create(http_options<otlp::OtlpHttpMetricExporterOptions>(to));
        out.push_back(with_patience(std::move(made), limit));
    }
    if (to.console) out.push_back(opentelemetry::exporter::metrics::OStreamMetricExporterFactory::Create());
    return out;
}

}  // namespace skua::otel
