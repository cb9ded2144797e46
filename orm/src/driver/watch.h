// SPDX-License-Identifier: Apache-2.0
// How long a statement may still run, for drivers that wait on a socket. Its context outlives it; one thread.
#pragma once

#include "../core.h"

#include <algorithm>
#include <cstdint>

#include <skua/orm/context.hpp>
#include <skua/orm/error.hpp>

namespace skua::orm::detail {

class watch {
public:
    explicit watch(const context* limits) noexcept
        : limits_(limits && (limits->deadline_ns() || limits->can_stop()) ? limits : nullptr) {}
    [[nodiscard]] bool active() const noexcept { return limits_; }
    [[nodiscard]] bool late() const noexcept {
        return limits_ && limits_->deadline_ns() && monotonic_ns() > limits_->deadline_ns();
    }
    [[nodiscard]] bool over() const noexcept { return late() || (limits_ && limits_->stop_requested()); }
    // Milliseconds until there is something to look at; a stop token cannot wake us.
    [[nodiscard]] int pause_ms() const noexcept {
        std::int64_t ns = limits_->can_stop() || cancelled_ns ? 20'000'000 : 3'600'000'000'000;
        if (limits_->deadline_ns() && !cancelled_ns) ns = std::min(ns, limits_->deadline_ns() - monotonic_ns());
        return static_cast<int>(std::max<std::int64_t>(0, ns) / 1'000'000) + 1;
    }
    [[nodiscard]] error why() const {
        return late() ? make_error(errc::timeout, "the deadline has passed")
                      : make_error(errc::cancelled, "cancelled by its stop token");
    }

    std::int64_t cancelled_ns = 0;  // when the server was asked to end the statement
    bool given_up = false;          // it did not in time

private:
    const context* limits_;
};

}  // namespace skua::orm::detail
