// SPDX-License-Identifier: Apache-2.0
// Applies a macro to each of up to 256 arguments.
#pragma once

#define SKUA_ORM_PARENS ()
#define SKUA_ORM_EXPAND(...) SKUA_ORM_EXPAND4(SKUA_ORM_EXPAND4(SKUA_ORM_EXPAND4(SKUA_ORM_EXPAND4(__VA_ARGS__))))
#define SKUA_ORM_EXPAND4(...) SKUA_ORM_EXPAND3(SKUA_ORM_EXPAND3(SKUA_ORM_EXPAND3(SKUA_ORM_EXPAND3(__VA_ARGS__))))
#define SKUA_ORM_EXPAND3(...) SKUA_ORM_EXPAND2(SKUA_ORM_EXPAND2(SKUA_ORM_EXPAND2(SKUA_ORM_EXPAND2(__VA_ARGS__))))
#define SKUA_ORM_EXPAND2(...) SKUA_ORM_EXPAND1(SKUA_ORM_EXPAND1(SKUA_ORM_EXPAND1(SKUA_ORM_EXPAND1(__VA_ARGS__))))
#define SKUA_ORM_EXPAND1(...) __VA_ARGS__
#define SKUA_ORM_FOR_EACH(macro, type, ...) __VA_OPT__(SKUA_ORM_EXPAND(SKUA_ORM_FOR_ONE(macro, type, __VA_ARGS__)))
#define SKUA_ORM_FOR_ONE(macro, type, item, ...) \
    macro(type, item) __VA_OPT__(SKUA_ORM_FOR_AGAIN SKUA_ORM_PARENS(macro, type, __VA_ARGS__))
#define SKUA_ORM_FOR_AGAIN() SKUA_ORM_FOR_ONE

// (name) or (name, "tags")
#define SKUA_ORM_UNPACK(...) __VA_ARGS__
#define SKUA_ORM_CALL(macro, ...) macro(__VA_ARGS__)
#define SKUA_ORM_COLUMN(type, item) SKUA_ORM_CALL(SKUA_ORM_COLUMN_OF, type, SKUA_ORM_UNPACK item)
#define SKUA_ORM_COLUMN_OF(type, name, ...) ::skua::orm::detail::member_column<type, &type::name> name;
#define SKUA_ORM_FIELD(type, item) SKUA_ORM_CALL(SKUA_ORM_FIELD_OF, type, SKUA_ORM_UNPACK item)
#define SKUA_ORM_FIELD_OF(type, name, ...)                                                                  \
    ::skua::orm::detail::make_field<type, &type::name, ::skua::orm::detail::serializer_of("" __VA_ARGS__)>( \
        #name, ::skua::orm::detail::parse_tags("" __VA_ARGS__)),
