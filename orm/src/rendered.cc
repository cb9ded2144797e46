// SPDX-License-Identifier: Apache-2.0
#include "rendered.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace skua::orm::detail {

std::uint64_t next_statement_id() noexcept {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

// Two lanes, so that the multiplications do not wait for one another.
std::uint64_t shape::hash() const noexcept {
    std::uint64_t a = 0x9e3779b97f4a7c15ULL ^ words.size(), b = 0xc2b2ae3d27d4eb4fULL;
    std::size_t i = 0;
    for (; i + 1 < words.size(); i += 2) {
        a = (a ^ words[i]) * 0xbf58476d1ce4e5b9ULL;
        b = (b ^ words[i + 1]) * 0x94d049bb133111ebULL;
        a ^= a >> 29;
        b ^= b >> 31;
    }
    if (i < words.size()) a = (a ^ words[i]) * 0xbf58476d1ce4e5b9ULL;
    a ^= b + (a << 6) + (a >> 2);
    return a ^ a >> 32;
}

void shape::add_text(std::string_view text) {
    add(text.size());
    for (std::size_t i = 0; i < text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, std::min<std::size_t>(8, text.size() - i));
        add(word);
    }
}

bool shape::same(const std::vector<std::uint64_t>& other) const noexcept {
    return other.size() == words.size() &&
           std::memcmp(other.data(), words.data(), words.size() * sizeof(std::uint64_t)) == 0;
}

result<rendered_ptr> render_cache::find_or_render(const shape& what, const dialect& d) {
    const std::uint64_t hash = what.hash();
    if (what.cacheable) {
        const std::lock_guard lock(mutex_);
        auto [from, to] = entries_.equal_range(hash);
        for (; from != to; ++from)
            if (what.same(from->second.words)) return from->second.statement;
    }
    result<std::unique_ptr<statement_info>> made = what.render(what.self, d);
    if (!made) return std::move(made.error());
    (*made)->id = next_statement_id();
    (*made)->cacheable = what.cacheable;
    rendered_ptr statement(std::move(*made));
    if (what.cacheable) {
        const std::lock_guard lock(mutex_);
        if (entries_.size() >= capacity) entries_.clear();
        entries_.emplace(hash, entry{{what.words.begin(), what.words.end()}, statement});
    }
    return statement;
}

statement_cache::entry* statement_cache::find(const shape& what) noexcept {
    // The same once more, as in loops: not even the hash is needed.
    if (!order_.empty() && what.same(order_.front().words)) return &order_.front();
    const std::uint64_t hash = what.hash();
    auto [from, to] = by_hash_.equal_range(hash);
    for (; from != to; ++from) {
        if (!what.same(from->second->words)) continue;
        order_.splice(order_.begin(), order_, from->second);
        return &order_.front();
    }
    return nullptr;
}

statement_cache::entry* statement_cache::insert(const shape& what, rendered_ptr statement,
                                                std::unique_ptr<prepared> handle) {
    if (order_.size() >= capacity_) {
        auto [from, to] = by_hash_.equal_range(order_.back().hash);
        for (; from != to; ++from)
            if (&*from->second == &order_.back()) {
                by_hash_.erase(from);
                break;
            }
        order_.pop_back();
    }
    const std::uint64_t hash = what.hash();
    order_.push_front({hash, {what.words.begin(), what.words.end()}, std::move(statement), std::move(handle)});
    by_hash_.emplace(hash, order_.begin());
    return &order_.front();
}

void statement_cache::clear() noexcept {
    by_hash_.clear();
    order_.clear();
}

}  // namespace skua::orm::detail
