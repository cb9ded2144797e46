// SPDX-License-Identifier: Apache-2.0
// Rows of the table between two models, many to many.
#pragma once

#include "keys.h"
#include "run.h"

namespace skua::orm::detail {

// Pairs of keys. Values row after row.
class link_rows {
public:
    explicit link_rows(const relation_info& r) noexcept : r_(r) {}
    void add(std::vector<value> owner, std::vector<value> target);
    [[nodiscard]] std::size_t size() const noexcept { return owners_.size() / r_.owner_fields.size(); }
    [[nodiscard]] row_key owner_key(std::size_t i) const { return key(owners_, r_.owner_fields.size(), i); }
    [[nodiscard]] row_key target_key(std::size_t i) const { return key(targets_, r_.target_fields.size(), i); }
    [[nodiscard]] std::span<const value> owner_values(std::size_t i) const noexcept {
        return std::span(owners_).subspan(i * r_.owner_fields.size(), r_.owner_fields.size());
    }
    [[nodiscard]] std::span<const value> target_values(std::size_t i) const noexcept {
        return std::span(targets_).subspan(i * r_.target_fields.size(), r_.target_fields.size());
    }
    // The values of each target once, in the order of their keys.
    void distinct_targets(std::vector<value>& into) const;
    // The second of two equal pairs goes.
    void make_unique();

private:
    static row_key key(const std::vector<value>& values, std::size_t columns, std::size_t i);

    const relation_info& r_;
    std::vector<value> owners_, targets_;
};

// Links of these owners (values of owner_fields, row after row).
status find_links(const statement& outer, const relation_info& r, std::span<const value> owners, link_rows& into);
// Those that are there already stay as they are.
status insert_links(const statement& outer, const relation_info& r, const link_rows& links);

}  // namespace skua::orm::detail
