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
template <class M>
struct member_value;
template <class T, class C>
struct member_value<T C::*> {
    using type = T;
};

// A pointer to member as an object: what a column_ref points to. In the ABI of g++ and clang it is the offset.
template <class Owner, auto Member>
inline constexpr typename member_value<decltype(Member)>::type Owner::*member_pointer = Member;

// Not constexpr: they are made when the model is complete. One for each column that a program names.
template <class Owner, auto Member>
inline constinit const column_ref column_ref_of{&info_of<Owner>, &member_pointer<Owner, Member>};
// User::c.author[Author::c.name]: a column of an embedded struct. Inner is Author's column.
template <class Owner, auto Member, class Inner>
inline constinit const column_ref embedded_ref_of{&info_of<Owner>, &member_pointer<Owner, Member>, Inner::own_ref()};

template <class T>
struct value_of_column {
    using type = typename T::value_type;
};
template <auto Member, class Inner>
using column_value =
    typename std::conditional_t<std::is_void_v<Inner>, member_value<decltype(Member)>, value_of_column<Inner>>::type;

struct column_tag {
    static constexpr const relation_desc* described() noexcept { return nullptr; }
};
// orm::as: what the columns that are made on this thread are of. Null: of no alias.
void set_alias_being_made(const char* alias) noexcept;
const char* alias_being_made() noexcept;
// The column under that alias: one object for each column and literal, for good. Without an alias: as it is.
const column_ref* ref_under(const column_ref* column, const char* alias);
template <class T>
concept any_column = std::is_base_of_v<column_tag, T>;
struct relation_tag {};
template <class R>
concept any_relation = std::is_base_of_v<relation_tag, R>;

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

// Neither a column, nor an expression, nor a query.
template <class U>
inline constexpr bool is_plain_value = !a_query<U> && !std::is_base_of_v<expr, U> && !any_column<U>;
template <class V, class U>
constexpr void check_operand() {
    static_assert(comparable<V, U>() || (!std::is_arithmetic_v<plain_t<V>> && std::is_convertible_v<U, plain_t<V>>),
                  "orm: this value cannot be compared with this column: their types differ");
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
        check_operand<V, Operand>();
        into.push_value(to_value(operand));
    }
}
}  // namespace detail

// What c.age + 1 is: an expression that remembers the column's type.
template <class V>
struct typed_expr : expr {
    using value_type = V;
};

namespace detail {
// C op operand, for every column of this type of value.
template <class V, class U>
expr compared(const column_ref* column, node_kind kind, const U& operand) {
    if constexpr (is_plain_value<U>) {
        check_operand<V, U>();
        return expr::binary(kind, column, to_value(operand));
    } else {
        expr made;
        made.push_column(column);
        push_operand<V>(made, operand);
        made.push(kind);
        return made;
    }
}
template <class V, class U>
assignment assigned(const column_ref* column, const U& operand) {
    assignment made{column, {}, nullptr};
    if constexpr (std::is_same_v<U, std::nullptr_t> || std::is_same_v<U, std::nullopt_t>) {
        static_assert(optional_of<V>::value, "orm: this column is not nullable; make the member a std::optional");
        made.to.push_value(value());
    } else {
        push_operand<V>(made.to, operand);
    }
    return made;
}
}  // namespace detail

// A column of values of type V, wherever it is: what can be asked of one. Columns of all models share it, so that the
// compiler makes it once for each type.
template <class V>
class column_of : public detail::column_tag {
public:
    using value_type = V;
    using plain = detail::plain_t<value_type>;

    [[nodiscard]] constexpr const column_ref* ref() const noexcept { return ref_; }
    [[nodiscard]] order_term asc() const { return {ref_, false, {}, {}}; }
    [[nodiscard]] order_term desc() const { return {ref_, true, {}, {}}; }
    [[nodiscard]] expr is_null() const { return expr::unary(node_kind::is_null, ref_); }
    [[nodiscard]] expr is_not_null() const { return expr::unary(node_kind::is_not_null, ref_); }
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
        return expr::with_query(node_kind::in, ref_, rows.tree());
    }
    template <detail::a_query Q>
    [[nodiscard]] expr not_in(const Q& rows) const {
        return expr::with_query(node_kind::not_in, ref_, rows.tree());
    }
    template <class A, class B>
    [[nodiscard]] expr between(const A& low, const B& high) const {
        return compare(node_kind::ge, low) && compare(node_kind::le, high);
    }

    template <class U>
    [[nodiscard]] expr compare(node_kind kind, const U& operand) const {
        return detail::compared<V>(ref_, kind, operand);
    }
    template <class U>
    [[nodiscard]] typed_expr<V> compute(node_kind kind, const U& operand) const {
        static_assert(std::is_arithmetic_v<plain>, "orm: arithmetic is for columns of numbers");
        return {detail::compared<V>(ref_, kind, operand)};
    }

    template <class U>
    assignment operator=(const U& operand) const {  // NOLINT(misc-unconventional-assign-operator): an assignment in SQL
        return detail::assigned<V>(ref_, operand);
    }
    constexpr column_of(const column_of&) = default;

protected:
    constexpr explicit column_of(const column_ref* ref) noexcept : ref_(ref) {}

private:
    template <class It>
    expr in_list(node_kind kind, It from, It to) const {
        expr made;
        made.push_column(ref_);
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

    const column_ref* ref_;
};

template <class Owner, auto Member, class Inner = void>
struct column : column_of<detail::column_value<Member, Inner>> {
    using base = column_of<detail::column_value<Member, Inner>>;
    using owner = Owner;

    // Of the table itself, or, on a thread that is making orm::as<Owner>("…"), under that alias.
    constexpr column() noexcept
        : base(std::is_constant_evaluated() ? own_ref() : detail::ref_under(own_ref(), detail::alias_being_made())) {}
    explicit column(const char* alias) : base(detail::ref_under(own_ref(), alias)) {}
    constexpr column(const column&) = default;
    using base::operator=;
    assignment operator=(const column& other) const {  // NOLINT(bugprone-unhandled-self-assignment): in SQL, too
        return detail::assigned<typename base::value_type>(this->ref(), other);
    }
    static constexpr const column_ref* own_ref() noexcept {
        if constexpr (std::is_void_v<Inner>)
            return &detail::column_ref_of<Owner, Member>;
        else
            return &detail::embedded_ref_of<Owner, Member, Inner>;
    }
    // Of an embedded struct: the column in it.
    static constexpr const column_ref* inner_ref() noexcept {
        if constexpr (std::is_void_v<Inner>)
            return nullptr;
        else
            return Inner::own_ref();
    }
};

template <class Owner, auto Member, class Inner = void>
struct relation;

// User::c.author, where author is an embedded struct: User::c.author[Author::c.name] is its column; its relations are
// named likewise.
template <class Owner, auto Member>
struct embedded {
    using type = typename detail::member_value<decltype(Member)>::type;
    static constexpr const relation_desc* described() noexcept { return nullptr; }
    constexpr embedded() noexcept : alias_(std::is_constant_evaluated() ? nullptr : detail::alias_being_made()) {}
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] auto operator[](const C&) const {
        static_assert(std::is_same_v<typename C::owner, type>, "orm: this column is not of the embedded struct");
        return column<Owner, Member, C>(alias_);
    }
    template <class R>
    requires detail::any_relation<R>
    [[nodiscard]] auto operator[](const R&) const {
        static_assert(std::is_same_v<typename R::owner, type>, "orm: this relation is not of the embedded struct");
        return relation<Owner, Member, R>(alias_);
    }

private:
    const char* alias_;  // of the table, or null
};

// Two overloads: with one, column == column could as well be read backwards.
#define SKUA_ORM_COMPARISON(op, kind, null_kind)                                                                    \
    template <class V, class U>                                                                                     \
    requires(!detail::any_column<U>) [[nodiscard]] expr operator op(const column_of<V>& column, const U& operand) { \
        if constexpr (std::is_same_v<U, std::nullptr_t> || std::is_same_v<U, std::nullopt_t>)                       \
            return expr::unary(node_kind::null_kind, column.ref());                                                 \
        else                                                                                                        \
            return column.compare(node_kind::kind, operand);                                                        \
    }                                                                                                               \
    template <class V, class W>                                                                                     \
    [[nodiscard]] expr operator op(const column_of<V>& column, const column_of<W>& other) {                         \
        return column.compare(node_kind::kind, other);                                                              \
    }
SKUA_ORM_COMPARISON(==, eq, is_null)
SKUA_ORM_COMPARISON(!=, ne, is_not_null)
#undef SKUA_ORM_COMPARISON
#define SKUA_ORM_COMPARISON(op, kind)                                              \
    template <class V, class U>                                                    \
    [[nodiscard]] expr operator op(const column_of<V>& column, const U& operand) { \
        return column.compare(node_kind::kind, operand);                           \
    }
SKUA_ORM_COMPARISON(<, lt)
SKUA_ORM_COMPARISON(<=, le)
SKUA_ORM_COMPARISON(>, gt)
SKUA_ORM_COMPARISON(>=, ge)
#undef SKUA_ORM_COMPARISON
#define SKUA_ORM_ARITHMETIC(op, kind)                                                       \
    template <class V, class U>                                                             \
    [[nodiscard]] typed_expr<V> operator op(const column_of<V>& column, const U& operand) { \
        return column.compute(node_kind::kind, operand);                                    \
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
