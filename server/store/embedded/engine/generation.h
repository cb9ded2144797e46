// SPDX-License-Identifier: Apache-2.0
// One WAL generation and its head: what a request belongs to from its first row to its acknowledgement.
#pragma once

#include "store/embedded/engine/data_half.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>

namespace skua::store::embedded {

struct Generation {
    std::uint64_t number = 0;
    std::shared_ptr<Head> head;
    std::int64_t opened_ns = 0;
    std::array<std::mutex, kHeadShards> shard_locks;  // from stage() until the record is in the WAL

    // Guarded by Engine::state_mutex_.
    std::uint64_t pending = 0;  // requests being staged or in the WAL's queue

    // Guarded by Engine::publish_mutex_.
    std::array<std::uint32_t, kHeadShards> committed{};
    std::int64_t arrival_min_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t arrival_max_ns = std::numeric_limits<std::int64_t>::min();

    [[nodiscard]] bool is_empty() const {
        return std::all_of(committed.begin(), committed.end(), [](std::uint32_t rows) { return rows == 0; });
    }
    void commit(std::size_t shard, const StagedRows& rows, std::int64_t received_ns) {
        head->commit(shard, rows);
        committed[shard] = std::max(committed[shard], rows.end);
        arrival_min_ns = std::min(arrival_min_ns, received_ns);
        arrival_max_ns = std::max(arrival_max_ns, received_ns);
    }
    [[nodiscard]] HeadView view() const { return {number, head, committed}; }
};

}  // namespace skua::store::embedded
