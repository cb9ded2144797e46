// SPDX-License-Identifier: Apache-2.0
// A pointer to something immutable that one side replaces and many read without locking each other out.
//
// std::atomic<std::shared_ptr> is not lock-free in libstdc++ 12 and reported by TSan, hence the free functions. There
// is no copy per thread: it would save some 30 ns a query and pin a retired value (tens of megabytes of rows) in every
// thread that happens to be idle.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace skua::base {

template <class T>
class Published {
public:
    Published() = default;
    explicit Published(std::shared_ptr<const T> first) : value_(std::move(first)) {}

    // Any thread. The value lives as long as the pointer is held.
    [[nodiscard]] std::shared_ptr<const T> load() const { return std::atomic_load(&value_); }
    // What was written before this is visible to whoever loads the value.
    void store(std::shared_ptr<const T> next) {
        std::atomic_store(&value_, std::move(next));
        generation_.fetch_add(1, std::memory_order_release);
    }
    // Changes with each store: a cheap way to see that nothing did.
    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

private:
    std::shared_ptr<const T> value_;
    std::atomic<std::uint64_t> generation_{0};
};

}  // namespace skua::base
