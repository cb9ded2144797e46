// SPDX-License-Identifier: Apache-2.0
// Relations at run time: which columns of which tables belong together. Worked out once per model, at first use (the
// related model may be described later than its owner), never changed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <skua/orm/ast.hpp>
#include <skua/orm/relation.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm {

enum class relation_kind : std::uint8_t { belongs_to, has_one, has_many, many_to_many };

using field_list = std::vector<const field_info*>;

struct relation_info {
    std::string name;  // of the member, behind the prefix of the embedded struct it lies in; the alias in joins
    const field_desc* desc = nullptr;
    std::uint32_t offset = 0;
    relation_kind kind = relation_kind::has_many;
    const model_info* owner = nullptr;
    const model_info* target = nullptr;
    // Equal in pairs: belongs to: foreign key, key; has: key, foreign key. Many to many: each equals its like in the
    // link table.
    field_list owner_fields, target_fields;
    field_list link_owner_fields, link_target_fields;
    const model_info* link = nullptr;
    const model_info* link_keys = nullptr;  // a shape: the columns of both lists, in that order
    bool link_is_model = false;             // of the user's, with hooks and columns of its own
    // Polymorphic: a column of the target that says whose it is.
    const field_info* type_field = nullptr;
    std::string type_value;
    status broken;  // why there is no such relation; the rest is empty then

    [[nodiscard]] bool is_many() const noexcept { return desc->relation->is_many; }
    [[nodiscard]] const related_ops& ops() const noexcept { return desc->relation->ops(); }
    // REQUIRES: !is_many() or is_many(), as the name says.
    [[nodiscard]] detail::one_state& one_in(void* object) const noexcept {
        return *reinterpret_cast<detail::one_state*>(static_cast<char*>(object) + offset);
    }
    [[nodiscard]] detail::many_state& many_in(void* object) const noexcept {
        return *reinterpret_cast<detail::many_state*>(static_cast<char*>(object) + offset);
    }
    [[nodiscard]] bool has_value(void* object) const noexcept {
        return is_many() ? many_in(object).count() > 0 : one_in(object).object() != nullptr;
    }

    // The link table that is not the user's model; of one that is, only the shape.
    struct own_link {
        model_desc desc{};
        model_info info, keys;
        std::vector<field_desc> fields;
    };
    std::unique_ptr<own_link> owned;
};

namespace detail {

struct relation_set {
    std::once_flag once;
    std::vector<relation_info> all;  // constant after `once`
};

// In the order of the members. Any thread.
std::span<const relation_info> relations_of(const model_info& model);
// The column a tag or a rule names: by member, by column, or gorm's spelling of either. `place`: only those of that
// struct, see field_desc; null: all.
const field_info* find_field(const model_info& model, std::string_view name,
                             const std::string_view* place = nullptr) noexcept;
std::string singular(std::string_view word);

}  // namespace detail
}  // namespace skua::orm
