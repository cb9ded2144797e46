// SPDX-License-Identifier: Apache-2.0
// The threads that read and write sockets. All doors share one set of them; a socket stays with the thread that it was
// given to when it was accepted, which is the one that had the least to do of late.
#pragma once

#include <memory>
#include <string>

namespace skua::net {

class IoThreads {
public:
    // Threads are called `name`-0, `name`-1, … (at most 15 characters in all).
    IoThreads(const std::string& name, unsigned count);
    // REQUIRES: every server that uses these threads is destroyed. Joins.
    ~IoThreads();
    IoThreads(const IoThreads&) = delete;
    IoThreads& operator=(const IoThreads&) = delete;

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace skua::net
