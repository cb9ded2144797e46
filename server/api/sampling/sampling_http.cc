// SPDX-License-Identifier: Apache-2.0
#include "api/sampling/sampling_http.h"

#include "api/http_error.h"
#include "api/json_text.h"

#include <fmt/format.h>

namespace skua::api {
namespace {

void append_rate(std::string& out, double rate) {
    out += R"("probabilisticSampling":{"samplingRate":)";
    append_json_number(out, rate);
    out += '}';
}

void append_operations(std::string& out, const sampling::PerOperation& per_operation) {
    out += R"(,"operationSampling":{"defaultSamplingProbability":)";
    append_json_number(out, per_operation.default_rate);
    out += R"(,"defaultLowerBoundTracesPerSecond":0,"perOperationStrategies":[)";
    bool is_first = true;
    for (const sampling::OperationRate& rate : per_operation.operations) {
        out += is_first ? R"({"operation":)" : R"(,{"operation":)";
        is_first = false;
        append_json_text(out, rate.operation);
        out += ',';
        append_rate(out, rate.rate);
        out += '}';
    }
    out += R"(],"defaultUpperBoundTracesPerSecond":0})";
}

}  // namespace

std::string sampling_json(const sampling::Strategy& strategy, SamplingForm form) {
    const bool is_limit = strategy.type == sampling::Strategy::Type::kRateLimiting;
    std::string out = R"({"strategyType":)";
    if (form == SamplingForm::kNumbers) {
        out += is_limit ? "1," : "0,";
    } else {
        out += is_limit ? R"("RATE_LIMITING",)" : R"("PROBABILISTIC",)";
    }
    if (is_limit) {
        out += fmt::format(R"("rateLimitingSampling":{{"maxTracesPerSecond":{}}})", strategy.traces_per_second);
    } else {
        append_rate(out, strategy.rate);
    }
    if (strategy.per_operation) append_operations(out, *strategy.per_operation);
    return out + '}';
}

HttpResponse answer_sampling(sampling::StrategySource& source, const HttpRequest& request, SamplingForm form) {
    const auto services = request.parameters("service");
    if (services.size() != 1 || services.front().empty()) {
        return http_error(400, "'service' parameter must be provided once");
    }
    HttpResponse response;
    response.content_type = "application/json";
    response.body = sampling_json(source.current()->of(std::string(services.front())), form);
    return response;
}

HttpResponse answer_baggage_restrictions() {
    return http_error(500, "collector error: baggage not implemented");
}

HttpHandler sampling_handler(sampling::StrategySource& source) {
    return [&source](const HttpRequest& request, const Respond& respond) {
        if (request.path == "/baggageRestrictions") return respond(answer_baggage_restrictions());
        const SamplingForm form = request.path == "/" ? SamplingForm::kNumbers : SamplingForm::kNames;
        respond(answer_sampling(source, request, form));
    };
}

}  // namespace skua::api
