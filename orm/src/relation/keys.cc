// SPDX-License-Identifier: Apache-2.0
#include "keys.h"

#include <algorithm>
#include <cstring>

namespace skua::orm::detail {

void add_to_key(row_key& key, value_view v, bool alone) {
    const bool number = v.kind() == value_kind::integer || v.kind() == value_kind::boolean;
    if (number && alone) {
        key.number = v.as_integer();
        return;
    }
    const auto append = [&](const void* from, std::size_t n) { key.bytes.append(static_cast<const char*>(from), n); };
    if (number || v.kind() == value_kind::moment) {
        const std::int64_t n = v.as_integer();
        append("i", 1);
        append(&n, sizeof n);
    } else if (v.kind() == value_kind::real) {
        const double d = v.as_real();
        append("r", 1);
        append(&d, sizeof d);
    } else {
        const std::uint64_t n = v.as_bytes().size();
        append("t", 1);
        append(&n, sizeof n);
        append(v.as_bytes().data(), n);
    }
}

value value_for(const field_info& column, value_view v) {
    if (v.kind() == value_kind::integer && column.ops->type.kind == value_kind::text)
        return value::text(std::to_string(v.as_integer()));
    return value(v);
}

bool key_of(const field_list& fields, const field_list& as, const void* object, row_key& into) {
    into.number = 0;
    into.bytes.clear();
    bool any = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const field_info* f = fields[i];
        scratch keeper;
        const void* member = f->in(object);
        const value_view v = f->ops->view(member, keeper);
        if (v.is_null()) return false;
        any = any || !f->ops->is_zero(member);
        if (v.kind() == as[i]->ops->type.kind)
            add_to_key(into, v, fields.size() == 1);
        else
            add_to_key(into, value_for(*as[i], v).view(), fields.size() == 1);
    }
    return any;
}

void owner_index::sort() {
    std::stable_sort(all_.begin(), all_.end(), [](const entry& a, const entry& b) { return a.key < b.key; });
}
std::span<const owner_index::entry> owner_index::owners_of(const row_key& key) const noexcept {
    const auto from =
        std::lower_bound(all_.begin(), all_.end(), key, [](const entry& e, const row_key& k) { return e.key < k; });
    auto to = from;
    while (to != all_.end() && to->key == key) ++to;
    return {from, to};
}
std::vector<const owner_index::entry*> owner_index::distinct() const {
    std::vector<const entry*> out;
    for (const entry& e : all_)
        if (out.empty() || !(out.back()->key == e.key)) out.push_back(&e);
    return out;
}

void add_values(std::vector<value>& to, const field_list& fields, const field_list& as, const void* object) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        scratch keeper;
        to.push_back(value_for(*as[i], fields[i]->ops->view(fields[i]->in(object), keeper)));
    }
}

status copy_key(const field_list& from, const void* source, const field_list& to, void* target) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        scratch keeper;
        const value v = value_for(*to[i], from[i]->ops->view(from[i]->in(source), keeper));
        if (to[i]->ops->read(to[i]->in(target), v.view()) != read_status::good)
            return fail(errc::invalid_value, "the key " + from[i]->column + " does not fit column " + to[i]->column);
    }
    return ok;
}

void add_key_list(expr& to, const field_list& fields, std::span<const value> values) {
    const std::size_t columns = fields.size(), rows = values.size() / columns;
    if (columns == 1) {
        to.push_field(fields[0]);
        for (const value& v : values) to.add_to_list(v);
        to.push_list(rows);
        to.push(node_kind::in);
        return;
    }
    // As many as a power of two, so that few shapes come about.
    std::size_t wide = 1;
    while (wide < rows) wide *= 2;
    for (std::size_t i = 0; i < wide; ++i) {
        const std::size_t row = std::min(i, rows - 1);
        for (std::size_t k = 0; k < columns; ++k) {
            to.push_field(fields[k]);
            to.push_value(values[row * columns + k]);
            to.push(node_kind::eq);
            if (k) to.push(node_kind::and_);
        }
        if (i) to.push(node_kind::or_);
    }
}

std::size_t keys_of_statement(std::size_t bind_limit, std::size_t columns, std::size_t other) {
    const std::size_t room = bind_limit > other ? (bind_limit - other) / columns : 1;
    // SQLite refuses expressions deeper than 1000.
    const std::size_t most = columns == 1 ? std::size_t{1} << 15 : 256;
    std::size_t keys = 1;
    while (keys * 2 <= std::min(room, most)) keys *= 2;
    return keys;
}

std::vector<std::span<const value>> parts_of(std::size_t bind_limit, std::size_t columns,
                                             std::span<const value> values) {
    constexpr std::size_t besides = 8;
    const std::size_t most = keys_of_statement(bind_limit / 2, columns, besides) * columns;
    std::vector<std::span<const value>> out;
    for (std::size_t from = 0; from < values.size(); from += most)
        out.push_back(values.subspan(from, std::min(most, values.size() - from)));
    return out;
}

void subtract(std::vector<value>& all, std::span<const value> others, std::size_t columns) {
    const auto key_at = [&](std::span<const value> values, std::size_t from) {
        row_key key;
        for (std::size_t k = 0; k < columns; ++k) add_to_key(key, values[from + k].view(), columns == 1);
        return key;
    };
    std::vector<row_key> gone;
    for (std::size_t i = 0; i < others.size(); i += columns) gone.push_back(key_at(others, i));
    std::sort(gone.begin(), gone.end());
    std::vector<value> kept;
    for (std::size_t i = 0; i < all.size(); i += columns)
        if (!std::binary_search(gone.begin(), gone.end(), key_at(all, i)))
            for (std::size_t k = 0; k < columns; ++k) kept.push_back(std::move(all[i + k]));
    all = std::move(kept);
}

}  // namespace skua::orm::detail
