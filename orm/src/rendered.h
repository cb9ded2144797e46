// SPDX-License-Identifier: Apache-2.0
// Statements by their shape: everything about them but the values. A shape is rendered once per database and prepared
// once per connection.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <skua/orm/detail/small.hpp>
#include <skua/orm/driver.hpp>
#include <skua/orm/driver_hooks.hpp>

namespace skua::orm::detail {

using rendered_ptr = std::shared_ptr<const statement_info>;

// The words that tell shapes apart, and how to make the text of one.
struct shape {
    small<std::uint64_t, 64> words;
    bool cacheable = true;
    // Makes the statement; called when nobody has it yet.
    const void* self = nullptr;
    result<std::unique_ptr<statement_info>> (*render)(const void* self, const dialect& d) = nullptr;

    void add(std::uint64_t word) { words.push_back(word); }
    void add(const void* address) { words.push_back(reinterpret_cast<std::uintptr_t>(address)); }
    void add_text(std::string_view text);
    [[nodiscard]] std::uint64_t hash() const noexcept;
    [[nodiscard]] bool same(const std::vector<std::uint64_t>& other) const noexcept;
};

// Of a database, any thread. Bounded: when full it starts again, connections keep what they have.
class render_cache {
public:
    static constexpr std::size_t capacity = 4096;
    result<rendered_ptr> find_or_render(const shape& what, const dialect& d);

private:
    struct entry {
        std::vector<std::uint64_t> words;
        rendered_ptr statement;
    };
    std::mutex mutex_;
    std::unordered_multimap<std::uint64_t, entry> entries_;  // guarded by mutex_
};

// Of a connection: the least recently used goes first.
class statement_cache {
public:
    struct entry {
        std::uint64_t hash = 0;
        std::vector<std::uint64_t> words;
        rendered_ptr statement;
        std::unique_ptr<prepared> handle;
    };
    void set_capacity(std::size_t n) { capacity_ = n; }
    // Null: not there. Valid until insert, erase or clear.
    entry* find(const shape& what) noexcept;
    entry* insert(const shape& what, rendered_ptr statement, std::unique_ptr<prepared> handle);
    void clear() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    std::list<entry> order_;  // the first is the last used
    std::unordered_multimap<std::uint64_t, std::list<entry>::iterator> by_hash_;
    std::size_t capacity_ = 128;
};

std::uint64_t next_statement_id() noexcept;

}  // namespace skua::orm::detail
