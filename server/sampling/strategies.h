// SPDX-License-Identifier: Apache-2.0
// How much of each service's work a client should trace, as told by Jaeger's strategies file.
//
// Rules: facts of jaeger v1.76, plugin/sampling/strategyprovider/static. Immutable once made; any thread may read.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skua::sampling {

struct OperationRate {
    std::string operation;
    double rate = 0;
};

struct PerOperation {
    double default_rate = 0;
    std::vector<OperationRate> operations;
};

// One of rate and traces_per_second counts.
struct Strategy {
    enum class Type : std::uint8_t { kProbabilistic, kRateLimiting };
    Type type = Type::kProbabilistic;
    double rate = 1;                     // 0 to 1
    std::int32_t traces_per_second = 0;  // whole numbers only: so says the wire
    std::optional<PerOperation> per_operation;
};

class Strategies {
public:
    // Everything at `default_rate`.
    explicit Strategies(double default_rate);
    // kInvalidArgument names what cannot be read. What can be read but means nothing (an unknown type, a rate-limited
    // operation) is told to `warn` and replaced by the default, or left out.
    static base::Result<Strategies> parse(std::string_view json, double default_rate,
                                          const std::function<void(std::string_view)>& warn);

    [[nodiscard]] const Strategy& of(const std::string& service) const;

private:
    Strategy default_;
    std::map<std::string, Strategy> services_;
};

}  // namespace skua::sampling
