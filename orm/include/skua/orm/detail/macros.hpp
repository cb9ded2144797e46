// SPDX-License-Identifier: Apache-2.0
// Applies a macro to each of up to 256 arguments. Most of what a model costs the compiler was once this: a recursion
// has the preprocessor scan all of its output 256 times. So it goes straight through 64 macros, and four times at most.
#pragma once

#define SKUA_ORM_PARENS ()
#define SKUA_ORM_EXPAND(...) SKUA_ORM_EXPAND1(SKUA_ORM_EXPAND1(SKUA_ORM_EXPAND1(__VA_ARGS__)))
#define SKUA_ORM_EXPAND1(...) __VA_ARGS__
#define SKUA_ORM_FOR_EACH(macro, type, ...) __VA_OPT__(SKUA_ORM_EXPAND(SKUA_ORM_1(macro, type, __VA_ARGS__)))
#define SKUA_ORM_AGAIN() SKUA_ORM_1
// clang-format off
#define SKUA_ORM_1(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_2(m, t, __VA_ARGS__))
#define SKUA_ORM_2(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_3(m, t, __VA_ARGS__))
#define SKUA_ORM_3(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_4(m, t, __VA_ARGS__))
#define SKUA_ORM_4(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_5(m, t, __VA_ARGS__))
#define SKUA_ORM_5(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_6(m, t, __VA_ARGS__))
#define SKUA_ORM_6(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_7(m, t, __VA_ARGS__))
#define SKUA_ORM_7(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_8(m, t, __VA_ARGS__))
#define SKUA_ORM_8(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_9(m, t, __VA_ARGS__))
#define SKUA_ORM_9(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_10(m, t, __VA_ARGS__))
#define SKUA_ORM_10(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_11(m, t, __VA_ARGS__))
#define SKUA_ORM_11(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_12(m, t, __VA_ARGS__))
#define SKUA_ORM_12(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_13(m, t, __VA_ARGS__))
#define SKUA_ORM_13(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_14(m, t, __VA_ARGS__))
#define SKUA_ORM_14(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_15(m, t, __VA_ARGS__))
#define SKUA_ORM_15(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_16(m, t, __VA_ARGS__))
#define SKUA_ORM_16(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_17(m, t, __VA_ARGS__))
#define SKUA_ORM_17(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_18(m, t, __VA_ARGS__))
#define SKUA_ORM_18(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_19(m, t, __VA_ARGS__))
#define SKUA_ORM_19(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_20(m, t, __VA_ARGS__))
#define SKUA_ORM_20(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_21(m, t, __VA_ARGS__))
#define SKUA_ORM_21(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_22(m, t, __VA_ARGS__))
#define SKUA_ORM_22(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_23(m, t, __VA_ARGS__))
#define SKUA_ORM_23(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_24(m, t, __VA_ARGS__))
#define SKUA_ORM_24(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_25(m, t, __VA_ARGS__))
#define SKUA_ORM_25(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_26(m, t, __VA_ARGS__))
#define SKUA_ORM_26(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_27(m, t, __VA_ARGS__))
#define SKUA_ORM_27(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_28(m, t, __VA_ARGS__))
#define SKUA_ORM_28(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_29(m, t, __VA_ARGS__))
#define SKUA_ORM_29(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_30(m, t, __VA_ARGS__))
#define SKUA_ORM_30(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_31(m, t, __VA_ARGS__))
#define SKUA_ORM_31(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_32(m, t, __VA_ARGS__))
#define SKUA_ORM_32(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_33(m, t, __VA_ARGS__))
#define SKUA_ORM_33(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_34(m, t, __VA_ARGS__))
#define SKUA_ORM_34(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_35(m, t, __VA_ARGS__))
#define SKUA_ORM_35(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_36(m, t, __VA_ARGS__))
#define SKUA_ORM_36(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_37(m, t, __VA_ARGS__))
#define SKUA_ORM_37(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_38(m, t, __VA_ARGS__))
#define SKUA_ORM_38(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_39(m, t, __VA_ARGS__))
#define SKUA_ORM_39(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_40(m, t, __VA_ARGS__))
#define SKUA_ORM_40(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_41(m, t, __VA_ARGS__))
#define SKUA_ORM_41(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_42(m, t, __VA_ARGS__))
#define SKUA_ORM_42(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_43(m, t, __VA_ARGS__))
#define SKUA_ORM_43(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_44(m, t, __VA_ARGS__))
#define SKUA_ORM_44(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_45(m, t, __VA_ARGS__))
#define SKUA_ORM_45(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_46(m, t, __VA_ARGS__))
#define SKUA_ORM_46(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_47(m, t, __VA_ARGS__))
#define SKUA_ORM_47(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_48(m, t, __VA_ARGS__))
#define SKUA_ORM_48(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_49(m, t, __VA_ARGS__))
#define SKUA_ORM_49(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_50(m, t, __VA_ARGS__))
#define SKUA_ORM_50(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_51(m, t, __VA_ARGS__))
#define SKUA_ORM_51(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_52(m, t, __VA_ARGS__))
#define SKUA_ORM_52(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_53(m, t, __VA_ARGS__))
#define SKUA_ORM_53(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_54(m, t, __VA_ARGS__))
#define SKUA_ORM_54(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_55(m, t, __VA_ARGS__))
#define SKUA_ORM_55(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_56(m, t, __VA_ARGS__))
#define SKUA_ORM_56(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_57(m, t, __VA_ARGS__))
#define SKUA_ORM_57(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_58(m, t, __VA_ARGS__))
#define SKUA_ORM_58(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_59(m, t, __VA_ARGS__))
#define SKUA_ORM_59(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_60(m, t, __VA_ARGS__))
#define SKUA_ORM_60(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_61(m, t, __VA_ARGS__))
#define SKUA_ORM_61(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_62(m, t, __VA_ARGS__))
#define SKUA_ORM_62(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_63(m, t, __VA_ARGS__))
#define SKUA_ORM_63(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_64(m, t, __VA_ARGS__))
#define SKUA_ORM_64(m, t, x, ...) m(t, x) __VA_OPT__(SKUA_ORM_AGAIN SKUA_ORM_PARENS(m, t, __VA_ARGS__))
// clang-format on

// (name) or (name, "tags")
#define SKUA_ORM_UNPACK(...) __VA_ARGS__
#define SKUA_ORM_CALL(macro, ...) macro(__VA_ARGS__)
#define SKUA_ORM_COLUMN(type, item) SKUA_ORM_CALL(SKUA_ORM_COLUMN_OF, type, SKUA_ORM_UNPACK item)
#define SKUA_ORM_COLUMN_OF(type, name, ...) ::skua::orm::detail::member_column<type, &type::name> name;
#define SKUA_ORM_FIELD(type, item) SKUA_ORM_CALL(SKUA_ORM_FIELD_OF, type, SKUA_ORM_UNPACK item)
#define SKUA_ORM_FIELD_OF(type, name, ...)                                                                          \
    ::skua::orm::detail::describe_member<decltype(type::name), ::skua::orm::detail::serializer_of("" __VA_ARGS__)>( \
        #name, "" __VA_ARGS__, offsetof(type, name),                                                                \
        ::skua::orm::detail::member_column<type, &type::name>::described()),

// Classes that are not of standard layout have offsets, too, for g++ and clang.
#define SKUA_ORM_OFFSETS_OF_ANY_CLASS \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"")
#define SKUA_ORM_END_OF_OFFSETS _Pragma("GCC diagnostic pop")
