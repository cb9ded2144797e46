// SPDX-License-Identifier: Apache-2.0
// Threads for handlers that take their time: a search of seconds must not hold a thread that reads sockets, and its
// client's leaving is only noticed while those are free.
//
// Threads: every method from any thread.
#pragma once

#include "api/http.h"

#include <cstddef>
#include <memory>
#include <string>

namespace skua::net {

class HandlerPool {
public:
    // At most `threads` handlers run and `waiting_max` wait; who comes then is answered 503 with Retry-After.
    HandlerPool(std::string name, unsigned threads, std::size_t waiting_max);
    // Runs what waits to its end.
    ~HandlerPool();
    HandlerPool(const HandlerPool&) = delete;
    HandlerPool& operator=(const HandlerPool&) = delete;

    // `handler`, run on the pool's threads. The pool outlives the result's calls. A request whose client has left
    // before its turn is not handled.
    [[nodiscard]] api::HttpHandler wrap(api::HttpHandler handler);

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace skua::net
