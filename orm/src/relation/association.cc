// SPDX-License-Identifier: Apache-2.0
#include "association.h"

#include "keys.h"
#include "link.h"
#include "run.h"

#include <algorithm>

namespace skua::orm::detail {

field_list key_of_model(const model_info& m) {
    field_list out;
    for (const std::uint32_t i : m.primary) out.push_back(&m.fields[i]);
    return out;
}

bool has_all_keys(const field_list& key, const void* object) {
    return !key.empty() &&
           std::none_of(key.begin(), key.end(), [&](const field_info* f) { return f->ops->is_zero(f->in(object)); });
}

statement outer_statement(const handle_ptr& on, const association_call& call, std::string_view verb) {
    statement outer;
    outer.kind = processor_kind::update;
    outer.operation.verb = verb;
    outer.at = call.at;
    outer.run_handle_ = on.get();
    outer.model = call.relation->resolve().owner;
    outer.operation.model = outer.model->name;
    outer.operation.table = outer.model->table;
    return outer;
}

status check_owners(const association_call& call) {
    const relation_info& r = call.relation->resolve();
    SKUA_TRY(status(r.broken));
    const field_list key = key_of_model(*r.owner);
    for (std::size_t i = 0; i < call.owners.count; ++i)
        if (!has_all_keys(key, call.owners.at(i)))
            return fail(errc::primary_key_required, "the " + r.owner->name + " of " + r.name +
                                                        " has no primary key; got zero; want a row that is there");
    return ok;
}

namespace {

using object_list = std::vector<void*>;

// One call, inside its transaction.
class associating {
public:
    associating(statement& outer, const association_call& call, association_values& values)
        : outer_(outer),
          call_(call),
          r_(call.relation->resolve()),
          values_(values),
          target_key_(key_of_model(*r_.target)),
          owner_key_(key_of_model(*r_.owner)) {}

    status append(bool replaces) {
        if (values_.lists.size() != call_.owners.count)
            return fail(errc::invalid_value, r_.name + " of several objects takes one list for each; got " +
                                                 std::to_string(values_.lists.size()) + "; want " +
                                                 std::to_string(call_.owners.count));
        if (!r_.is_many())
            for (const object_list& list : values_.lists)
                if (list.size() > 1)
                    return fail(errc::invalid_value, r_.name + " holds one object; got " + std::to_string(list.size()));
        if (r_.kind == relation_kind::belongs_to) return set_owner();
        SKUA_TRY(r_.kind == relation_kind::many_to_many ? add_links() : take_over());
        if (replaces || !r_.is_many()) SKUA_TRY(cut_others());
        into_members(replaces);
        return ok;
    }

    status remove() {
        const object_list gone = everything();
        if (gone.empty()) return ok;
        for (const void* o : gone)
            if (!has_all_keys(target_key_, o))
                return fail(errc::primary_key_required, "an object to be removed from " + r_.name +
                                                            " has no primary key; got zero; want the key of a row");
        if (r_.kind == relation_kind::belongs_to)
            SKUA_TRY(forget_owner(&gone));
        else if (r_.kind == relation_kind::many_to_many)
            SKUA_TRY(cut_links(&gone, true));
        else
            SKUA_TRY(cut(&gone, true));
        if (call_.unscoped && (r_.kind == relation_kind::belongs_to || r_.kind == relation_kind::many_to_many))
            SKUA_TRY(remove_rows_of(gone));
        out_of_members(gone);
        return ok;
    }

private:
    object_list everything() const {
        object_list all;
        for (const object_list& list : values_.lists) all.insert(all.end(), list.begin(), list.end());
        return all;
    }
    object_list owners() const {
        object_list all;
        for (std::size_t i = 0; i < call_.owners.count; ++i) all.push_back(call_.owners.at(i));
        return all;
    }
    // The values of some columns of these objects, as `as` hold them.
    static std::vector<value> keys(const field_list& fields, const field_list& as, const object_list& objects) {
        std::vector<value> all;
        for (const void* o : objects) add_values(all, fields, as, o);
        return all;
    }
    using part = std::span<const value>;
    // fields IN (…) or NOT (…); true without any.
    static expr among(const field_list& fields, part some, bool inside) {
        expr e;
        if (some.empty()) return e;
        add_key_list(e, fields, some);
        if (!inside) e.push(node_kind::not_);
        return e;
    }
    [[nodiscard]] std::vector<part> parts(const field_list& fields, part all) const {
        return parts_of(outer_.run_handle_->core->pool->bind_limit(), fields.size(), all);
    }
    // In one statement with one another, or in several where they are more than a
    // statement can bind.
    template <class F>
    status each_part(const field_list& fields, part all, const field_list& other_fields, part others, F fn) const {
        std::vector<part> seconds = parts(other_fields, others);
        if (seconds.empty()) seconds.emplace_back();
        for (const part first : parts(fields, all))
            for (const part second : seconds) SKUA_TRY(fn(first, second));
        return ok;
    }

    status run_write(processor_kind kind, std::string_view verb, ast::query& q) {
        statement run = inner_statement(outer_, kind, verb, *q.model);
        run.query_ = &q;
        return run_statement(run);
    }

    // has: the rows get the owner's key.
    status take_over() {
        object_list all;
        for (std::size_t i = 0; i < call_.owners.count; ++i)
            for (void* o : values_.lists[i]) {
                SKUA_TRY(copy_key(r_.owner_fields, call_.owners.at(i), r_.target_fields, o));
                if (r_.type_field && r_.type_field->ops->read(r_.type_field->in(o), value_view::text(r_.type_value)) !=
                                         read_status::good)
                    return fail(errc::invalid_value, "\"" + r_.type_value + "\" does not fit " + r_.type_field->column);
                all.push_back(o);
            }
        field_list linked = r_.target_fields;
        if (r_.type_field) linked.push_back(r_.type_field);
        return save_related(outer_, r_, std::move(all), linked);
    }
    status add_links() {
        SKUA_TRY(save_related(outer_, r_, everything(), {}));
        link_rows links(r_);
        for (std::size_t i = 0; i < call_.owners.count; ++i)
            for (const void* o : values_.lists[i]) {
                std::vector<value> own, other;
                add_values(own, r_.owner_fields, r_.link_owner_fields, call_.owners.at(i));
                add_values(other, r_.target_fields, r_.link_target_fields, o);
                links.add(std::move(own), std::move(other));
            }
        links.make_unique();
        return insert_links(outer_, r_, links);
    }

    // belongs to: the owners get the keys of the objects.
    status set_owner() {
        const object_list fresh = everything();
        std::vector<value> before =
            call_.unscoped ? keys(r_.owner_fields, r_.target_fields, owners()) : std::vector<value>();
        SKUA_TRY(save_related(outer_, r_, fresh, {}));
        for (std::size_t i = 0; i < call_.owners.count; ++i) {
            void* owner = call_.owners.at(i);
            ast::query q;
            q.model = r_.owner;
            for (std::size_t k = 0; k < r_.owner_fields.size(); ++k) {
                const field_info& f = *r_.owner_fields[k];
                expr to;
                if (values_.lists[i].empty()) {
                    SKUA_TRY(check_nullable(f));
                    to.push_value(value());
                } else {
                    std::vector<value> one;
                    add_values(one, {r_.target_fields[k]}, {&f}, values_.lists[i][0]);
                    to.push_value(std::move(one[0]));
                }
                q.set.push_back({nullptr, std::move(to), &f});
            }
            SKUA_TRY(update_owner(q, owner));
            set_member(i);
        }
        return call_.unscoped ? remove_keys(before, fresh) : status();
    }
    status update_owner(ast::query& q, void* owner) {
        statement run = inner_statement(outer_, processor_kind::update, "update", *r_.owner);
        run.query_ = &q;
        run.objects = {owner, 1, 0, nullptr};
        return run_statement(run);
    }
    status check_nullable(const field_info& f) const {
        if (f.nullable) return ok;
        error e;
        e.code = errc::not_null_violated;
        e.column = f.column;
        e.message = "column " + f.column + " cannot be NULL, so " + r_.name +
                    " cannot be cut off; say .unscoped() to remove the rows, or make the member a std::optional";
        return e;
    }
    // belongs to: the owners of these objects have none.
    status forget_owner(const object_list* gone) {
        for (const field_info* f : r_.owner_fields) SKUA_TRY(check_nullable(*f));
        const std::vector<value> own = keys(owner_key_, owner_key_, owners());
        const std::vector<value> theirs = keys(r_.target_fields, r_.owner_fields, *gone);
        return each_part(owner_key_, own, r_.owner_fields, theirs, [&](part some, part those) {
            ast::query q;
            q.model = r_.owner;
            q.add_where(among(owner_key_, some, true), false);
            q.add_where(among(r_.owner_fields, those, true), false);
            for (const field_info* f : r_.owner_fields) set_null(q, *f);
            return run_write(processor_kind::update, "update", q);
        });
    }
    static void set_null(ast::query& q, const field_info& f) {
        expr null;
        null.push_value(value());
        q.set.push_back({nullptr, std::move(null), &f});
    }

    status cut_others() {
        const object_list kept = everything();
        return r_.kind == relation_kind::many_to_many ? cut_links_of_each() : cut(&kept, false);
    }
    // has: rows that are (not) among these lose their owner, or are removed.
    status cut(const object_list* which, bool inside) {
        const std::vector<value> own = keys(r_.owner_fields, r_.target_fields, owners());
        std::vector<value> those = keys(target_key_, target_key_, *which);
        // A list of what stays cannot be sent in parts: what goes is asked for.
        if (!inside && !those.empty() && !fits(r_.target_fields, own, target_key_, those)) {
            std::vector<value> there;
            for (const part some : parts(r_.target_fields, own))
                SKUA_TRY(find_values(outer_, owned_by(some), target_key_, target_key_, there));
            subtract(there, those, target_key_.size());
            if (there.empty()) return ok;
            those = std::move(there);
            inside = true;
        }
        return each_part(r_.target_fields, own, target_key_, those, [&](part some, part of_them) {
            ast::query q = owned_by(some);
            q.add_where(among(target_key_, of_them, inside), false);
            return cut_rows(q);
        });
    }
    [[nodiscard]] bool fits(const field_list& fields, part all, const field_list& other_fields, part others) const {
        return parts(fields, all).size() <= 1 && parts(other_fields, others).size() <= 1;
    }
    [[nodiscard]] ast::query owned_by(part own) const {
        ast::query q;
        q.model = r_.target;
        q.add_where(among(r_.target_fields, own, true), false);
        if (r_.type_field) {
            expr type;
            type.push_field(r_.type_field);
            type.push_value(value::text(r_.type_value));
            type.push(node_kind::eq);
            q.add_where(std::move(type), false);
        }
        return q;
    }
    status cut_rows(ast::query& q) {
        if (call_.unscoped) return run_write(processor_kind::remove, "remove", q);
        for (const field_info* f : r_.target_fields) {
            if (status s = check_nullable(*f); !s) return any_row(q) ? s : ok;
            set_null(q, *f);
        }
        return run_write(processor_kind::update, "update", q);
    }
    // Nothing to cut is no failure.
    bool any_row(const ast::query& q) {
        many_state rows;
        ast::query one = q;
        one.set.clear();
        one.limit = 1;
        return !find_related(outer_, one, r_.ops(), rows) || rows.count() > 0;
    }

    // Links of each owner to what is not in its list.
    status cut_links_of_each() {
        std::vector<value> removed;
        for (std::size_t i = 0; i < call_.owners.count; ++i)
            SKUA_TRY(cut_links_of({call_.owners.at(i)}, values_.lists[i], false, removed));
        return call_.unscoped ? remove_keys(removed, everything()) : status();
    }
    status cut_links(const object_list* gone, bool inside) {
        std::vector<value> unused;
        return cut_links_of(owners(), *gone, inside, unused);
    }
    status cut_links_of(const object_list& of, const object_list& which, bool inside, std::vector<value>& removed) {
        const std::vector<value> own = keys(r_.owner_fields, r_.link_owner_fields, of);
        std::vector<value> those = keys(r_.target_fields, r_.link_target_fields, which);
        const bool asks = !inside && !those.empty() && !fits(r_.link_owner_fields, own, r_.link_target_fields, those);
        if (asks || (call_.unscoped && !inside)) {
            link_rows links(r_);
            SKUA_TRY(find_links(outer_, r_, own, links));
            if (call_.unscoped) links.distinct_targets(removed);
            if (asks) {
                std::vector<value> there;
                links.distinct_targets(there);
                for (std::size_t i = 0; i < there.size(); ++i)
                    there[i] = value_for(*r_.link_target_fields[i % r_.link_target_fields.size()], there[i].view());
                subtract(there, those, r_.link_target_fields.size());
                if (there.empty()) return ok;
                those = std::move(there);
                inside = true;
            }
        }
        return each_part(r_.link_owner_fields, own, r_.link_target_fields, those, [&](part some, part of_them) {
            ast::query q;
            q.model = r_.link;
            q.add_where(among(r_.link_owner_fields, some, true), false);
            q.add_where(among(r_.link_target_fields, of_them, inside), false);
            return run_write(processor_kind::remove, "remove", q);
        });
    }

    status remove_rows_of(const object_list& objects) {
        return remove_all(target_key_, keys(target_key_, target_key_, objects));
    }
    status remove_all(const field_list& fields, const std::vector<value>& all) {
        for (const part some : parts(fields, all)) {
            ast::query q;
            q.model = r_.target;
            q.add_where(among(fields, some, true), false);
            SKUA_TRY(run_write(processor_kind::remove, "remove", q));
        }
        return ok;
    }
    // Rows with these values in target_fields, but for those of the objects kept.
    status remove_keys(const std::vector<value>& all, const object_list& kept) {
        std::vector<value> real;
        const std::size_t columns = r_.target_fields.size();
        for (std::size_t i = 0; i < all.size(); i += columns)
            if (std::none_of(all.begin() + static_cast<std::ptrdiff_t>(i),
                             all.begin() + static_cast<std::ptrdiff_t>(i + columns),
                             [](const value& v) { return v.view().is_null(); }))
                real.insert(real.end(), all.begin() + static_cast<std::ptrdiff_t>(i),
                            all.begin() + static_cast<std::ptrdiff_t>(i + columns));
        subtract(real, keys(r_.target_fields, r_.target_fields, kept), columns);
        return remove_all(r_.target_fields, real);
    }

    void into_members(bool replaces) const {
        for (std::size_t i = 0; i < call_.owners.count; ++i) {
            if (r_.is_many()) {
                many_state& member = r_.many_in(call_.owners.at(i));
                if (replaces) member.clear();
                for (const void* o : values_.lists[i]) member.append_copy(r_.ops(), o);
                if (replaces) member.set_loaded(true);
            } else {
                set_member(i);
            }
        }
    }
    // Of a relation to one: what its list has, or nothing.
    void set_member(std::size_t owner) const {
        one_state& member = r_.one_in(call_.owners.at(owner));
        if (values_.lists[owner].empty())
            member.clear();
        else
            member.set_copy(r_.ops(), values_.lists[owner][0]);
        member.set_loaded(true);
    }
    void out_of_members(const object_list& gone) const {
        std::vector<row_key> keys_gone;
        row_key key;
        for (const void* o : gone)
            if (key_of(target_key_, target_key_, o, key)) keys_gone.push_back(key);
        std::sort(keys_gone.begin(), keys_gone.end());
        const auto is_gone = [&](const void* o) {
            row_key mine;
            return key_of(target_key_, target_key_, o, mine) &&
                   std::binary_search(keys_gone.begin(), keys_gone.end(), mine);
        };
        for (std::size_t i = 0; i < call_.owners.count; ++i) {
            void* owner = call_.owners.at(i);
            if (r_.is_many()) {
                many_state& member = r_.many_in(owner);
                for (std::size_t k = member.count(); k-- > 0;)
                    if (is_gone(member.at(k))) member.erase(k);
                continue;
            }
            one_state& member = r_.one_in(owner);
            if (!member.object() || !is_gone(member.object())) continue;
            if (r_.kind == relation_kind::belongs_to)
                for (const field_info* f : r_.owner_fields) f->ops->clear(f->in(owner));
            member.clear();
        }
    }

    statement& outer_;
    const association_call& call_;
    const relation_info& r_;
    association_values& values_;
    const field_list target_key_, owner_key_;
};

}  // namespace

status run_association(const handle_ptr& on, const association_call& call, association_act act,
                       association_values& values) {
    static constexpr std::string_view verbs[] = {"append", "replace", "remove"};
    statement outer = outer_statement(on, call, verbs[static_cast<std::size_t>(act)]);
    if (on->session.dry_run || call.owners.count == 0) return ok;
    return as_operation(outer, true, [&]() -> status {
        SKUA_TRY(check_owners(call));
        associating work(outer, call, values);
        return act == association_act::remove ? work.remove() : work.append(act == association_act::replace);
    });
}

}  // namespace skua::orm::detail
