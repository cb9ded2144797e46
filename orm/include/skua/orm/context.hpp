// SPDX-License-Identifier: Apache-2.0
// What travels with every statement of a handle made by db.with(context): a deadline, a stop token, and values that
// plugins put in (the parent span). Immutable and shared: copying one is a reference count.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace skua::orm {

// Names a slot by its own address: `inline constexpr orm::context_key<T> parent_key{};`
template <class T>
struct context_key {
    char unused = 0;
};

class context {
public:
    context() noexcept = default;

    // The statements made with it must be over this long after the call of timeout(). Any std::chrono duration.
    template <class Duration>
    [[nodiscard]] context timeout(Duration duration) const {
        using period = typename Duration::period;
        const long double seconds = static_cast<long double>(duration.count()) * period::num / period::den;
        return with_timeout_ns(static_cast<std::int64_t>(seconds * 1e9L));
    }
    // Anything with stop_requested(), as std::stop_token. Asked about every thousand steps of the database's machine.
    template <class Token>
    [[nodiscard]] context stop(Token token) const {
        return with_stop(std::make_shared<Token>(std::move(token)),
                         [](const void* t) noexcept { return static_cast<const Token*>(t)->stop_requested(); });
    }
    template <class T>
    [[nodiscard]] context set(const context_key<T>& key, T value) const {
        return with_slot(&key, std::make_shared<T>(std::move(value)));
    }
    // Null when nothing was set. Valid as long as this context.
    template <class T>
    [[nodiscard]] const T* get(const context_key<T>& key) const noexcept {
        return static_cast<const T*>(slot(&key));
    }

    // What `other` says wins.
    [[nodiscard]] context merged_with(const context& other) const;
    [[nodiscard]] bool empty() const noexcept { return !head_; }

    // Monotonic nanoseconds, 0: none.
    [[nodiscard]] std::int64_t deadline_ns() const noexcept { return head_ ? deadline_of_head() : 0; }
    [[nodiscard]] bool can_stop() const noexcept;
    [[nodiscard]] bool stop_requested() const noexcept;

private:
    struct node;
    using stop_fn = bool (*)(const void*) noexcept;
    explicit context(std::shared_ptr<const node> head) noexcept : head_(std::move(head)) {}
    [[nodiscard]] context with_timeout_ns(std::int64_t ns) const;
    [[nodiscard]] context with_stop(std::shared_ptr<const void> token, stop_fn asks) const;
    [[nodiscard]] context with_slot(const void* key, std::shared_ptr<const void> value) const;
    [[nodiscard]] const void* slot(const void* key) const noexcept;
    [[nodiscard]] std::int64_t deadline_of_head() const noexcept;

    std::shared_ptr<const node> head_;
};

}  // namespace skua::orm
