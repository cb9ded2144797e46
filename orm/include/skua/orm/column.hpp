// SPDX-License-Identifier: Apache-2.0
// User::c.age: a column as a value. Comparing one makes an expr, assigning to one an assignment; both are plain data.
#pragma once

#include <type_traits>
#include <utility>

#include <skua/orm/expr.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm {

template <class T>
const model_info& info_of();

namespace detail {
template <class Owner, auto Member>
inline constexpr char member_id = 0;

template <class M>
struct member_value;
template <class T, class C>
struct member_value<T C::*> {
    using type = T;
};

template <class Owner, auto Member>
const field_info* resolve_member(const model_info** model) {
    const model_info& info = info_of<Owner>();
    if (model) *model = &info;
    return info.by_member_id(&member_id<Owner, Member>);
}
template <class Owner, auto Member>
inline constexpr column_ref column_ref_of{&resolve_member<Owner, Member>};

// User::c.author[Author::c.name]: a column of an embedded struct. Inner is Author's column.
template <class Owner, auto Member, class Inner>
const field_info* resolve_embedded(const model_info** model) {
    const model_info& info = info_of<Owner>();
    if (model) *model = &info;
    const void* ids[1 + Inner::depth];
    ids[0] = &member_id<Owner, Member>;
    Inner::add_ids(ids + 1);
    return info.by_path(ids);
}
template <class Owner, auto Member, class Inner>
inline constexpr column_ref embedded_ref_of{&resolve_embedded<Owner, Member, Inner>};

template <class T>
struct value_of_column {
    using type = typename T::value_type;
};
template <auto Member, class Inner>
using column_value =
    typename std::conditional_t<std::is_void_v<Inner>, member_value<decltype(Member)>, value_of_column<Inner>>::type;

struct column_tag {};
// orm::as: what the columns that are made on this thread are of. Null: of no alias.
const char* alias_being_made() noexcept;
void set_alias_being_made(const char* alias) noexcept;
// One object for each column and literal, for good: nodes of queries point to it.
const column_ref* aliased_ref(const column_ref* column, const char* alias);
template <class T>
concept any_column = std::is_base_of_v<column_tag, T>;

template <class A, class B>
constexpr bool comparable() {
    using a = plain_t<A>;
    using b = plain_t<B>;
    if constexpr (std::is_same_v<a, b>)
        return true;
    else if constexpr (std::is_same_v<a, bool> || std::is_same_v<b, bool>)
        return false;
    else if constexpr (std::is_arithmetic_v<a> && std::is_arithmetic_v<b>)
        return true;
    else if constexpr (std::is_convertible_v<const a&, std::string_view>)
        return std::is_convertible_v<const b&, std::string_view>;
    else if constexpr (codec_is_time<a>())
        return codec_is_time<b>();
    else
        return false;
}

template <class V, class Operand>
void push_operand(expr& into, const Operand& operand) {
    if constexpr (a_query<Operand>) {
        into.push_query(operand.tree());  // a SELECT of one column and row
    } else if constexpr (std::is_same_v<Operand, expr>) {
        into.append(operand);  // orm::expr("…"): the user's own words
    } else if constexpr (any_column<Operand>) {
        static_assert(comparable<V, typename Operand::value_type>(),
                      "orm: this column cannot be compared with that column: their types differ");
        into.push_column(operand.ref());
    } else if constexpr (is_typed_expr<Operand>) {
        static_assert(comparable<V, typename Operand::value_type>(),
                      "orm: this expression has another type than the column");
        into.append(operand);
    } else {
        static_assert(comparable<V, Operand>() ||
                          (!std::is_arithmetic_v<plain_t<V>> && std::is_convertible_v<Operand, plain_t<V>>),
                      "orm: this value cannot be compared with this column: their types differ");
        into.push_value(to_value(operand));
    }
}
}  // namespace detail

// What c.age + 1 is: an expression that remembers the column's type.
template <class V>
struct typed_expr : expr {
    using value_type = V;
};

// What can be asked of a column, wherever it is. Self has ref().
template <class Self, class V>
struct column_api : detail::column_tag {
    using value_type = V;
    using plain = detail::plain_t<value_type>;

    [[nodiscard]] order_term asc() const { return {ref(), false, {}, {}}; }
    [[nodiscard]] order_term desc() const { return {ref(), true, {}, {}}; }
    [[nodiscard]] expr is_null() const { return expr::unary(node_kind::is_null, ref()); }
    [[nodiscard]] expr is_not_null() const { return expr::unary(node_kind::is_not_null, ref()); }
    [[nodiscard]] expr like(std::string_view pattern) const {
        static_assert(std::is_convertible_v<const plain&, std::string_view>, "orm: like() is for columns of text");
        return compare(node_kind::like, pattern);
    }
    [[nodiscard]] expr not_like(std::string_view pattern) const {
        static_assert(std::is_convertible_v<const plain&, std::string_view>, "orm: not_like() is for columns of text");
        return compare(node_kind::not_like, pattern);
    }
    // An empty list matches nothing: IN (NULL).
    template <class Range>
    requires requires(const Range& r) {
        r.begin();
        r.end();
    }
    [[nodiscard]] expr in(const Range& values) const { return in_list(node_kind::in, values.begin(), values.end()); }
    template <class U>
    [[nodiscard]] expr in(std::initializer_list<U> values) const {
        return in_list(node_kind::in, values.begin(), values.end());
    }
    template <class Range>
    requires requires(const Range& r) {
        r.begin();
        r.end();
    }
    [[nodiscard]] expr not_in(const Range& values) const {
        return in_list(node_kind::not_in, values.begin(), values.end());
    }
    template <class U>
    [[nodiscard]] expr not_in(std::initializer_list<U> values) const {
        return in_list(node_kind::not_in, values.begin(), values.end());
    }
    // User::c.id.in(db.from<Pet>().select(Pet::c.user_id))
    template <detail::a_query Q>
    [[nodiscard]] expr in(const Q& rows) const {
        return in_query(node_kind::in, rows.tree());
    }
    template <detail::a_query Q>
    [[nodiscard]] expr not_in(const Q& rows) const {
        return in_query(node_kind::not_in, rows.tree());
    }
    template <class A, class B>
    [[nodiscard]] expr between(const A& low, const B& high) const {
        return *this >= low && *this <= high;
    }

    template <class U>
    [[nodiscard]] expr compare(node_kind kind, const U& operand) const {
        expr made;
        made.push_column(ref());
        detail::push_operand<value_type>(made, operand);
        made.push(kind);
        return made;
    }
    template <class U>
    [[nodiscard]] typed_expr<value_type> compute(node_kind kind, const U& operand) const {
        static_assert(std::is_arithmetic_v<plain>, "orm: arithmetic is for columns of numbers");
        typed_expr<value_type> made;
        made.push_column(ref());
        detail::push_operand<value_type>(made, operand);
        made.push(kind);
        return made;
    }

private:
    [[nodiscard]] const column_ref* ref() const noexcept { return static_cast<const Self*>(this)->ref(); }
    expr in_query(node_kind kind, const ast::query& rows) const {
        expr made;
        made.push_column(ref());
        made.push_query(rows);
        made.push(kind);
        return made;
    }
    template <class It>
    expr in_list(node_kind kind, It from, It to) const {
        expr made;
        made.push_column(ref());
        std::size_t count = 0;
        for (; from != to; ++from, ++count) {
            static_assert(detail::comparable<value_type, std::remove_cvref_t<decltype(*from)>>(),
                          "orm: this value cannot be compared with this column: their types differ");
            made.add_to_list(detail::to_value(*from));
        }
        made.push_list(count);
        made.push(kind);
        return made;
    }
};

template <class Owner, auto Member, class Inner = void>
struct column : column_api<column<Owner, Member, Inner>, detail::column_value<Member, Inner>> {
    using owner = Owner;
    using value_type = detail::column_value<Member, Inner>;

    [[nodiscard]] const column_ref* ref() const noexcept {
        return as_ ? detail::aliased_ref(own_ref(), as_) : own_ref();
    }
    // Of the member, and of the embedded structs before it.
    static constexpr std::size_t depth_of() {
        if constexpr (std::is_void_v<Inner>)
            return 1;
        else
            return 1 + Inner::depth;
    }
    static constexpr std::size_t depth = depth_of();
    static void add_ids(const void** into) noexcept {
        *into = &detail::member_id<Owner, Member>;
        if constexpr (!std::is_void_v<Inner>) Inner::add_ids(into + 1);
    }

    template <class U>
    assignment operator=(const U& operand) const {  // NOLINT(misc-unconventional-assign-operator): an assignment in SQL
        assignment made{ref(), {}, nullptr};
        if constexpr (std::is_same_v<U, std::nullptr_t> || std::is_same_v<U, std::nullopt_t>) {
            static_assert(detail::optional_of<value_type>::value,
                          "orm: this column is not nullable; make the member a std::optional");
            made.to.push_value(value());
        } else {
            detail::push_operand<value_type>(made.to, operand);
        }
        return made;
    }
    assignment operator=(const column& other) const {  // NOLINT(bugprone-unhandled-self-assignment): in SQL, too
        return assign_column(other.ref());
    }
    constexpr column() noexcept : as_(std::is_constant_evaluated() ? nullptr : detail::alias_being_made()) {}
    constexpr column(const column&) = default;

private:
    static const column_ref* own_ref() noexcept {
        if constexpr (std::is_void_v<Inner>)
            return &detail::column_ref_of<Owner, Member>;
        else
            return &detail::embedded_ref_of<Owner, Member, Inner>;
    }
    assignment assign_column(const column_ref* from) const {
        assignment made{ref(), {}, nullptr};
        made.to.push_column(from);
        return made;
    }
    const char* as_;  // of orm::as<Owner>("…"); null: the table itself
};

// User::c.author, where author is an embedded struct: User::c.author[Author::c.name] is its column.
template <class Owner, auto Member>
struct embedded {
    using type = typename detail::member_value<decltype(Member)>::type;
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] constexpr auto operator[](const C&) const {
        static_assert(std::is_same_v<typename C::owner, type>, "orm: this column is not of the embedded struct");
        return column<Owner, Member, C>();
    }
};

#define SKUA_ORM_COMPARISON(op, kind, null_kind)                                              \
    template <class C, class U>                                                               \
    requires detail::any_column<C>                                                            \
    [[nodiscard]] expr operator op(const C& column, const U& operand) {                       \
        if constexpr (std::is_same_v<U, std::nullptr_t> || std::is_same_v<U, std::nullopt_t>) \
            return expr::unary(node_kind::null_kind, column.ref());                           \
        else                                                                                  \
            return column.compare(node_kind::kind, operand);                                  \
    }
SKUA_ORM_COMPARISON(==, eq, is_null)
SKUA_ORM_COMPARISON(!=, ne, is_not_null)
#undef SKUA_ORM_COMPARISON
#define SKUA_ORM_COMPARISON(op, kind)                                   \
    template <class C, class U>                                         \
    requires detail::any_column<C>                                      \
    [[nodiscard]] expr operator op(const C& column, const U& operand) { \
        return column.compare(node_kind::kind, operand);                \
    }
SKUA_ORM_COMPARISON(<, lt)
SKUA_ORM_COMPARISON(<=, le)
SKUA_ORM_COMPARISON(>, gt)
SKUA_ORM_COMPARISON(>=, ge)
#undef SKUA_ORM_COMPARISON
#define SKUA_ORM_ARITHMETIC(op, kind)                                   \
    template <class C, class U>                                         \
    requires detail::any_column<C>                                      \
    [[nodiscard]] auto operator op(const C& column, const U& operand) { \
        return column.compute(node_kind::kind, operand);                \
    }
SKUA_ORM_ARITHMETIC(+, add)
SKUA_ORM_ARITHMETIC(-, sub)
SKUA_ORM_ARITHMETIC(*, mul)
SKUA_ORM_ARITHMETIC(/, div)
#undef SKUA_ORM_ARITHMETIC

namespace detail {
template <class E, class U>
E extended(const E& left, node_kind kind, const U& operand) {
    E made = left;
    push_operand<typename E::value_type>(made, operand);
    made.push(kind);
    return made;
}
}  // namespace detail

// (c.age + 1) * 2 > c.limit
#define SKUA_ORM_ON_EXPRESSION(op, kind, returned)                        \
    template <class E, class U>                                           \
    requires detail::is_typed_expr<E>                                     \
    [[nodiscard]] returned operator op(const E& left, const U& operand) { \
        return detail::extended(left, node_kind::kind, operand);          \
    }
SKUA_ORM_ON_EXPRESSION(+, add, E)
SKUA_ORM_ON_EXPRESSION(-, sub, E)
SKUA_ORM_ON_EXPRESSION(*, mul, E)
SKUA_ORM_ON_EXPRESSION(/, div, E)
SKUA_ORM_ON_EXPRESSION(==, eq, expr)
SKUA_ORM_ON_EXPRESSION(!=, ne, expr)
SKUA_ORM_ON_EXPRESSION(<, lt, expr)
SKUA_ORM_ON_EXPRESSION(<=, le, expr)
SKUA_ORM_ON_EXPRESSION(>, gt, expr)
SKUA_ORM_ON_EXPRESSION(>=, ge, expr)
#undef SKUA_ORM_ON_EXPRESSION

}  // namespace skua::orm
