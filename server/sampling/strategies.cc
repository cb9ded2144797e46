// SPDX-License-Identifier: Apache-2.0
#include "sampling/strategies.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <simdjson.h>

namespace skua::sampling {
namespace {

namespace json = simdjson::dom;

struct Parser {
    double default_rate;
    const std::function<void(std::string_view)>& warn;

    [[nodiscard]] Strategy fallback() const {
        Strategy strategy;
        strategy.rate = default_rate;
        return strategy;
    }

    // {"type": …, "param": …}; nothing when the entry is not an object.
    [[nodiscard]] Strategy strategy(json::object entry, std::string_view whose) const {
        std::string_view type;
        double param = 0;
        if (entry["type"].get(type) != simdjson::SUCCESS) type = "";
        if (entry["param"].get(param) != simdjson::SUCCESS) param = 0;
        Strategy result;
        if (type == "probabilistic") {
            result.rate = param;
            return result;
        }
        if (type == "ratelimiting") {
            constexpr double kMost = std::numeric_limits<std::int32_t>::max();
            result.type = Strategy::Type::kRateLimiting;
            result.traces_per_second = static_cast<std::int32_t>(std::clamp(param, -kMost, kMost));
            return result;
        }
        warn(fmt::format("unknown sampling type '{}' of {}; the default is used", type, whose));
        return fallback();
    }

    [[nodiscard]] std::optional<PerOperation> operations(json::object entry, const Strategy& own,
                                                         std::string_view whose) const {
        json::array list;
        if (entry["operation_strategies"].get(list) != simdjson::SUCCESS || list.size() == 0) return std::nullopt;
        PerOperation result;
        result.default_rate = own.type == Strategy::Type::kProbabilistic ? own.rate : default_rate;
        for (const json::element element : list) {
            json::object item;
            std::string_view name;
            if (element.get(item) != simdjson::SUCCESS || item["operation"].get(name) != simdjson::SUCCESS) continue;
            const Strategy parsed = strategy(item, fmt::format("operation '{}' of {}", name, whose));
            if (parsed.type != Strategy::Type::kProbabilistic) {
                warn(
                    fmt::format("operation '{}' of {} is left out: operations can only be probabilistic", name, whose));
                continue;
            }
            result.operations.push_back({std::string(name), parsed.rate});
        }
        return result;
    }

    [[nodiscard]] Strategy whole(json::object entry, std::string_view whose) const {
        Strategy result = strategy(entry, whose);
        result.per_operation = operations(entry, result, whose);
        return result;
    }
};

// The default's operations apply to a service too; its own come first and win.
void inherit(Strategy& service, const PerOperation& from) {
    if (!service.per_operation) {
        // Not for a rate limit: a client would follow the operations' rates instead of it.
        if (service.type != Strategy::Type::kProbabilistic) return;
        service.per_operation = from;
        service.per_operation->default_rate = service.rate;
        return;
    }
    auto& own = service.per_operation->operations;
    const std::size_t own_count = own.size();
    for (const OperationRate& rate : from.operations) {
        const auto end = own.begin() + static_cast<std::ptrdiff_t>(own_count);
        const bool known = std::any_of(own.begin(), end, [&](const auto& o) { return o.operation == rate.operation; });
        if (!known) own.push_back(rate);
    }
}

}  // namespace

Strategies::Strategies(double default_rate) {
    default_.rate = default_rate;
}

base::Result<Strategies> Strategies::parse(std::string_view json, double default_rate,
                                           const std::function<void(std::string_view)>& warn) {
    simdjson::dom::parser reader;
    json::element root;
    if (const auto error = reader.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("cannot read sampling strategies: {}", simdjson::error_message(error))};
    }
    Strategies result(default_rate);
    if (root.is_null()) return result;
    json::object file;
    if (root.get(file) != simdjson::SUCCESS) {
        return base::Error{base::Code::kInvalidArgument, "cannot read sampling strategies: not a JSON object"};
    }
    const Parser parser{default_rate, warn};
    json::object entry;
    if (file["default_strategy"].get(entry) == simdjson::SUCCESS) result.default_ = parser.whole(entry, "the default");
    json::array services;
    if (file["service_strategies"].get(services) != simdjson::SUCCESS) return result;
    for (const json::element element : services) {
        std::string_view name;
        if (element.get(entry) != simdjson::SUCCESS || entry["service"].get(name) != simdjson::SUCCESS) {
            return base::Error{base::Code::kInvalidArgument,
                               "cannot read sampling strategies: an entry of service_strategies has no service"};
        }
        Strategy service = parser.whole(entry, fmt::format("service '{}'", name));
        if (result.default_.per_operation) inherit(service, *result.default_.per_operation);
        result.services_.insert_or_assign(std::string(name), std::move(service));
    }
    return result;
}

const Strategy& Strategies::of(const std::string& service) const {
    const auto found = services_.find(service);
    return found == services_.end() ? default_ : found->second;
}

}  // namespace skua::sampling
