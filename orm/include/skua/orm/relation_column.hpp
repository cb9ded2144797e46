// SPDX-License-Identifier: Apache-2.0
// User::c.pets: a relation as a value, for preload(), joins() and association mode; with conditions on the related
// rows: User::c.pets.where(Pet::c.name == "Rex").order(Pet::c.id).limit(3).
#pragma once

#include <array>
#include <memory>
#include <utility>

#include <skua/orm/ast.hpp>
#include <skua/orm/column.hpp>
#include <skua/orm/relation.hpp>

namespace skua::orm {

namespace detail {
template <class R>
const relation_info& resolve_relation() {
    return relation_of(info_of<typename R::owner>(), R::offset());
}
template <class R>
inline constexpr relation_ref relation_ref_of{&resolve_relation<R>};
// A relation by its member, or, of an embedded struct, by its relation there.
template <class Owner, auto Member, class Inner>
struct relation_in {
    using member = typename Inner::member;
    static std::size_t offset() { return offset_of(&member_pointer<Owner, Member>) + Inner::offset(); }
};
template <class Owner, auto Member>
struct relation_in<Owner, Member, void> {
    using member = typename member_value<decltype(Member)>::type;
    static std::size_t offset() { return offset_of(&member_pointer<Owner, Member>); }
};
template <class From, class C>
auto step_from(const char* alias);
template <class R>
struct path_of {
    static constexpr std::array<const relation_ref*, 1> refs{R::ref()};
};
template <class R, class Column>
struct through_ref;
template <class R, class Owner, auto Member, class Inner>
struct through_ref<R, column<Owner, Member, Inner>> {
    static constinit const column_ref ref;
};
template <class R, class Owner, auto Member, class Inner>
constinit const column_ref through_ref<R, column<Owner, Member, Inner>>::ref{
    &info_of<Owner>,         &member_pointer<Owner, Member>, column<Owner, Member, Inner>::inner_ref(),
    path_of<R>::refs.data(), path_of<R>::refs.size(),        nullptr};
}  // namespace detail

// User::c.company[Company::c.name]: a column of a joined table.
template <class R, class Column>
struct through : column_of<typename Column::value_type> {
    explicit through(const char* alias)
        : column_of<typename Column::value_type>(detail::ref_under(&detail::through_ref<R, Column>::ref, alias)) {}
};

// User::c.manager[User::c.company]: on the way to a column.
template <class First, class Next>
struct relation_chain {
    using target = typename Next::target;
    const char* alias = nullptr;  // of the table that it starts from
    template <class C>
    [[nodiscard]] auto operator[](const C&) const {
        return detail::step_from<relation_chain, C>(alias);
    }
};

namespace detail {
template <class First, class Next>
struct path_of<relation_chain<First, Next>> {
    static constexpr auto refs = [] {
        constexpr std::size_t n = path_of<First>::refs.size();
        std::array<const relation_ref*, n + 1> all{};
        for (std::size_t i = 0; i < n; ++i) all[i] = path_of<First>::refs[i];
        all[n] = Next::ref();
        return all;
    }();
};
template <class From, class C>
auto step_from(const char* alias) {
    static_assert(any_column<C> || any_relation<C>, "orm: [] of a relation takes a column or a relation");
    static_assert(std::is_same_v<typename C::owner, typename From::target>,
                  "orm: this column is of another model than the relation leads to");
    if constexpr (any_column<C>)
        return through<From, C>(alias);
    else
        return relation_chain<From, C>{alias};
}
}  // namespace detail

// A relation and what is asked of the related rows. A value, as queries are.
template <class Relation>
class related_rows : public detail::relation_tag {
public:
    using owner = typename Relation::owner;
    using target = typename Relation::target;
    static constexpr bool is_many = Relation::is_many;

    explicit related_rows(const char* alias) : alias_(alias) {}
    [[nodiscard]] related_rows where(expr condition) const { return add(std::move(condition), false); }
    template <class... Args>
    [[nodiscard]] related_rows where(literal_for<Args...> text, const Args&... args) const {
        return add(detail::literal_expr(text.text, args...), false);
    }
    template <class... Args>
    [[nodiscard]] related_rows where(unsafe_sql text, const Args&... args) const {
        return add(detail::owned_expr(std::move(text.text), args...), false);
    }
    [[nodiscard]] related_rows or_where(expr condition) const { return add(std::move(condition), true); }
    [[nodiscard]] related_rows order(order_term term) const {
        related_rows made = *this;
        made.how_.order.push_back(std::move(term));
        return made;
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] related_rows order(const C& column) const { return order(column.asc()); }
    [[nodiscard]] related_rows order(sql_literal<> text) const {
        return order(order_term{nullptr, false, text.text, {}});
    }
    // preload: so many for each owner.
    [[nodiscard]] related_rows limit(std::int64_t rows) const {
        related_rows made = *this;
        made.how_.limit = rows < 0 ? -1 : rows;
        return made;
    }
    // preload: so many are left out of each owner's.
    [[nodiscard]] related_rows offset(std::int64_t rows) const {
        related_rows made = *this;
        made.how_.offset = rows < 0 ? -1 : rows;
        return made;
    }
    // Deleted rows too.
    [[nodiscard]] related_rows unscoped() const {
        related_rows made = *this;
        made.how_.unscoped = true;
        return made;
    }
    // Only these columns, and those the relation goes by.
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] related_rows select(const C&... columns) const {
        related_rows made = *this;
        (made.how_.columns.push_back(columns.ref()), ...);
        return made;
    }

    [[nodiscard]] ast::relation_step step() const {
        return {Relation::ref(), std::make_shared<const ast::query>(how_), alias_};
    }

private:
    related_rows add(expr condition, bool with_or) const {
        related_rows made = *this;
        made.how_.add_where(std::move(condition), with_or);
        return made;
    }
    ast::query how_;
    const char* alias_;
};

// User::c.company. Inner: User::c.home[Address::c.country], of an embedded struct.
template <class Owner, auto Member, class Inner>
struct relation : detail::relation_tag {
    using owner = Owner;
    using member = typename detail::relation_in<Owner, Member, Inner>::member;
    using target = typename member::related;
    static constexpr bool is_many = detail::relation_member<member>::is_many;

    static constexpr const relation_ref* ref() noexcept { return &detail::relation_ref_of<relation>; }
    static std::size_t offset() { return detail::relation_in<Owner, Member, Inner>::offset(); }  // in the owner
    static constexpr const relation_desc* described() noexcept {
        return &detail::relation_desc_of<member, Owner, Member>;
    }
    constexpr relation() noexcept : alias_(std::is_constant_evaluated() ? nullptr : detail::alias_being_made()) {}
    constexpr explicit relation(const char* alias) noexcept : alias_(alias) {}
    [[nodiscard]] ast::relation_step step() const { return {ref(), nullptr, alias_}; }
    // A column of the related row, in a query that joins it.
    template <class C>
    [[nodiscard]] auto operator[](const C&) const {
        return detail::step_from<relation, C>(alias_);
    }

    [[nodiscard]] auto where(expr condition) const { return rows().where(std::move(condition)); }
    template <class... Args>
    [[nodiscard]] auto where(literal_for<Args...> text, const Args&... args) const {
        return rows().where(detail::literal_expr(text.text, args...));
    }
    template <class... Args>
    [[nodiscard]] auto where(unsafe_sql text, const Args&... args) const {
        return rows().where(std::move(text), args...);
    }
    template <class A>
    [[nodiscard]] auto order(const A& by) const {
        return rows().order(by);
    }
    [[nodiscard]] auto order(sql_literal<> text) const {
        return rows().order(order_term{nullptr, false, text.text, {}});
    }
    [[nodiscard]] auto limit(std::int64_t count) const { return rows().limit(count); }
    [[nodiscard]] auto offset(std::int64_t count) const { return rows().offset(count); }
    [[nodiscard]] auto unscoped() const { return rows().unscoped(); }
    template <class... C>
    [[nodiscard]] auto select(const C&... columns) const {
        return rows().select(columns...);
    }

private:
    related_rows<relation> rows() const { return related_rows<relation>(alias_); }
    const char* alias_;  // of the table that has it, or null
};

// Stands for every relation of a model: preload(orm::associations), omit(orm::associations).
struct all_associations {};
inline constexpr all_associations associations{};

namespace detail {
// preload(User::c.pets, Pet::c.toys): each relation must start where the one before leads to.
template <class Model>
constexpr bool is_path() {
    return true;
}
template <class Model, class First, class... More>
constexpr bool is_path() {
    if constexpr (!any_relation<First>)
        return false;
    else if constexpr (!std::is_same_v<typename First::owner, Model>)
        return false;
    else
        return is_path<typename First::target, More...>();
}
template <class Model, class... R>
constexpr void check_path() {
    static_assert((any_relation<R> && ...),
                  "orm: this takes relations: members of type orm::one or orm::many that SKUA_MODEL names");
    if constexpr ((any_relation<R> && ...))
        static_assert(is_path<Model, R...>(),
                      "orm: this relation is of another model: the first must be of the model that is asked for, each "
                      "other of the model that the one before leads to");
}
std::shared_ptr<const ast::relations> with_preload(const std::shared_ptr<const ast::relations>& to,
                                                   ast::relation_path path);
std::shared_ptr<const ast::relations> with_all_preloads(const std::shared_ptr<const ast::relations>& to);
std::shared_ptr<const ast::relations> with_removed(const std::shared_ptr<const ast::relations>& to,
                                                   std::vector<const relation_ref*> path);
// select() before remove(): User::c.pets, User::c.pets[Pet::c.tags], orm::associations.
template <class R>
struct removable : std::bool_constant<any_relation<R>> {};
template <class First, class Next>
struct removable<relation_chain<First, Next>> : std::true_type {};
template <>
struct removable<all_associations> : std::true_type {};
template <class R>
std::shared_ptr<const ast::relations> add_removed(const std::shared_ptr<const ast::relations>& to) {
    if constexpr (std::is_same_v<R, all_associations>)
        return with_removed(to, {});
    else
        return with_removed(to, {path_of<R>::refs.begin(), path_of<R>::refs.end()});
}
std::shared_ptr<const ast::relations> with_join(const std::shared_ptr<const ast::relations>& to, ast::join join);

// A name in the source, of letters, digits and '_'.
void an_alias_is_of_letters_digits_and_underscores();  // never defined: the compiler's message
struct alias_literal {
    const char* text;
    template <std::size_t N>
    consteval alias_literal(const char (&name)[N]) : text(name) {  // NOLINT(google-explicit-constructor)
        if (N < 2 || N > 61) an_alias_is_of_letters_digits_and_underscores();
        for (std::size_t i = 0; i + 1 < N; ++i) {
            const char ch = name[i];
            if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_'))
                an_alias_is_of_letters_digits_and_underscores();
        }
    }
};
}  // namespace detail

}  // namespace skua::orm
