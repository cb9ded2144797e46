// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <chrono>

namespace skua::base {
namespace {

template <class C>
std::int64_t since_epoch_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(C::now().time_since_epoch()).count();
}

class SystemClock final : public Clock {
public:
    [[nodiscard]] std::int64_t now_ns() const override { return since_epoch_ns<std::chrono::system_clock>(); }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return since_epoch_ns<std::chrono::steady_clock>(); }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::int64_t cpu_ns(clockid_t of) {
    timespec used{};
    ::clock_gettime(of, &used);
    return used.tv_sec * std::int64_t{1'000'000'000} + used.tv_nsec;
}

}  // namespace skua::base
