// SPDX-License-Identifier: Apache-2.0
// Remote sampling over HTTP: what Jaeger's and OpenTelemetry's clients ask on 5778 and 14268.
#pragma once

#include "api/http.h"
#include "sampling/strategy_source.h"

#include <string>

namespace skua::api {

// strategyType as the enum's name, or as its number for clients of Thrift 0.9.2.
enum class SamplingForm : std::uint8_t { kNames, kNumbers };

std::string sampling_json(const sampling::Strategy& strategy, SamplingForm form);
// Any method, `?service=` exactly once.
HttpResponse answer_sampling(sampling::StrategySource& source, const HttpRequest& request, SamplingForm form);
// Always Jaeger's own answer: baggage restrictions were never implemented, and clients know it.
HttpResponse answer_baggage_restrictions();
// Port 5778: /baggageRestrictions, / with numbers, every other path with names. `source` outlives the handler.
HttpHandler sampling_handler(sampling::StrategySource& source);

}  // namespace skua::api
