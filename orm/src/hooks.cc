// SPDX-License-Identifier: Apache-2.0
#include "hooks.h"

#include "core.h"

namespace skua::orm {

std::string_view to_string(driver_event event) noexcept {
    static constexpr std::string_view names[driver_events] = {
        "operation", "connect", "close",    "acquire",   "release",     "prepare",          "execute",
        "begin",     "commit",  "rollback", "savepoint", "rollback_to", "release_savepoint"};
    return names[static_cast<std::size_t>(event)];
}

status driver_hooks::add_listener(std::string_view name, driver_listener listener) {
    return core_->pool->hooks().add(name, std::move(listener));
}
status driver_hooks::erase(std::string_view name) {
    return core_->pool->hooks().erase(name);
}

namespace detail {

status hook_registry::add(std::string_view name, driver_listener listener) {
    const std::lock_guard lock(mutex_);
    for (const named& n : all_)
        if (n.active && n.name == name)
            return fail(errc::already_registered,
                        "cannot add driver hook: the name \"" + std::string(name) + "\" is taken");
    if (all_.size() == max_listeners)
        return fail(errc::invalid_value,
                    "cannot add driver hook \"" + std::string(name) + "\": a database takes 8 of them");
    all_.push_back({std::string(name), std::make_unique<driver_listener>(std::move(listener)), true});
    publish();
    return ok;
}

status hook_registry::erase(std::string_view name) {
    const std::lock_guard lock(mutex_);
    for (named& n : all_)
        if (n.active && n.name == name) {
            n.active = false;
            publish();
            return ok;
        }
    return fail(errc::invalid_value, "cannot erase driver hook: there is none named \"" + std::string(name) + "\"");
}

void hook_registry::clear() noexcept {
    current_.store(nullptr, std::memory_order_release);
    std::vector<named> gone;  // destroyed without the lock: a listener may hold whatever it likes
    {
        const std::lock_guard lock(mutex_);
        gone.swap(all_);
        lists_.clear();
    }
}

void hook_registry::publish() {
    auto list = std::make_unique<hook_list>();
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (!all_[i].active) continue;
        list->entries[list->count++] = {all_[i].listener.get(), i};
        list->events |= all_[i].listener->events;
    }
    current_.store(list->count ? list.get() : nullptr, std::memory_order_release);
    lists_.push_back(std::move(list));
}

void hook_scope::begin() noexcept {
    for (std::size_t i = 0; i < list_->count; ++i) {
        hook_slot& slot = *new (slots_ + i * sizeof(hook_slot)) hook_slot;
        const auto& e = list_->entries[i];
        if (!(e.listener->events & bit(call_.event))) continue;
        call_.listener = e.index;
        e.listener->begin(e.listener->self.get(), call_, slot);
    }
}

void hook_scope::end() noexcept {
    for (std::size_t i = list_->count; i-- > 0;) {
        const auto& e = list_->entries[i];
        if (!(e.listener->events & bit(call_.event))) continue;
        call_.listener = e.index;
        e.listener->end(e.listener->self.get(), call_,
                        *std::launder(reinterpret_cast<hook_slot*>(slots_ + i * sizeof(hook_slot))));
    }
}

}  // namespace detail
}  // namespace skua::orm
