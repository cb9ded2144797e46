// SPDX-License-Identifier: Apache-2.0
// From the macro's description to a model: column names, keys, times, indexes.
#include "naming.h"
#include "relation/relation.h"
#include "text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <skua/orm/schema.hpp>

namespace skua::orm {

std::string_view to_string(hook_point point) noexcept {
    static constexpr std::string_view names[hook_points] = {"before_save",   "before_create", "after_create",
                                                            "after_save",    "before_update", "after_update",
                                                            "before_delete", "after_delete",  "after_find"};
    return names[static_cast<std::size_t>(point)];
}

const field_info* model_info::by_offset(std::size_t offset) const noexcept {
    for (const field_info& f : fields)
        if (f.offset == offset) return &f;
    return nullptr;
}
const field_info* model_info::by_column(std::string_view column) const noexcept {
    for (const field_info& f : fields)
        if (f.column == column) return &f;
    return nullptr;
}

const field_info* column_ref::resolve(const model_info** of) const noexcept {
    const model_info& info = model();
    if (of) *of = &info;
    std::size_t offset = 0;
    for (const column_ref* part = this; part; part = part->inner) {
        std::ptrdiff_t more = 0;
        std::memcpy(&more, part->member, sizeof more);
        offset += static_cast<std::size_t>(more);
    }
    return info.by_offset(offset);
}

namespace detail {
namespace {

int number_of(std::string_view s, int otherwise) {
    int n = otherwise;
    std::from_chars(s.data(), s.data() + s.size(), n);
    return n;
}

void read_default(field_info& f) {
    const tag_set& tags = f.desc->tags;
    if (!tags.has_default || tags.default_value == "(-)") {
        f.default_in_database = tags.has_default;
        return;
    }
    std::string_view text = trimmed(tags.default_value);
    if (text.empty() || text.find('(') != std::string_view::npos || lowered(text) == "null" ||
        lowered(text).starts_with("current_")) {
        f.default_in_database = true;
        return;
    }
    f.has_literal_default = true;
    if (text.size() > 1 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    switch (f.ops->type.kind) {
        case value_kind::boolean:
            f.literal_default = value_view::boolean(text == "true" || text == "1");
            break;
        case value_kind::integer: {
            std::int64_t n = 0;
            std::from_chars(text.data(), text.data() + text.size(), n);
            f.literal_default = value_view::integer(n);
            break;
        }
        case value_kind::real:
            f.literal_default = value_view::real(std::strtod(std::string(text).c_str(), nullptr));
            break;
        default:
            f.literal_default = value_view::text(text);
    }
}

void read_times(field_info& f) {
    const auto kind = f.ops->type.kind;
    const bool can = kind == value_kind::moment || kind == value_kind::integer;
    const auto decide = [&](tag_time said, std::string_view by_name) {
        if (!can || said == tag_time::off) return tag_time::off;
        if (said == tag_time::by_name && lowered(naming::column(f.member)) != by_name) return tag_time::off;
        if (kind == value_kind::moment) return tag_time::moment;
        return said == tag_time::milli || said == tag_time::nano ? said : tag_time::seconds;
    };
    f.auto_create = decide(f.desc->tags.auto_create, "created_at");
    f.auto_update = decide(f.desc->tags.auto_update, "updated_at");
}

// A nullable time named deleted_at, as gorm.DeletedAt; any other with softDelete: a flag, or a number that is a time.
bool marks_deleted(field_info& f) {
    const tag_set& tags = f.desc->tags;
    const value_kind kind = f.ops->type.kind;
    if (kind == value_kind::moment && f.ops->nullable && (tags.soft_delete || f.column == "deleted_at")) {
        f.soft_delete = soft_delete_kind::null;
        f.soft_delete_unit = tag_time::moment;
    } else if (tags.soft_delete && (kind == value_kind::integer || kind == value_kind::boolean)) {
        f.soft_delete = f.ops->nullable ? soft_delete_kind::null : soft_delete_kind::zero;
        f.soft_delete_unit = kind == value_kind::boolean                  ? tag_time::off
                             : tags.soft_delete_unit == tag_time::by_name ? tag_time::seconds
                             : tags.soft_delete_unit == tag_time::moment  ? tag_time::seconds
                                                                          : tags.soft_delete_unit;
    }
    return f.soft_delete != soft_delete_kind::none;
}

field_info make_field_info(const field_desc& d) {
    field_info f;
    f.desc = &d;
    f.member = d.member;
    f.column = d.tags.column.empty() ? naming::column(d.member, naming::in_force()) : std::string(d.tags.column);
    f.ops = d.ops;
    f.offset = d.offset;
    f.primary = d.tags.primary_key;
    f.nullable = d.ops->nullable && !d.tags.not_null;
    if (!d.tags.generated.empty()) {  // the database computes it; MariaDB takes no NOT NULL there
        f.nullable = f.default_in_database = true;
        return f;
    }
    read_default(f);
    read_times(f);
    return f;
}

void find_keys(model_info& m) {
    if (std::none_of(m.fields.begin(), m.fields.end(), [](const field_info& f) { return f.primary; }))
        for (field_info& f : m.fields)
            if (!f.embedded && lowered(f.member) == "id") f.primary = true;
    for (std::size_t i = 0; i < m.fields.size(); ++i)
        if (m.fields[i].primary) m.primary.push_back(static_cast<std::uint32_t>(i));
    if (m.primary.size() == 1)
        m.prioritized_key = static_cast<int>(m.primary[0]);
    else
        for (const std::uint32_t i : m.primary)
            if (m.fields[i].column == "id") m.prioritized_key = static_cast<int>(i);
    if (m.prioritized_key >= 0) {
        field_info& key = m.fields[static_cast<std::size_t>(m.prioritized_key)];
        const bool integer = key.ops->type.kind == value_kind::integer && !key.ops->nullable;
        const std::int8_t said = key.desc->tags.auto_increment;
        key.auto_increment =
            integer && said != 0 && !key.desc->tags.has_default && (m.primary.size() == 1 || said == 1);
    }
}

// "[name,]setting:value,…", settings as gorm has them.
void add_index(model_info& m, const field_info& f, const tag_item& item) {
    index_info fresh;
    index_column column;
    column.column = f.column;
    std::string_view rest = item.text, name, composite;
    fresh.unique = item.what == tag_item::kind::unique_index;
    while (!rest.empty()) {
        std::size_t comma = rest.find(',');
        std::string_view part = trimmed(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        const std::size_t colon = part.find(':');
        const std::string key = lowered(trimmed(part.substr(0, colon)));
        const std::string_view v =
            colon == std::string_view::npos ? std::string_view() : trimmed(part.substr(colon + 1));
        if (key == "class")
            fresh.unique = fresh.unique || lowered(v) == "unique", fresh.kind = v;
        else if (key == "type")
            fresh.type = v;
        else if (key == "where")
            fresh.where = v;
        else if (key == "option")
            fresh.option = v;
        else if (key == "comment")
            fresh.comment = v;
        else if (key == "expression")
            column.expression = v;
        else if (key == "sort")
            column.sort = v;
        else if (key == "collate")
            column.collate = v;
        else if (key == "length")
            column.length = number_of(v, 0);
        else if (key == "priority")
            column.priority = number_of(v, 10);
        else if (key == "composite")
            composite = v;
        else if (key == "unique" && colon == std::string_view::npos)
            fresh.unique = true;
        else if (colon == std::string_view::npos)
            name = part;
    }
    fresh.has_given = !name.empty();
    if (fresh.has_given)
        fresh.name = name;
    else
        fresh.name = naming::constraint("idx", m.table, composite.empty() ? std::string_view(f.column) : composite);
    const auto same =
        std::find_if(m.indexes.begin(), m.indexes.end(), [&](const index_info& i) { return i.name == fresh.name; });
    if (same == m.indexes.end()) {
        fresh.columns.push_back(std::move(column));
        m.indexes.push_back(std::move(fresh));
        return;
    }
    same->unique = same->unique || fresh.unique;
    if (same->where.empty()) same->where = fresh.where;
    same->columns.push_back(std::move(column));
    std::stable_sort(same->columns.begin(), same->columns.end(),
                     [](const index_column& a, const index_column& b) { return a.priority < b.priority; });
}

// "[name,]expression": a name is a word alone before the first comma.
void add_check(model_info& m, const field_info& f, const tag_item& item) {
    const std::size_t comma = item.text.find(',');
    const std::string_view head = trimmed(item.text.substr(0, comma));
    const bool named = comma != std::string_view::npos && std::all_of(head.begin(), head.end(), [](char ch) {
                           return std::isalnum(static_cast<unsigned char>(ch)) || ch == '_';
                       });
    if (named)
        m.checks.push_back({std::string(head), true, std::string(trimmed(item.text.substr(comma + 1)))});
    else
        m.checks.push_back({naming::constraint("chk", m.table, f.column), false, std::string(item.text)});
}

// Where the members of a struct lie in the model.
struct place {
    std::uint32_t offset = 0;
    std::string name;    // field_desc::place
    std::string prefix;  // of its columns
};

// Members are described in the order of the model; those of relations, too.
void describe(std::vector<field_desc>& all, const member_lists& members, const place& at) {
    for (const std::span<const member_desc> some : {members.base, members.own})
        for (const member_desc& d : some) {
            field_desc made{d.member, parse_tags(d.tags), d.ops, at.offset + d.offset, d.relation, at.name, at.prefix};
            if (d.embedded)
                describe(all, d.embedded(),
                         {made.offset, at.name + d.member + ".", at.prefix + std::string(made.tags.embedded_prefix)});
            else
                all.push_back(std::move(made));
        }
}

// What of it is stored.
void collect(model_info& m) {
    for (const field_desc& d : *m.described) {
        if (d.relation) {
            if (!m.relations) m.relations = std::make_shared<relation_set>();
            continue;
        }
        if (!d.tags.stored && !d.tags.migrated) continue;
        field_info& f = m.fields.emplace_back(make_field_info(d));
        f.column.insert(0, d.prefix);
        f.embedded = !d.place.empty();
    }
}

}  // namespace

const model_info& build_model(const model_desc& desc) {
    model_info& m = *new model_info;  // models are asked about for as long as the program runs
    m.desc = &desc;
    const std::size_t scope = desc.type.rfind("::");
    m.name = scope == std::string_view::npos ? desc.type : desc.type.substr(scope + 2);
    m.table = desc.table.empty() ? naming::table(desc.type, naming::in_force()) : std::string(desc.table);
    std::vector<field_desc> all;
    describe(all, desc.members, {});
    m.described = std::make_shared<const std::vector<field_desc>>(std::move(all));
    collect(m);
    find_keys(m);
    for (std::size_t i = 0; i < m.fields.size(); ++i) {
        const field_info& f = m.fields[i];
        if (marks_deleted(m.fields[i])) m.deleted_at = static_cast<int>(i);
        for (std::size_t k = 0; k < f.desc->tags.item_count; ++k) {
            const tag_item& item = f.desc->tags.items[k];
            if (item.what == tag_item::kind::check)
                add_check(m, f, item);
            else if (item.what != tag_item::kind::constraint)
                add_index(m, f, item);
        }
        if (f.desc->tags.readable) m.targets.push_back({f.ops, f.offset, f.column});
    }
    const auto any = [&](std::initializer_list<hook_point> points) {
        return std::any_of(points.begin(), points.end(), [&](hook_point p) { return m.hook(p) != nullptr; });
    };
    m.hooks_on_create =
        any({hook_point::before_save, hook_point::before_create, hook_point::after_create, hook_point::after_save});
    m.hooks_on_update =
        any({hook_point::before_save, hook_point::before_update, hook_point::after_update, hook_point::after_save});
    m.hooks_on_delete = any({hook_point::before_delete, hook_point::after_delete});
    return m;
}

}  // namespace detail
}  // namespace skua::orm
