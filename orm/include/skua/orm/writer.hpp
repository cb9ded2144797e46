// SPDX-License-Identifier: Apache-2.0
// db.select(User::c.name, User::c.pets).create(user): some columns and relations of an object. A value, as queries are.
#pragma once

#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/on_conflict.hpp>
#include <skua/orm/relation_column.hpp>

namespace skua::orm {

// omit(orm::objects_of(User::c.languages)): gorm's "Languages.*": only the rows of the link table are written.
template <class Relation>
struct objects_of : detail::relation_tag {
    explicit objects_of(const Relation&) {}
};

class writer {
public:
    explicit writer(detail::handle_ptr on) : on_(std::move(on)) {}

    // Only these columns and relations; created_at and updated_at are set all the same.
    template <class... C>
    [[nodiscard]] writer select(const C&... what) const {
        writer made = *this;
        made.part_.restricted = true;
        (made.add(what, made.part_.select, made.part_.with), ...);
        return made;
    }
    // All but these.
    template <class... C>
    [[nodiscard]] writer omit(const C&... what) const {
        writer made = *this;
        (made.add(what, made.part_.omit, made.part_.without), ...);
        return made;
    }

    template <a_model T>
    result<done> create(T& object, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {&object, 1, sizeof(T)}, nullptr, &part_, at);
    }
    template <a_model T>
    result<done> create(T& object, const on_conflict& rule, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {&object, 1, sizeof(T)}, &rule.rule(), &part_, at);
    }
    template <a_model T>
    result<done> create(std::vector<T>& objects, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {objects.data(), objects.size(), sizeof(T)}, nullptr, &part_, at);
    }
    template <a_model T>
    result<done> save(T& object, location at = location::current()) const {
        return detail::run_save(on_, info_of<T>(), {&object, 1, sizeof(T)}, &part_, at);
    }
    template <a_model T>
    result<done> save(std::vector<T>& objects, location at = location::current()) const {
        return detail::run_save(on_, info_of<T>(), {objects.data(), objects.size(), sizeof(T)}, &part_, at);
    }
    // An update, whether the row is there or not.
    template <a_model T>
    result<done> changes(T& object, location at = location::current()) const {
        return detail::run_changes(on_, info_of<T>(), {&object, 1, sizeof(T)}, &part_, at);
    }

private:
    template <class C>
    void add(const C& what, std::vector<const column_ref*>& columns, std::vector<const relation_ref*>& relations) {
        static_assert(detail::any_column<C> || detail::any_relation<C> || std::is_same_v<C, all_associations>,
                      "orm: this takes columns and relations of the model, and orm::associations");
        if constexpr (detail::any_column<C>)
            columns.push_back(what.ref());
        else if constexpr (std::is_same_v<C, all_associations>)
            (&columns == &part_.select ? part_.all_relations : part_.no_relations) = true;
        else
            add_relation(what, relations);
    }
    template <class R>
    void add_relation(const R& what, std::vector<const relation_ref*>& relations) {
        relations.push_back(what.ref());
    }
    template <class R>
    void add_relation(const objects_of<R>&, std::vector<const relation_ref*>& relations) {
        (&relations == &part_.without ? part_.links_only : part_.with).push_back(R::ref());
    }

    detail::handle_ptr on_;
    ast::saved_part part_;
};

}  // namespace skua::orm
