// SPDX-License-Identifier: Apache-2.0
#include "core.h"

#include <algorithm>

#include <skua/orm/context.hpp>

namespace skua::orm {

// The latest word is the head.
struct context::node {
    const void* key = nullptr;
    std::shared_ptr<const void> value;
    std::int64_t deadline_ns = 0;  // of this node and those behind it: the earliest
    stop_fn asks = nullptr;        // the value is a token
    bool stoppable = false;        // this node or one behind it
    std::shared_ptr<const node> behind;
};

context context::with_timeout_ns(std::int64_t ns) const {
    auto made = std::make_shared<node>();
    made->deadline_ns = detail::monotonic_ns() + ns;
    if (deadline_ns()) made->deadline_ns = std::min(made->deadline_ns, deadline_ns());
    made->stoppable = can_stop();
    made->behind = head_;
    return context(std::move(made));
}

context context::with_stop(std::shared_ptr<const void> token, stop_fn asks) const {
    auto made = std::make_shared<node>();
    made->value = std::move(token);
    made->asks = asks;
    made->stoppable = true;
    made->deadline_ns = deadline_ns();
    made->behind = head_;
    return context(std::move(made));
}

context context::with_slot(const void* key, std::shared_ptr<const void> value) const {
    auto made = std::make_shared<node>();
    made->key = key;
    made->value = std::move(value);
    made->deadline_ns = deadline_ns();
    made->stoppable = can_stop();
    made->behind = head_;
    return context(std::move(made));
}

const void* context::slot(const void* key) const noexcept {
    for (const node* n = head_.get(); n; n = n->behind.get())
        if (n->key == key) return n->value.get();
    return nullptr;
}

std::int64_t context::deadline_of_head() const noexcept {
    return head_->deadline_ns;
}
bool context::can_stop() const noexcept {
    return head_ && head_->stoppable;
}
bool context::stop_requested() const noexcept {
    if (!can_stop()) return false;
    for (const node* n = head_.get(); n; n = n->behind.get())
        if (n->asks && n->asks(n->value.get())) return true;
    return false;
}

context context::merged_with(const context& other) const {
    if (!head_) return other;
    std::vector<const node*> theirs;
    for (const node* n = other.head_.get(); n; n = n->behind.get()) theirs.push_back(n);
    context made = *this;
    for (auto it = theirs.rbegin(); it != theirs.rend(); ++it) {
        auto copy = std::make_shared<node>(**it);
        copy->behind = made.head_;
        copy->stoppable = copy->stoppable || made.can_stop();
        const std::int64_t mine = made.deadline_ns();
        if (mine) copy->deadline_ns = copy->deadline_ns ? std::min(copy->deadline_ns, mine) : mine;
        made = context(std::move(copy));
    }
    return made;
}

}  // namespace skua::orm
