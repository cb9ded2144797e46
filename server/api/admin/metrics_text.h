// SPDX-License-Identifier: Apache-2.0
// The Prometheus text format (version 0.0.4), written family by family.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::api {

class MetricsText {
public:
    using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

    // Starts a family; the samples that follow are of it. Counters' names end with _total.
    void counter(std::string_view name, std::string_view help) { family(name, help, "counter"); }
    void gauge(std::string_view name, std::string_view help) { family(name, help, "gauge"); }
    void sample(const Labels& labels, double value);
    void sample(const Labels& labels, std::uint64_t value);
    [[nodiscard]] std::string take() && { return std::move(out_); }

private:
    void family(std::string_view name, std::string_view help, std::string_view type);
    void begin_sample(const Labels& labels);

    std::string out_;
    std::string name_;
};

}  // namespace skua::api
