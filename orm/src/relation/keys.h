// SPDX-License-Identifier: Apache-2.0
// Which owners have which key: made from the owners, asked for each related row.
#pragma once

#include "relation.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skua::orm::detail {

// The values of some columns of one row, comparable. Integers as they are, everything else and several columns as
// bytes.
struct row_key {
    std::int64_t number = 0;
    std::string bytes;
    bool operator<(const row_key& o) const noexcept { return number != o.number ? number < o.number : bytes < o.bytes; }
    bool operator==(const row_key& o) const noexcept { return number == o.number && bytes == o.bytes; }
};

void add_to_key(row_key& key, value_view v, bool alone);
// A value as a column of that type holds it: a number where the other side keeps text.
value value_for(const field_info& column, value_view v);
// Of the columns `fields` of an object, as the columns `as` on the other side hold them. False: one is NULL, or all are
// zero: the row has no such key.
bool key_of(const field_list& fields, const field_list& as, const void* object, row_key& into);

class owner_index {
public:
    struct entry {
        row_key key;
        std::uint32_t owner;
    };
    void add(row_key key, std::uint32_t owner) { all_.push_back({std::move(key), owner}); }
    // After the last add, before the first find.
    void sort();
    [[nodiscard]] std::span<const entry> owners_of(const row_key& key) const noexcept;
    [[nodiscard]] std::span<const entry> all() const noexcept { return all_; }
    // One entry of each key.
    [[nodiscard]] std::vector<const entry*> distinct() const;

private:
    std::vector<entry> all_;
};

// The values of these columns of an object, as `as` hold them, behind what is there.
void add_values(std::vector<value>& to, const field_list& fields, const field_list& as, const void* object);
// Sets columns of one object to those of another. A value that does not fit: invalid_value.
status copy_key(const field_list& from, const void* source, const field_list& to, void* target);
// fields IN (values, row after row); a composite key: (a = ? AND b = ?) OR …
void add_key_list(expr& to, const field_list& fields, std::span<const value> values);
// So many keys fit into one statement that has `other` values besides.
std::size_t keys_of_statement(std::size_t bind_limit, std::size_t columns, std::size_t other);
// Keys of so many columns, in pieces of which one statement takes two, and a
// few values besides.
std::vector<std::span<const value>> parts_of(std::size_t bind_limit, std::size_t columns,
                                             std::span<const value> values);
// Takes those out of `all` that are among `others`.
void subtract(std::vector<value>& all, std::span<const value> others, std::size_t columns);

}  // namespace skua::orm::detail
