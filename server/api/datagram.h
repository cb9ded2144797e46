// SPDX-License-Identifier: Apache-2.0
// UDP as the handlers see it.
#pragma once

#include <functional>
#include <string_view>

namespace skua::api {

// Called on an I/O thread with one datagram, which lives until the handler returns. `done` is to be called exactly
// once, from any thread, when the work for it is over: the door counts what is under way.
using DatagramHandler = std::function<void(std::string_view datagram, std::function<void()> done)>;

}  // namespace skua::api
