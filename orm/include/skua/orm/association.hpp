// SPDX-License-Identifier: Apache-2.0
// Association mode: db.of(user, User::c.pets).append(rex): the relation of objects that are there, changed without
// saving the objects themselves. The members of the objects follow.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/relation_column.hpp>

namespace skua::orm {
namespace detail {

enum class association_act : std::uint8_t { append, replace, remove };

// The objects of one call: a list for each owner, or one for all (remove).
struct association_values {
    std::vector<std::vector<void*>> lists;
    // Values that came const: they get their keys in copies.
    std::vector<std::shared_ptr<void>> copies;
};

struct association_call {
    const relation_ref* relation;
    object_span owners;
    ast::query how;         // conditions on the related rows, of find and count
    bool unscoped = false;  // rows that are no longer related are removed
    location at;
};
status run_association(const handle_ptr& on, const association_call& call, association_act act,
                       association_values& values);
result<std::int64_t> run_association_count(const handle_ptr& on, const association_call& call);
status find_associated(const handle_ptr& on, const association_call& call, rows_wanted into);

}  // namespace detail

template <class Relation>
class association {
public:
    using owner = typename Relation::owner;
    using target = typename Relation::target;

    association(detail::handle_ptr on, object_span owners, bool several, location at)
        : on_(std::move(on)), several_(several) {
        call_.relation = Relation::ref();
        call_.owners = owners;
        call_.at = at;
    }

    // Of find() and count().
    [[nodiscard]] association where(expr condition) const {
        association made = *this;
        made.call_.how.add_where(std::move(condition), false);
        return made;
    }
    template <class... Args>
    [[nodiscard]] association where(literal_for<Args...> text, const Args&... args) const {
        return where(detail::literal_expr(text.text, args...));
    }
    [[nodiscard]] association order(order_term term) const {
        association made = *this;
        made.call_.how.order.push_back(std::move(term));
        return made;
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] association order(const C& column) const { return order(column.asc()); }
    // replace(), remove() and clear() remove the rows that are no longer related, instead of cutting the tie.
    [[nodiscard]] association unscoped() const {
        association made = *this;
        made.call_.unscoped = true;
        return made;
    }

    [[nodiscard]] result<std::vector<target>> find() const {
        result<std::vector<target>> out{detail::later()};
        out.came(detail::find_associated(on_, call_, {detail::row_kind_of<target>, out.room()}));
        return out;
    }
    [[nodiscard]] result<std::int64_t> count() const { return detail::run_association_count(on_, call_); }

    // Objects and lists of them; created where they have no key, and then given one. Of several owners: one argument
    // for each, in their order, or a list of lists.
    template <class... V>
    status append(V&&... values) const {
        return run(detail::association_act::append, several_, std::forward<V>(values)...);
    }
    // What was related and is not among them, is no longer. An orm::one: append() is the same.
    template <class... V>
    status replace(V&&... values) const {
        return run(detail::association_act::replace, several_, std::forward<V>(values)...);
    }
    // The ties are cut, the rows stay.
    template <class... V>
    status remove(V&&... values) const {
        return run(detail::association_act::remove, false, std::forward<V>(values)...);
    }
    status clear() const {
        detail::association_values none;
        none.lists.resize(call_.owners.count);
        return detail::run_association(on_, call_, detail::association_act::replace, none);
    }

private:
    template <class V>
    static void add(detail::association_values& to, std::vector<void*>& list, V&& value) {
        using plain = std::remove_cvref_t<V>;
        if constexpr (std::is_same_v<plain, target>) {
            if constexpr (std::is_const_v<std::remove_reference_t<V>>) {
                to.copies.push_back(std::make_shared<target>(value));
                list.push_back(to.copies.back().get());
            } else {
                list.push_back(&value);
            }
        } else {
            static_assert(detail::list_like<plain>, "orm: this takes objects of the related model, and lists of them");
            for (auto&& v : value)
                add(to, list,
                    static_cast<
                        std::conditional_t<std::is_const_v<std::remove_reference_t<V>>, const target&, target&>>(v));
        }
    }
    template <class V>
    static constexpr bool is_list_of_lists() {
        using plain = std::remove_cvref_t<V>;
        if constexpr (detail::list_like<plain>)
            return detail::list_like<std::remove_cvref_t<decltype(*std::declval<plain&>().begin())>>;
        else
            return false;
    }
    template <class... V>
    status run(detail::association_act act, bool for_each, V&&... values) const {
        detail::association_values all;
        if constexpr (sizeof...(V) == 1 && (is_list_of_lists<V>() && ...)) {
            const auto take = [&](auto& lists) {
                for (auto& list : lists) add(all, all.lists.emplace_back(), list);
            };
            (take(values), ...);
        } else if (for_each) {
            const auto take = [&](auto& one) {
                // A plain list for several owners of an orm::one: an object for each.
                if constexpr (detail::list_like<std::remove_cvref_t<decltype(one)>> && !Relation::is_many &&
                              sizeof...(V) == 1)
                    for (auto& v : one) add(all, all.lists.emplace_back(), v);
                else
                    add(all, all.lists.emplace_back(), one);
            };
            (take(values), ...);
        } else {
            all.lists.emplace_back();
            (add(all, all.lists.back(), std::forward<V>(values)), ...);
        }
        return detail::run_association(on_, call_, act, all);
    }

    detail::handle_ptr on_;
    detail::association_call call_;
    bool several_;
};

}  // namespace skua::orm
