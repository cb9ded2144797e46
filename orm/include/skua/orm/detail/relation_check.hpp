// SPDX-License-Identifier: Apache-2.0
// Whether a relation can be: asked while compiling, by the rules of src/relation/schema.cc, so that a missing foreign
// key is an error message and not a surprise.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <skua/orm/schema.hpp>

namespace skua::orm::detail {

// Spellings of one name: CompanyID, company_id, companyId. `more` is what follows the second.
constexpr bool spelt_alike(std::string_view a, std::string_view b, std::string_view more = {}) {
    std::size_t i = 0, k = 0;
    const auto next = [](std::string_view s, std::string_view rest, std::size_t& at) {
        while (at < s.size() + rest.size()) {
            const char ch = at < s.size() ? s[at] : rest[at - s.size()];
            ++at;
            if (ch != '_') return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
        }
        return '\0';
    };
    for (;;) {
        const char x = next(a, {}, i), y = next(b, more, k);
        if (x != y) return false;
        if (x == '\0') return true;
    }
}

constexpr bool has_field(member_lists fields, std::string_view name, std::string_view more = {}) {
    for (const std::span<const member_desc> some : {fields.base, fields.own})
        for (const member_desc& f : some) {
            if (f.relation) continue;
            if (spelt_alike(f.member, name, more)) return true;
            const std::string_view column = parse_tags(f.tags).column;
            if (!column.empty() && spelt_alike(column, name, more)) return true;
        }
    return false;
}
constexpr bool has_fields(member_lists fields, std::string_view list) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        std::string_view name = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        if (!name.empty() && !has_field(fields, name)) return false;
    }
    return true;
}

// <prefix>_<key> or <prefix>_id for the one key of `keys`. Several keys: left to the first use.
constexpr bool refers_by_name(member_lists keys, std::string_view references, member_lists refers,
                              std::string_view prefix) {
    if (references.find(',') != std::string_view::npos) return true;
    if (!references.empty()) return has_field(refers, prefix, references) || has_field(refers, prefix, "id");
    std::size_t primary = 0;
    std::string_view key = "id";
    for (const std::span<const member_desc> some : {keys.base, keys.own})
        for (const member_desc& f : some)
            if (!f.relation && parse_tags(f.tags).primary_key) {
                ++primary;
                key = f.member;
            }
    return primary > 1 || has_field(refers, prefix, key) || has_field(refers, prefix, "id");
}

constexpr bool has_foreign_key(member_lists owner, std::string_view owner_type, const relation_desc* relation,
                               member_lists target) {
    const std::size_t scope = owner_type.rfind("::");
    if (scope != std::string_view::npos) owner_type.remove_prefix(scope + 2);
    for (const member_desc& f : owner.own) {
        if (f.relation != relation) continue;
        const tag_set t = parse_tags(f.tags);
        if (!t.many2many.empty() || f.relation->link) return true;
        if (!t.polymorphic.empty() || !t.polymorphic_type.empty())
            return (t.polymorphic_type.empty() ? has_field(target, t.polymorphic, "type")
                                               : has_field(target, t.polymorphic_type)) &&
                   (t.polymorphic_id.empty() ? has_field(target, t.polymorphic, "id")
                                             : has_field(target, t.polymorphic_id));
        if (!t.foreign_key.empty())
            return has_fields(target, t.foreign_key) || (!f.relation->is_many && has_fields(owner, t.foreign_key));
        return refers_by_name(owner, t.references, target, owner_type) ||
               (!f.relation->is_many && refers_by_name(target, t.references, owner, f.member));
    }
    return true;
}

}  // namespace skua::orm::detail
