// SPDX-License-Identifier: Apache-2.0
// Lets a long walk notice that nobody waits for it any more.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "model/request_context.h"

#include <cstdint>

namespace skua::store {

class Interrupt {
public:
    Interrupt(const model::RequestContext& context, const base::Clock& clock) : context_(context), clock_(clock) {}

    base::Status now() const {
        if (context_.cancel.stop_requested()) return base::Error{base::Code::kCancelled, "the request was cancelled"};
        if (clock_.monotonic_ns() >= context_.deadline_ns) {
            return base::Error{base::Code::kDeadlineExceeded, "the request's time is up"};
        }
        return {};
    }
    // Cheap enough for every span: looks every 256 calls.
    base::Status step() { return (++steps_ & 255U) == 0 ? now() : base::Status{}; }

private:
    const model::RequestContext& context_;
    const base::Clock& clock_;
    std::uint32_t steps_ = 0;
};

}  // namespace skua::store
