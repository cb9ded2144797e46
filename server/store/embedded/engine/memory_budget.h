// SPDX-License-Identifier: Apache-2.0
// How much memory all tenants of a store may hold together, and who is refused when they hold it.
//
// Each tenant has a fair minimum, a quarter of the budget shared by all that are open: it counts as used whether it is
// or not, so that a tenant that fills all it can get never keeps another from its own. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace skua::store::embedded {

class MemoryBudget : public std::enable_shared_from_this<MemoryBudget> {
public:
    // `heads_bytes_max` of `bytes_max` are for heads; 0: no such cap. `shared_bytes`, if any, tells what is held for
    // all of them, such as a cache.
    MemoryBudget(std::uint64_t bytes_max, std::uint64_t heads_bytes_max,
                 std::function<std::uint64_t()> shared_bytes = {})
        : bytes_max_(bytes_max), heads_bytes_max_(heads_bytes_max), shared_bytes_(std::move(shared_bytes)) {}

    // One tenant's; closed when it dies.
    class Account {
    public:
        explicit Account(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {
            const std::lock_guard lock(budget_->mutex_);
            budget_->accounts_.push_back(this);
        }
        ~Account() {
            const std::lock_guard lock(budget_->mutex_);
            std::erase(budget_->accounts_, this);
        }
        Account(const Account&) = delete;
        Account& operator=(const Account&) = delete;

        // What it holds now. True: it may not have more.
        bool weigh(std::uint64_t heads_bytes, std::uint64_t other_bytes) {
            const std::lock_guard lock(budget_->mutex_);
            heads_bytes_ = heads_bytes;
            other_bytes_ = other_bytes;
            return budget_->is_over(*this);
        }

    private:
        friend class MemoryBudget;
        const std::shared_ptr<MemoryBudget> budget_;
        // Guarded by the budget's mutex_.
        std::uint64_t heads_bytes_ = 0;
        std::uint64_t other_bytes_ = 0;
    };
    std::unique_ptr<Account> open() { return std::make_unique<Account>(shared_from_this()); }

    // As weighed last.
    [[nodiscard]] std::uint64_t used() const {
        const std::uint64_t shared = shared_bytes_ ? shared_bytes_() : 0;
        const std::lock_guard lock(mutex_);
        std::uint64_t sum = shared;
        for (const Account* one : accounts_) sum += one->heads_bytes_ + one->other_bytes_;
        return sum;
    }
    [[nodiscard]] std::size_t tenants() const {
        const std::lock_guard lock(mutex_);
        return accounts_.size();
    }

private:
    static constexpr std::uint64_t kForMinimums = 4;  // a quarter

    // REQUIRES mutex_.
    [[nodiscard]] bool is_over(const Account& account) const {
        const std::uint64_t least = bytes_max_ / kForMinimums / accounts_.size();
        const std::uint64_t least_heads = heads_bytes_max_ / kForMinimums / accounts_.size();
        std::uint64_t all = shared_bytes_ ? shared_bytes_() : 0;
        std::uint64_t heads = 0;
        for (const Account* one : accounts_) {
            all += std::max(one->heads_bytes_ + one->other_bytes_, least);
            heads += std::max(one->heads_bytes_, least_heads);
        }
        if (heads_bytes_max_ != 0 && heads > heads_bytes_max_ && account.heads_bytes_ > least_heads) return true;
        return all > bytes_max_ / 10 * 9 && account.heads_bytes_ + account.other_bytes_ > least;
    }

    const std::uint64_t bytes_max_;
    const std::uint64_t heads_bytes_max_;
    const std::function<std::uint64_t()> shared_bytes_;
    mutable std::mutex mutex_;
    std::vector<Account*> accounts_;  // guarded by mutex_
};

}  // namespace skua::store::embedded
