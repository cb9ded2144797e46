// SPDX-License-Identifier: Apache-2.0
// How many bytes of requests all doors together may hold at once. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace skua::net {

class ByteBudget {
public:
    explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // Whether `bytes` more would fit now. Reserves nothing: a claimed length is not worth memory.
    [[nodiscard]] bool has_room_for(std::size_t bytes) const { return used() + bytes <= bytes_max_; }
    [[nodiscard]] bool try_take(std::size_t bytes) {
        std::size_t used = used_.load(std::memory_order_relaxed);
        do {
            if (used + bytes > bytes_max_) return false;
        } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
        return true;
    }
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
};

// What one request holds of the budget; gives it back when it dies. Confined to one thread at a time.
class ByteLease {
public:
    explicit ByteLease(ByteBudget& budget) : budget_(&budget) {}
    ByteLease(ByteLease&& other) noexcept : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    ByteLease& operator=(ByteLease&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~ByteLease() { release(); }

    // Holds `bytes` in all from now on, if there is room.
    [[nodiscard]] bool grow_to(std::size_t bytes) {
        if (bytes <= bytes_) return true;
        if (!budget_->try_take(bytes - bytes_)) return false;
        bytes_ = bytes;
        return true;
    }
    void release() { budget_->give_back(std::exchange(bytes_, 0)); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    ByteBudget* budget_;  // outlives the lease
    std::size_t bytes_ = 0;
};

}  // namespace skua::net
