// SPDX-License-Identifier: Apache-2.0
// Decides whether a commit waits for company. One durable commit costs about the same CPU whatever its size, so when
// commits take more than a tenth of a core they are made rarer; when they would take less than a twentieth even one by
// one, each is made at once. Confined to the WAL leader.
#pragma once

#include <algorithm>
#include <cstdint>

namespace skua::store::embedded {

class CommitPacer {
public:
    static constexpr std::int64_t kWindowNs = 100'000'000;

    // After each commit: when it ended, what it took (CPU of this thread, and time), how many requests it carried.
    void on_commit(std::int64_t now_ns, std::int64_t cpu_ns, std::int64_t took_ns, std::uint64_t requests) {
        if (window_start_ns_ == 0) window_start_ns_ = now_ns - took_ns;
        cpu_ns_ += cpu_ns;
        took_ns_ += took_ns;
        requests_ += requests;
        ++commits_;
        const std::int64_t elapsed = now_ns - window_start_ns_;
        if (elapsed < kWindowNs) return;
        if (!gathers_) {
            gathers_ = cpu_ns_ * 10 > elapsed;
        } else {
            // One by one there would be as many commits as requests, or as many as fit into the time.
            const auto commits = static_cast<std::int64_t>(commits_);
            const std::int64_t fit = elapsed / std::max<std::int64_t>(took_ns_ / commits, 1);
            const std::int64_t one_by_one = std::min(static_cast<std::int64_t>(requests_), fit);
            gathers_ = one_by_one * (cpu_ns_ / commits) * 20 > elapsed;
        }
        window_start_ns_ = now_ns;
        cpu_ns_ = took_ns_ = 0;
        requests_ = commits_ = 0;
    }
    [[nodiscard]] bool gathers() const { return gathers_; }

private:
    bool gathers_ = false;
    std::int64_t window_start_ns_ = 0;
    std::int64_t cpu_ns_ = 0;
    std::int64_t took_ns_ = 0;
    std::uint64_t requests_ = 0;
    std::uint64_t commits_ = 0;
};

}  // namespace skua::store::embedded
