// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/metric_count.h"

#include "ingest/otlp/json_fields.h"
#include "ingest/otlp/json_pieces.h"
#include "ingest/otlp/wire.h"

#include <array>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

namespace skua::ingest {
namespace {

using protozero::pbf_reader;
using simdjson::dom::element;
using namespace otlp;  // NOLINT(google-build-using-namespace): field names, JSON readers

struct WrongType {
    std::string_view message;
    std::uint32_t field;
};

// Calls fn(body) for each message in `field`; the other fields are skipped.
template <class F>
void for_each_message(std::string_view name, pbf_reader message, std::uint32_t field, F&& fn) {
    while (message.next()) {
        if (message.tag() != field) {
            message.skip();
        } else if (message.tag_and_type() == len_field(field)) {
            fn(message.get_message());
        } else {
            throw WrongType{name, field};
        }
    }
}

bool is_metric_data(std::uint32_t field) {
    return field == kMetricGauge || field == kMetricSum || field == kMetricHistogram ||
           field == kMetricExponentialHistogram || field == kMetricSummary;
}

// Of the data's oneof the last field counts, as for any protobuf reader.
std::uint64_t count_points(pbf_reader metric) {
    std::uint64_t points = 0;
    while (metric.next()) {
        const std::uint32_t field = metric.tag();
        if (!is_metric_data(field)) {
            metric.skip();
            continue;
        }
        if (metric.tag_and_type() != len_field(field)) throw WrongType{"Metric", field};
        points = 0;
        for_each_message("Metric's data", metric.get_message(), kDataPoints, [&](pbf_reader point) {
            while (point.next()) point.skip();
            ++points;
        });
    }
    return points;
}

std::uint64_t count_points(element metric, const JsonPath& path) {
    static constexpr std::array<std::string_view, 5> kKinds = {"gauge", "sum", "histogram", "exponentialHistogram",
                                                               "summary"};
    std::uint64_t points = 0;
    for_each_member(metric, path, [&](std::string_view key, element data) {
        for (const std::string_view kind : kKinds) {
            if (!named(key, kind) || data.is_null()) continue;
            points = 0;
            const JsonPath at = path.at(kind);
            for_each_member(data, at, [&](std::string_view name, element list) {
                if (!named(name, "dataPoints")) return;
                for_each_element(list, at, "dataPoints", [&](element point, const JsonPath& place) {
                    if (!point.is_object()) refuse_type(place, point, "an object");
                    ++points;
                });
            });
        }
    });
    return points;
}

// Calls fn for each element of the list `name` in an object.
template <class F>
void for_each_in(element object, const JsonPath& path, std::string_view name, F&& fn) {
    for_each_member(object, path, [&](std::string_view key, element list) {
        if (named(key, name)) for_each_element(list, path, name, fn);
    });
}

// As for_each_in, of text; the other members must be JSON, too.
template <class F>
void for_each_text_in(std::string_view object, const JsonPath& path, std::string_view name, JsonPieceParser& parser,
                      F&& fn) {
    for_each_member_text(object, path, parser, [&](std::string_view key, std::string_view value) {
        if (named(key, name)) {
            for_each_element_text(value, path, name, parser, fn);
        } else {
            parser.parse(value);
        }
    });
}

void count_in_pieces(std::string_view body, MetricCounts& counts) {
    JsonPieceParser parser;
    if (JsonText(body).peek() != '{') refuse_type({}, parser.parse(body), "an object");
    for_each_text_in(body, {}, kMetricLevels[0], parser, [&](std::string_view resource, const JsonPath& at_resource) {
        for_each_text_in(resource, at_resource, kMetricLevels[1], parser,
                         [&](std::string_view scope, const JsonPath& at_scope) {
                             for_each_text_in(scope, at_scope, kMetricLevels[2], parser,
                                              [&](std::string_view metric, const JsonPath& at_metric) {
                                                  ++counts.metrics;
                                                  counts.data_points += count_points(parser.parse(metric), at_metric);
                                              });
                         });
    });
}

base::Error refusal(std::string_view encoding, std::string_view cause) {
    return {base::Code::kInvalidArgument, fmt::format("cannot read {} metrics request: {}", encoding, cause)};
}

}  // namespace

base::Result<MetricCounts> count_metrics_protobuf(std::string_view body) {
    MetricCounts counts;
    try {
        const pbf_reader request(body.data(), body.size());
        for_each_message("ExportMetricsServiceRequest", request, kRequestResourceMetrics, [&](pbf_reader resource) {
            for_each_message("ResourceMetrics", resource, kRmScopeMetrics, [&](pbf_reader scope) {
                for_each_message("ScopeMetrics", scope, kSmMetrics, [&](pbf_reader metric) {
                    ++counts.metrics;
                    counts.data_points += count_points(metric);
                });
            });
        });
    } catch (const WrongType& wrong) {
        return refusal("OTLP", fmt::format("field {} of {} is not a message", wrong.field, wrong.message));
    } catch (const protozero::exception& e) {
        return refusal("OTLP", std::string("malformed protobuf: ") + e.what());
    }
    return counts;
}

base::Result<MetricCounts> count_metrics_json(std::string_view body, std::size_t whole_bytes_max) {
    MetricCounts counts;
    try {
        if (body.size() > whole_bytes_max) {
            count_in_pieces(body, counts);
            return counts;
        }
        simdjson::dom::parser parser;
        const element root = parse_json(parser, body);
        for_each_in(root, {}, "resourceMetrics", [&](element resource, const JsonPath& at_resource) {
            for_each_in(resource, at_resource, "scopeMetrics", [&](element scope, const JsonPath& at_scope) {
                for_each_in(scope, at_scope, "metrics", [&](element metric, const JsonPath& at_metric) {
                    ++counts.metrics;
                    counts.data_points += count_points(metric, at_metric);
                });
            });
        });
    } catch (const JsonRefused& refused) {
        return refusal("OTLP JSON", refused.cause);
    }
    return counts;
}

}  // namespace skua::ingest
