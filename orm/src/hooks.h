// SPDX-License-Identifier: Apache-2.0
// The listeners of a database and the pairs they are told.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <skua/orm/driver_hooks.hpp>

namespace skua::orm::detail {

// A published, unchanging list.
struct hook_list {
    struct entry {
        const driver_listener* listener;
        std::size_t index;  // of its slots, for the database's life
    };
    unsigned events = 0;
    std::size_t count = 0;
    entry entries[max_listeners];
};

class hook_registry {
public:
    status add(std::string_view name, driver_listener listener);
    status erase(std::string_view name);
    // The database is closed: listeners are let go.
    void clear() noexcept;
    // Null: nobody listens. Valid until clear().
    [[nodiscard]] const hook_list* current() const noexcept { return current_.load(std::memory_order_acquire); }

private:
    struct named {
        std::string name;
        std::unique_ptr<driver_listener> listener;
        bool active = true;
    };
    void publish();

    std::atomic<const hook_list*> current_{nullptr};
    std::mutex mutex_;
    std::vector<named> all_;                         // guarded by mutex_; the place is the index; never shrinks
    std::vector<std::unique_ptr<hook_list>> lists_;  // guarded by mutex_; old ones too
};

// Begin in the constructor, end in the destructor, in reverse order.
class hook_scope {
public:
    hook_scope(const hook_registry& registry, driver_call& call) noexcept : call_(call), list_(registry.current()) {
        if (list_ && (list_->events & bit(call.event)))
            begin();
        else
            list_ = nullptr;
    }
    hook_scope(const hook_scope&) = delete;
    hook_scope& operator=(const hook_scope&) = delete;
    ~hook_scope() {
        if (list_) end();
    }

private:
    void begin() noexcept;
    void end() noexcept;

    driver_call& call_;
    const hook_list* list_;
    alignas(hook_slot) unsigned char slots_[max_listeners * sizeof(hook_slot)];
};

}  // namespace skua::orm::detail
