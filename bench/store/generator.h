// SPDX-License-Identifier: Apache-2.0
// Reference load: serialized ExportTraceServiceRequest bodies of realistic traces. The same options give the same
// bytes.
//
// One body carries one resource, as the batch processor of an SDK sends it: spans of a trace arrive in several bodies,
// one for each service instance that took part. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace skua::bench {

enum class Shape : std::uint8_t {
    kWeb,          // A: 12 attributes, about 558 bytes a span
    kDemoSmall,    // B: 6 attributes, about 250 bytes, 8 spans a trace
    kEnterprise,   // C: 25 attributes with long statements, 30 resource attributes, about 1.2 kB
    kCardinality,  // D: random ids and a URL on every span, 5,000 operations, 500 services
    kWide,         // E: one trace of 100,000 spans first, one in a hundred has 2,000
};

// "A" to "E"; false for another letter.
bool shape_from(char letter, Shape& shape);

struct GeneratorOptions {
    Shape shape = Shape::kWeb;
    std::size_t spans_per_request = 512;
    std::uint64_t seed = 1;
    std::uint64_t start_ns = 1'760'000'000'000'000'000;
    // Distance between the starts of two traces; the default is about 10,000 spans a second.
    std::uint64_t trace_interval_ns = 1'000'000;
};

class Generator {
public:
    explicit Generator(const GeneratorOptions& options);
    ~Generator();
    // The next full body, never empty; valid until the next call.
    const std::string& next();
    // Spans of all bodies given out so far, and their bytes.
    [[nodiscard]] std::uint64_t spans() const;
    [[nodiscard]] std::uint64_t bytes() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skua::bench
