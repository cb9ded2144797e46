// SPDX-License-Identifier: Apache-2.0
// What the ORM knows of a model at run time. Made once per model from what the macro described; never changed;
// everything behind it is compiled once, in the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skua/orm/codec.hpp>
#include <skua/orm/naming.hpp>
#include <skua/orm/relation.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/tag.hpp>

namespace skua::orm {

class event;

struct member_desc;
// The members of a described struct: those of the base of ours, then its own.
struct member_lists {
    std::span<const member_desc> base, own;
};

// One member, as the macro describes it: small, every file that sees the model has one for each member.
struct member_desc {
    const char* member;
    const char* tags;  // checked
    std::uint32_t offset;
    const field_ops* ops;                     // null: a relation, or embedded
    const relation_desc* relation = nullptr;  // of orm::one and orm::many: no column
    member_lists (*embedded)() = nullptr;     // of a struct whose members are columns here
};

// The same with its tags read. Made once per model.
struct field_desc {
    std::string_view member;
    tag_set tags;
    const field_ops* ops = nullptr;
    std::uint32_t offset = 0;  // in the model
    const relation_desc* relation = nullptr;
    // Of an embedded struct: the members that lead to it, "home.", "home.at."; and what its columns begin with.
    std::string place, prefix;
};

enum class hook_point : std::uint8_t {
    before_save,
    before_create,
    after_create,
    after_save,
    before_update,
    after_update,
    before_delete,
    after_delete,
    after_find
};
inline constexpr std::size_t hook_points = 9;
std::string_view to_string(hook_point point) noexcept;
using model_hook = status (*)(void* model, event& what);

// A model, as its type describes it.
struct model_desc {
    std::string_view type;   // "User"
    std::string_view table;  // of SKUA_TABLE, or empty
    member_lists members;
    model_hook hooks[hook_points];                                     // null: none
    void (*temporary)(void* arg, void (*fn)(void* arg, void* model));  // calls fn with a default-constructed model
    std::size_t size;
    bool is_shape;  // SKUA_COLUMNS: read into, never a table
};

// A soft-deleted row's mark: not NULL, or not zero.
enum class soft_delete_kind : std::uint8_t { none, null, zero };

// How a column of SKUA_MODEL becomes one of a table.
struct field_info {
    std::string member, column;
    const field_desc* desc = nullptr;
    const field_ops* ops = nullptr;
    std::uint32_t offset = 0;
    bool primary = false;
    bool auto_increment = false;  // filled by the database when zero
    bool nullable = false;
    bool default_in_database = false;  // an expression: the column is left out when zero, read back after create
    bool has_literal_default = false;  // a value: taken, and written to the object, when zero
    value literal_default;
    tag_time auto_create = tag_time::off, auto_update = tag_time::off;
    bool embedded = false;  // in a struct of the model
    soft_delete_kind soft_delete = soft_delete_kind::none;
    tag_time soft_delete_unit = tag_time::off;  // off: a flag

    [[nodiscard]] void* in(void* model) const noexcept { return static_cast<char*>(model) + offset; }
    [[nodiscard]] const void* in(const void* model) const noexcept { return static_cast<const char*>(model) + offset; }
};

struct index_column {
    std::string column, expression, sort, collate;
    int length = 0, priority = 10;
};
struct index_info {
    std::string name;        // in full: see dialect::kept_name
    bool has_given = false;  // the name: by the user
    std::string kind, type, where, option, comment;
    bool unique = false;
    std::vector<index_column> columns;
};
struct check_info {
    std::string name;  // in full
    bool has_given = false;
    std::string expression;
};

// Where one result column goes.
struct target_field {
    const field_ops* ops;
    std::uint32_t offset;
    std::string_view column;
};

namespace detail {
struct relation_set;
}

struct model_info {
    const model_desc* desc = nullptr;
    std::string name;                   // "User"
    std::string table;                  // "users"
    std::vector<field_info> fields;     // stored ones, in order
    std::vector<target_field> targets;  // readable ones: what SELECT of the model asks for
    std::vector<std::uint32_t> primary;
    int prioritized_key = -1;  // the one primary key, or id; -1: none
    int deleted_at = -1;       // soft delete
    std::vector<index_info> indexes;
    std::vector<check_info> checks;
    bool hooks_on_create = false, hooks_on_update = false, hooks_on_delete = false;
    std::shared_ptr<detail::relation_set> relations;  // null: none; worked out at first use
    std::shared_ptr<const std::vector<field_desc>> described;

    // Null: the member there is no column.
    [[nodiscard]] const field_info* by_offset(std::size_t offset) const noexcept;
    [[nodiscard]] const field_info* by_column(std::string_view column) const noexcept;
    [[nodiscard]] model_hook hook(hook_point p) const noexcept { return desc->hooks[static_cast<std::size_t>(p)]; }
};

namespace detail {
// Kept for good.
const model_info& build_model(const model_desc& desc);
}  // namespace detail

}  // namespace skua::orm
