// SPDX-License-Identifier: Apache-2.0
// Rate, errors and durations of operations, minute by minute: what charts show without looking at spans.
#pragma once

#include "model/span.h"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store {

inline constexpr std::uint64_t kRollupMinuteNs = 60'000'000'000;
// So many operations a minute are told apart in one piece of the store; what is beyond counts as `other`.
inline constexpr std::size_t kRollupCellsPerMinute = 4096;

// What is counted together. All empty and `other`: operations beyond the bound.
struct RollupKey {
    std::string service;  // as found by, see keys.h
    std::string name;     // likewise
    std::string kind;     // as in Operation
    bool other = false;
    friend auto operator<=>(const RollupKey&, const RollupKey&) = default;  // NOLINT(modernize-use-nullptr)
};

// Durations are counted in buckets, four to each doubling: an estimate made of them is off by at most a fifth.
inline constexpr std::size_t kDurationBuckets = 128;
std::size_t duration_bucket(std::uint64_t duration_ns);
// The durations d of a bucket: lower <= d < the lower of the next one. The first begins at 0, the last has no end.
std::uint64_t duration_bucket_lower_ns(std::size_t bucket);

struct DurationCount {
    std::uint8_t bucket = 0;
    std::uint64_t spans = 0;
    friend auto operator<=>(const DurationCount&, const DurationCount&) = default;  // NOLINT(modernize-use-nullptr)
};

struct RollupCell {
    std::uint64_t minute_ns = 0;  // a multiple of kRollupMinuteNs; of the spans' starts
    RollupKey key;
    std::uint64_t spans = 0;
    std::uint64_t errors = 0;  // status code Error
    std::uint64_t duration_sum_ns = 0;
    std::uint64_t duration_max_ns = 0;
    std::vector<DurationCount> durations;                                     // by bucket; none is zero
    friend auto operator<=>(const RollupCell&, const RollupCell&) = default;  // NOLINT(modernize-use-nullptr)
};

// Adds the counts of `from`, which is of the same minute and key.
void add_cell(RollupCell& to, const RollupCell& from);
// Takes the counts away again; the longest duration stays.
void subtract_cell(RollupCell& to, const RollupCell& from);

class RollupCounter {
public:
    void add(const model::Span& span);
    void add(const RollupCell& cell);
    // By minute and key. Cells that a subtraction emptied are left out.
    [[nodiscard]] std::vector<RollupCell> cells() const;

private:
    struct Place {
        std::uint64_t minute_ns;
        RollupKey key;
        friend auto operator<=>(const Place&, const Place&) = default;  // NOLINT(modernize-use-nullptr)
    };
    std::map<Place, RollupCell> cells_;
};

}  // namespace skua::store
