// SPDX-License-Identifier: Apache-2.0
// Operations of a shard by what they are. The appender's own.
#pragma once

#include "store/embedded/head/shape.h"
#include "store/embedded/head/string_table.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::store::embedded {

class OperationTable {
public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    // `name` is the text of key.name, which is not looked at.
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, const Operation& key, std::string_view name) const {
        const std::size_t mask = entries_.size() - 1;
        for (std::size_t at = hash & mask; entries_[at].number != kNone; at = (at + 1) & mask) {
            const Entry& e = entries_[at];
            if (e.hash == hash && e.key.service == key.service && e.key.scope == key.scope && e.key.kind == key.kind &&
                e.key.status == key.status && e.name == name) {
                return e.number;
            }
        }
        return kNone;
    }
    // REQUIRES: find() does not find it. `name` is kept.
    void add(std::uint64_t hash, const Operation& key, std::string_view name, std::uint32_t number) {
        place({hash, key, name, number});
        if (++count_ * 2 <= entries_.size()) return;
        std::vector<Entry> old(entries_.size() * 2);
        old.swap(entries_);
        for (const Entry& entry : old) {
            if (entry.number != kNone) place(entry);
        }
    }
    static std::uint64_t hash_of(const Operation& key, std::string_view name) {
        const std::uint64_t rest = (std::uint64_t{key.service} << 32 | key.scope) * 31 +
                                   static_cast<std::uint64_t>(key.kind) * 7 + static_cast<std::uint64_t>(key.status);
        const std::uint64_t x = (hash_bytes(name) ^ rest) * 0x9E3779B97F4A7C15ULL;
        return x ^ (x >> 32);
    }

private:
    struct Entry {
        std::uint64_t hash = 0;
        Operation key;
        std::string_view name;
        std::uint32_t number = kNone;
    };
    void place(const Entry& entry) {
        const std::size_t mask = entries_.size() - 1;
        std::size_t at = entry.hash & mask;
        while (entries_[at].number != kNone) at = (at + 1) & mask;
        entries_[at] = entry;
    }
    std::vector<Entry> entries_ = std::vector<Entry>(1024);
    std::size_t count_ = 0;
};

}  // namespace skua::store::embedded
