// SPDX-License-Identifier: Apache-2.0
// Conditions and values as plain data: nodes in postfix order, the values beside them. No SQL text is made here; the
// renderer does that once for each shape (all of it but the values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/codec.hpp>
#include <skua/orm/detail/small.hpp>
#include <skua/orm/location.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm {

struct field_info;
struct model_info;
struct relation_ref;
namespace ast {
struct query;
}

// Says which column a node means; resolved when rendering. One static object per column.
struct column_ref {
    const model_info& (*model)();
    const void* member;                 // a pointer to a member of the model, as an object
    const column_ref* inner = nullptr;  // the member is an embedded struct: the column in it
    const relation_ref* const* path =
        nullptr;  // the relations that lead to its table: User::c.company[Company::c.name]
    std::size_t steps = 0;
    const char* alias = nullptr;  // the table's: orm::as<User>("boss").name
    // Null: the member is no column. `of` may be null.
    const field_info* resolve(const model_info** of) const noexcept;
    [[nodiscard]] bool is_own() const noexcept { return steps == 0 && !alias; }
};

enum class node_kind : std::uint8_t {
    column,
    field,
    value,
    list,
    text,
    owned_text,
    eq,
    ne,
    lt,
    le,
    gt,
    ge,
    like,
    not_like,
    in,
    not_in,
    is_null,
    is_not_null,
    add,
    sub,
    mul,
    div,
    and_,
    or_,
    not_,
    subquery,  // a whole SELECT as an operand; its values are among the others
    exists,
    where_and,
    where_or,  // joins conditions of a chain as gorm does: side by side, AND binding tighter
};

struct node {
    node_kind kind = node_kind::value;
    std::uint8_t named = 0;      // text, owned_text: operands stand where "@name" is, not "?"
    std::uint16_t args = 0;      // text: number of operands before it
    std::uint32_t size = 0;      // text: bytes; list: values in it; owned_text, subquery: which
    const void* what = nullptr;  // column: column_ref; field: field_info of the statement's model; text: characters
};

namespace detail {
void sql_text_has_another_number_of_placeholders_than_arguments();  // never defined: the compiler's message
void sql_text_ends_inside_a_quote();

// '?' outside of quotes and comments; "??" is a question mark.
constexpr std::size_t count_placeholders(std::string_view s, bool& open_quote) {
    std::size_t count = 0;
    open_quote = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const char ch = s[i];
        const char next = i + 1 < s.size() ? s[i + 1] : '\0';
        if (ch == '\'' || ch == '"' || ch == '`') {
            const std::size_t close = s.find(ch, i + 1);
            if (close == std::string_view::npos) {
                open_quote = true;
                return count;
            }
            i = close;
        } else if (ch == '-' && next == '-') {
            const std::size_t line = s.find('\n', i);
            i = line == std::string_view::npos ? s.size() : line;
        } else if (ch == '/' && next == '*') {
            const std::size_t close = s.find("*/", i + 2);
            i = close == std::string_view::npos ? s.size() : close + 1;
        } else if (ch == '?') {
            if (next == '?')
                ++i;
            else
                ++count;
        }
    }
    return count;
}

}  // namespace detail

// An argument with a name: where("age > @n OR id > @n", orm::named("n", 18)).
template <class T>
struct named_argument {
    std::string_view name;
    const T& what;
};
template <class T>
[[nodiscard]] named_argument<T> named(std::string_view name, const T& what) {
    return {name, what};
}
// Every member of a described struct, by the name of its column.
template <class T>
struct named_members {
    const T& what;
};
template <class T>
[[nodiscard]] named_members<T> named(const T& what) {
    return {what};
}

namespace detail {
template <class T>
inline constexpr bool is_named = false;
template <class T>
inline constexpr bool is_named<named_argument<T>> = true;
template <class T>
inline constexpr bool is_named<named_members<T>> = true;
}  // namespace detail

// SQL text made at run time. What is in it is sent as it is: never put in what came from outside.
struct unsafe_sql {
    std::string text;
    location at;
    explicit unsafe_sql(std::string sql, location from = location::current()) : text(std::move(sql)), at(from) {}
};

// SQL text in the source, with as many '?' as arguments follow: checked while compiling.
template <class... Args>
struct sql_literal {
    std::string_view text;
    location at;

    template <std::size_t N>
    consteval sql_literal(const char (&sql)[N],
                          location from = location::current())  // NOLINT(google-explicit-constructor)
        : text(sql, N - 1), at(from) {
        bool open_quote = false;
        // Names are compared with those of the arguments when the statement is made.
        constexpr std::size_t wanted = (std::size_t{0} + ... + (detail::is_named<Args> ? 0 : 1));
        if (detail::count_placeholders(text, open_quote) != wanted)
            detail::sql_text_has_another_number_of_placeholders_than_arguments();
        if (open_quote) detail::sql_text_ends_inside_a_quote();
    }
};
template <class... Args>
using literal_for = sql_literal<std::type_identity_t<Args>...>;

class expr {
public:
    expr() noexcept;
    expr(const expr& other);
    expr(expr&& other) noexcept;
    expr& operator=(const expr& other);
    expr& operator=(expr&& other) noexcept;
    ~expr();
    // orm::expr("lower(name) = ?", name): the user's own words, to be combined with typed ones.
    template <class... Args>
    explicit expr(literal_for<Args...> text, const Args&... args);

    static expr unary(node_kind kind, const column_ref* column);
    // column = value
    static expr binary(node_kind kind, const column_ref* column, value operand);
    // column IN (SELECT …)
    static expr with_query(node_kind kind, const column_ref* column, const ast::query& rows);
    void push(node_kind kind);
    void push_column(const column_ref* column);
    void push_field(const field_info* field);
    void push_value(value v);
    void add_to_list(value v);
    // After its values. Filled up with the last value to a power of two, so that few shapes come about.
    void push_list(std::size_t count);
    void push_text(std::string_view literal, std::size_t args);
    void push_owned_text(std::string text, std::size_t args);
    // SELECT … as an operand; without columns of its own, of its key.
    void push_query(const ast::query& query);
    void append(expr other);
    [[nodiscard]] bool empty() const noexcept { return nodes.empty(); }

    friend expr operator&&(expr a, expr b) { return joined(a, b, node_kind::and_); }
    friend expr operator||(expr a, expr b) { return joined(a, b, node_kind::or_); }
    friend expr operator!(expr a) { return negated(a); }

    detail::small<node, 6> nodes;
    detail::small<value, 2> values;
    struct owned_parts {
        std::vector<std::shared_ptr<const std::string>> texts;   // of unsafe_sql
        std::vector<std::shared_ptr<const ast::query>> queries;  // operands
        std::string mistake;                                     // found while it was made: what rendering fails with
    };
    detail::rare<owned_parts> owned;

private:
    // What is taken is moved from.
    static expr joined(expr& a, expr& b, node_kind kind);
    static expr negated(expr& a);
};

// User::c.age = User::c.age + 1
struct assignment {
    const column_ref* column = nullptr;
    expr to{};
    const field_info* field = nullptr;  // instead of column: of the statement's model
};

// Ascending or descending by a column, or a text of the user's.
struct order_term {
    const column_ref* column = nullptr;
    bool descending = false;
    std::string_view literal;                          // instead of a column
    std::shared_ptr<const std::string> owned_literal;  // of unsafe_sql
    const field_info* field = nullptr;                 // instead of a column: of the statement's model
};

namespace detail {
template <class T>
inline constexpr bool is_typed_expr = std::is_base_of_v<expr, T>&& requires {
    typename T::value_type;
};
template <class T>
constexpr bool codec_is_time() {
    if constexpr (has_codec<T>) return codec<T>::type.kind == value_kind::moment;
    return false;
}

// orm::query, which is declared later.
template <class T>
concept a_query = requires(const T& q) {
    typename T::asks_for;
    q.tree();
};

template <class T>
void push_argument(expr& into, const T& argument) {
    if constexpr (a_query<T>) {
        into.push_query(argument.tree());
    } else if constexpr (std::is_base_of_v<expr, T>) {
        into.append(argument);
    } else if constexpr (list_like<T>) {
        std::size_t count = 0;
        for (const auto& v : argument) {
            into.add_to_list(to_value(v));
            ++count;
        }
        into.push_list(count);
    } else {
        into.push_value(to_value(argument));
    }
}
}  // namespace detail

namespace detail {
// A name and its value (a list of values, a subquery).
struct named_operand {
    std::string name;
    expr value;
    bool may_be_unused;
};
template <class T>
void add_named(std::vector<named_operand>& to, const named_argument<T>& argument) {
    named_operand made{std::string(argument.name), {}, false};
    push_argument(made.value, argument.what);
    to.push_back(std::move(made));
}
template <class T>
void add_named(std::vector<named_operand>& to, const named_members<T>& members);  // model.hpp
// "@name" outside of quotes and comments; "@@" is an at sign. Names without argument, and arguments without name, are
// mistakes of the expression.
expr named_expr(std::string_view text, bool literal, const std::vector<named_operand>& operands);

template <class... Args>
expr text_expr(std::string_view text, bool literal, const Args&... args) {
    static_assert((is_named<Args> && ...) || (!is_named<Args> && ...),
                  "orm: arguments are either all named or all for question marks");
    if constexpr (sizeof...(Args) > 0 && (is_named<Args> && ...)) {
        std::vector<named_operand> operands;
        (add_named(operands, args), ...);
        return named_expr(text, literal, operands);
    } else {
        expr made;
        (push_argument(made, args), ...);
        if (literal)
            made.push_text(text, sizeof...(Args));
        else
            made.push_owned_text(std::string(text), sizeof...(Args));
        return made;
    }
}

// Text that is neither a literal nor unsafe_sql: only here for its message.
template <class T>
concept run_time_text = std::is_convertible_v<const T&, std::string_view> && !std::is_array_v<T>;
template <class... Args>
expr literal_expr(std::string_view text, const Args&... args) {
    return text_expr(text, true, args...);
}
template <class... Args>
expr owned_expr(const std::string& text, const Args&... args) {
    return text_expr(text, false, args...);
}
}  // namespace detail

#define SKUA_ORM_TEXT_MUST_BE_LITERAL(T)                                                                      \
    static_assert(                                                                                            \
        !std::is_convertible_v<const T&, std::string_view>,                                                   \
        "orm: SQL text must be a literal, so that nothing from outside gets into it; values go in as ?, and " \
        "text that has to be made at run time is said to be so: orm::unsafe_sql(text)")

template <class... Args>
expr::expr(literal_for<Args...> text, const Args&... args) {
    *this = detail::literal_expr(text.text, args...);
}

}  // namespace skua::orm
