// SPDX-License-Identifier: Apache-2.0
// Models: plain structs that name their members once more, with gorm's tags.
//
//     struct User : orm::model<User> {
//         std::string name;
//         int age = 0;
//         SKUA_MODEL(User, (name, "size:255"), (age, "check:age >= 0"))
//     };
//
// Models live at namespace scope. The macro comes after the members; it leaves access at public.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <skua/orm/column.hpp>
#include <skua/orm/detail/hook_names.hpp>
#include <skua/orm/detail/macros.hpp>
#include <skua/orm/detail/relation_check.hpp>
#include <skua/orm/relation_column.hpp>
#include <skua/orm/schema.hpp>
#include <skua/orm/time.hpp>

// What a model without a base of ours inherits its columns from; found when the lookup in the class finds nothing
// nearer.
struct skua_base_columns {};

namespace skua::orm {

// How a type is described: by SKUA_MODEL in it, or by SKUA_DESCRIBE beside it.
template <class T>
struct meta {};
template <class T>
requires requires {
    typename T::skua_columns;
}
struct meta<T> {
    using columns = typename T::skua_columns;
    static constexpr std::string_view type = T::skua_type;
    static constexpr bool is_shape = T::skua_is_shape;
    static constexpr auto fields() { return T::skua_fields(); }
};
template <class T>
concept described = requires {
    meta<T>::type;
};
template <class T>
concept a_model = described<T> && !meta<T>::is_shape;

namespace detail {

// A described struct without a codec of its own.
template <class T>
inline constexpr bool can_embed = described<T> && !has_codec<T>;

enum class member_choice : std::uint8_t { column, relation, embedded };
template <class V>
inline constexpr member_choice choice_of = relation_member<V>::value ? member_choice::relation
                                           : can_embed<V>            ? member_choice::embedded
                                                                     : member_choice::column;
template <member_choice>
struct column_choice {
    template <class Owner, auto Member>
    using type = column<Owner, Member>;
};
template <>
struct column_choice<member_choice::relation> {
    template <class Owner, auto Member>
    using type = relation<Owner, Member>;
};
template <>
struct column_choice<member_choice::embedded> {
    template <class Owner, auto Member>
    using type = embedded<Owner, Member>;
};

// What a member of type V is among the columns: a relation, an embedded struct or a column.
template <class Owner, auto Member>
using member_column =
    typename column_choice<choice_of<typename member_value<decltype(Member)>::type>>::template type<Owner, Member>;

template <std::size_t N>
struct member_table {
    member_desc at[N];
};
template <class... M>
member_table(M...) -> member_table<sizeof...(M)>;

}  // namespace detail

// The columns of T, also where T::c means something else.
template <described T>
inline constexpr typename meta<T>::columns c{};

// The columns of T under an alias, for joins of a table with itself: auto boss = orm::as<User>("boss"); boss.name
template <described T>
struct aliased : meta<T>::columns {
    using skua_model = T;
    const char* skua_alias;

private:
    explicit aliased(const char* alias) : skua_alias(alias) {}
    template <described U>
    friend aliased<U> as(detail::alias_literal name);
};
template <described T>
[[nodiscard]] aliased<T> as(detail::alias_literal name) {
    detail::set_alias_being_made(name.text);
    aliased<T> made(name.text);
    detail::set_alias_being_made(nullptr);
    return made;
}

// gorm.Model: key, times, soft delete.
template <class Self>
struct model {
    std::int64_t id = 0;
    time created_at{};
    time updated_at{};
    std::optional<time> deleted_at{};

    struct skua_base_columns {
        column<Self, &model::id> id;
        column<Self, &model::created_at> created_at;
        column<Self, &model::updated_at> updated_at;
        column<Self, &model::deleted_at> deleted_at;
    };
    SKUA_ORM_OFFSETS_OF_ANY_CLASS
    static constexpr auto skua_base_fields() {
        return detail::member_table<4>{
            {{"id", "primaryKey", offsetof(Self, id), &ops_of<std::int64_t>},
             {"created_at", "", offsetof(Self, created_at), &ops_of<time>},
             {"updated_at", "", offsetof(Self, updated_at), &ops_of<time>},
             {"deleted_at", "index", offsetof(Self, deleted_at), &ops_of<std::optional<time>>}}};
    }
    SKUA_ORM_END_OF_OFFSETS
};

namespace detail {
template <class T>
inline constexpr auto own_members = meta<T>::fields();
template <class T>
constexpr auto find_base_members() {
    if constexpr (requires { T::skua_base_fields(); })
        return T::skua_base_fields();
    else
        return nullptr;
}
template <class T>
inline constexpr auto base_members = find_base_members<T>();
template <class T>
constexpr member_lists members_of() {
    if constexpr (requires { T::skua_base_fields(); })
        return {base_members<T>.at, own_members<T>.at};
    else
        return {{}, own_members<T>.at};
}

template <class Owner, auto Member>
void check_relation() {
    using member = typename member_value<decltype(Member)>::type;
    using related = typename member::related;
    static_assert(a_model<related>,
                  "orm: the model at the other end of this relation is not described: it has neither "
                  "SKUA_MODEL inside nor SKUA_DESCRIBE beside it");
    // The keys of an embedded struct's relations may be columns of the model around it: asked for at first use.
    if constexpr (a_model<related> && a_model<Owner>) {
        // With -fsanitize=undefined g++ cannot tell while compiling whether the address of a variable is null, and so
        // nothing of a member's desc. Then it is left to builds without.
        if constexpr (requires {
                          typename std::bool_constant<has_foreign_key(members_of<Owner>(), meta<Owner>::type,
                                                                      &relation_desc_of<member, Owner, Member>,
                                                                      members_of<related>())>;
                      })
            static_assert(has_foreign_key(members_of<Owner>(), meta<Owner>::type,
                                          &relation_desc_of<member, Owner, Member>, members_of<related>()),
                          "orm: this relation has no foreign key: an orm::one goes by <member>_id in its model or by "
                          "<model>_id in the related one, an orm::many by <model>_id in the related one; or say "
                          "foreignKey:, polymorphic: or many2many: in the tag");
    }
}

template <class T, serializer By>
constexpr const field_ops* ops_for() {
    if constexpr (By == serializer::json) {
        static_assert(json_codec<T>::there,
                      "orm: the tag serializer:json needs <skua/orm/json.hpp>, included before the model");
        return &json_codec<T>::ops;
    } else if constexpr (By == serializer::unixtime) {
        static_assert(std::is_integral_v<T>, "orm: the tag serializer:unixtime is for whole numbers");
        return &unixtime_ops_of<T>;
    } else {
        static_assert(has_codec<plain_t<T>>,
                      "orm: no codec for the type of this member; specialise skua::orm::codec for it, or tag it "
                      "serializer:json, or embedded when it is a described struct");
        return &ops_of<T>;
    }
}

// What is the same for every member of type V: made once for it.
template <class V, serializer By>
constexpr member_desc describe_member(const char* name, checked_tags tags, std::size_t offset,
                                      const relation_desc* relation) {
    member_desc made{name, tags.text, static_cast<std::uint32_t>(offset), nullptr, relation, nullptr};
    if constexpr (choice_of<V> == member_choice::embedded && By == serializer::none) {
        if (!parse_tags(tags.text).embedded) a_struct_without_codec_is_tagged_embedded_or_serializer_json();
        made.embedded = &members_of<V>;
    } else if constexpr (choice_of<V> != member_choice::relation) {
        made.ops = ops_for<V, By>();
    }
    return made;
}

template <class T>
constexpr void add_hooks(model_hook (&hooks)[hook_points]) {
#define SKUA_ORM_HOOK(name)                                                                   \
    if constexpr (                                                                            \
        requires { &T::name; } || requires(T & t, event & e) { t.name(e); }) {                \
        static_assert(                                                                        \
            requires(T & t, event & e) {                                                      \
                { t.name(e) } -> std::same_as<status>;                                        \
            },                                                                                \
            "orm: the hook " #name " must be: orm::status " #name "(orm::event&)");           \
        hooks[static_cast<std::size_t>(hook_point::name)] = [](void* m, event& e) -> status { \
            return static_cast<T*>(m)->name(e);                                               \
        };                                                                                    \
    }
    SKUA_ORM_HOOK(before_save)
    SKUA_ORM_HOOK(before_create)
    SKUA_ORM_HOOK(after_create)
    SKUA_ORM_HOOK(after_save)
    SKUA_ORM_HOOK(before_update)
    SKUA_ORM_HOOK(after_update)
    SKUA_ORM_HOOK(before_delete)
    SKUA_ORM_HOOK(after_delete)
    SKUA_ORM_HOOK(after_find)
#undef SKUA_ORM_HOOK
}

template <class T>
constexpr void refuse_misspelt_hooks() {
#define SKUA_ORM_REFUSE(name)                       \
    static_assert(                                  \
        !requires(T & t, event & e) { t.name(e); }, \
        "orm: '" #name                              \
        "' is no hook; the hooks are before_ and after_ with save, create, update, delete, and after_find");
    SKUA_ORM_MISSPELT_HOOKS(SKUA_ORM_REFUSE)
#undef SKUA_ORM_REFUSE
}

template <class T>
void with_temporary(void* arg, void (*fn)(void* arg, void* model)) {
    T object{};
    fn(arg, &object);
}

template <class T>
constexpr std::string_view table_name_of() {
    if constexpr (requires { T::skua_table; }) return T::skua_table;
    return {};
}

template <class T>
constexpr model_desc make_desc() {
    static_assert(described<T>,
                  "orm: this type is not described: it has neither SKUA_MODEL nor SKUA_COLUMNS inside, nor "
                  "SKUA_DESCRIBE beside it");
    static_assert(std::is_default_constructible_v<T>, "orm: a model must be default constructible");
    refuse_misspelt_hooks<T>();
    model_desc made{meta<T>::type,      table_name_of<T>(), members_of<T>(),  {},
                    &with_temporary<T>, sizeof(T),          meta<T>::is_shape};
    add_hooks<T>(made.hooks);
    return made;
}
template <class T>
inline constexpr model_desc desc_of = make_desc<T>();
}  // namespace detail

// Made at first use; any thread.
template <class T>
const model_info& info_of() {
    static const model_info& info = detail::build_model(detail::desc_of<T>);
    return info;
}

namespace detail {
template <class T>
void add_named(std::vector<named_operand>& to, const named_members<T>& members) {
    const model_info& info = info_of<T>();
    scratch keeper;
    for (const field_info& f : info.fields) {
        named_operand made{f.column, {}, true};
        made.value.push_value(value(f.ops->view(f.in(&members.what), keeper)));
        to.push_back(std::move(made));
    }
}
}  // namespace detail

}  // namespace skua::orm

#define SKUA_ORM_DESCRIPTION(Type, shape, ...)                                                          \
    struct skua_columns : skua_base_columns {                                                           \
        SKUA_ORM_FOR_EACH(SKUA_ORM_COLUMN, Type, __VA_ARGS__)                                           \
    };                                                                                                  \
    [[maybe_unused]] static constexpr skua_columns c{};                                                 \
    [[maybe_unused]] static constexpr ::std::string_view skua_type = #Type;                             \
    [[maybe_unused]] static constexpr bool skua_is_shape = shape;                                       \
    SKUA_ORM_OFFSETS_OF_ANY_CLASS                                                                       \
    static constexpr auto skua_fields() {                                                               \
        return ::skua::orm::detail::member_table{SKUA_ORM_FOR_EACH(SKUA_ORM_FIELD, Type, __VA_ARGS__)}; \
    }                                                                                                   \
    SKUA_ORM_END_OF_OFFSETS

// A table.
#define SKUA_MODEL(Type, ...) SKUA_ORM_DESCRIPTION(Type, false, __VA_ARGS__)
// A shape to read into: selects only its columns.
#define SKUA_COLUMNS(Type, ...) SKUA_ORM_DESCRIPTION(Type, true, __VA_ARGS__)
// Before SKUA_MODEL: another name than gorm's rules give.
#define SKUA_TABLE(table_name) [[maybe_unused]] static constexpr ::std::string_view skua_table = table_name;

// A model whose type cannot be edited; in the global namespace, with the qualified name of the type.
#define SKUA_DESCRIBE(Type, ...)                                                                            \
    template <>                                                                                             \
    struct skua::orm::meta<Type> {                                                                          \
        struct columns {                                                                                    \
            SKUA_ORM_FOR_EACH(SKUA_ORM_COLUMN, Type, __VA_ARGS__)                                           \
        };                                                                                                  \
        static constexpr ::std::string_view type = #Type;                                                   \
        static constexpr bool is_shape = false;                                                             \
        SKUA_ORM_OFFSETS_OF_ANY_CLASS                                                                       \
        static constexpr auto fields() {                                                                    \
            return ::skua::orm::detail::member_table{SKUA_ORM_FOR_EACH(SKUA_ORM_FIELD, Type, __VA_ARGS__)}; \
        }                                                                                                   \
        SKUA_ORM_END_OF_OFFSETS                                                                             \
    };
