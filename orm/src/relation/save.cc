// SPDX-License-Identifier: Apache-2.0
// Related objects are saved with their owners, in one transaction: what the owners belong to before them, what they
// have, and links, after them. Objects without a key are created. Of those with one, the row is created if it is not
// there; if it is, it stays as it is but for the foreign key (has), or is updated (full_save_associations).
#include "keys.h"
#include "link.h"
#include "run.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

bool has(const std::vector<const relation_ref*>& list, const relation_info& r) {
    return std::any_of(list.begin(), list.end(), [&](const relation_ref* ref) { return &ref->resolve() == &r; });
}

bool is_saved(const statement& run, const relation_info& r) {
    if (!run.part_) return true;
    const ast::saved_part& part = *run.part_;
    if (has(part.with, r) || has(part.links_only, r)) return true;
    if (part.no_relations || has(part.without, r)) return false;
    return part.all_relations || !part.restricted;
}

// update() by assignments names what it changes: related objects are not of it.
bool saves_relations(const statement& run) {
    return run.model && run.model->relations && run.objects.count > 0 && !run.run_handle_->session.dry_run &&
           (run.kind == processor_kind::create || (run.kind == processor_kind::update && run.save_all_));
}

using object_list = std::vector<void*>;

// Of two with one key the first is saved.
void drop_repeated(const field_list& key, object_list& objects) {
    owner_index seen;
    row_key k;
    for (std::uint32_t i = 0; i < objects.size(); ++i)
        if (key_of(key, key, objects[i], k)) seen.add(k, i);
    seen.sort();
    const owner_index::entry* before = nullptr;
    for (const owner_index::entry& e : seen.all()) {
        if (before && before->key == e.key)
            objects[e.owner] = nullptr;
        else
            before = &e;
    }
    std::erase(objects, nullptr);
}

status create_objects(const statement& outer, const relation_info& r, const object_list& objects,
                      const ast::conflict* rule) {
    static const ast::saved_part alone{.no_relations = true};
    if (objects.empty()) return ok;
    statement run = inner_statement(outer, processor_kind::create, "create", *r.target);
    run.objects = {objects[0], objects.size(), 0, objects.data()};
    run.conflict_ = rule;
    // gorm: after select() the relations of what was selected stay out.
    if (outer.part_ && outer.part_->restricted) run.part_ = &alone;
    return run_statement(run);
}

}  // namespace

status save_related(const statement& outer, const relation_info& r, object_list objects, const field_list& linked) {
    if (outer.depth_ >= max_relation_depth)
        return fail(errc::unsupported_relation,
                    "objects are related more than 64 levels deep, at " + r.owner->name + "." + r.name);
    field_list key;
    for (const std::uint32_t i : r.target->primary) key.push_back(&r.target->fields[i]);
    if (!key.empty()) drop_repeated(key, objects);
    object_list fresh, known;
    for (void* o : objects) {
        const bool keyless = key.empty() || std::any_of(key.begin(), key.end(),
                                                        [&](const field_info* f) { return f->ops->is_zero(f->in(o)); });
        (keyless ? fresh : known).push_back(o);
    }
    SKUA_TRY(create_objects(outer, r, fresh, nullptr));
    ast::conflict rule;
    if (outer.run_handle_->session.full_save_associations) {
        rule.what = ast::conflict::act::update_all;
    } else if (!linked.empty()) {
        rule.what = ast::conflict::act::update_columns;
        rule.update_fields = linked;
    } else {
        rule.what = ast::conflict::act::nothing;
    }
    return create_objects(outer, r, known, &rule);
}

namespace {

// What the members of `r` in all the objects hold, and whose it is.
struct gathered {
    object_list objects, owners;
};
gathered gather(const statement& run, const relation_info& r) {
    gathered all;
    for (std::size_t i = 0; i < run.objects.count; ++i) {
        void* owner = run.objects.at(i);
        if (!r.is_many()) {
            if (void* o = r.one_in(owner).object()) {
                all.objects.push_back(o);
                all.owners.push_back(owner);
            }
            continue;
        }
        const many_state& many = r.many_in(owner);
        for (std::size_t k = 0; k < many.count(); ++k) {
            all.objects.push_back(many.at(k));
            all.owners.push_back(owner);
        }
    }
    return all;
}

status save_owner(const statement& run, const relation_info& r) {
    const gathered all = gather(run, r);
    if (all.objects.empty()) return ok;
    SKUA_TRY(save_related(run, r, all.objects, {}));
    // A repeated object was saved once, its key may be known to the first only.
    for (std::size_t i = 0; i < all.objects.size(); ++i)
        SKUA_TRY(copy_key(r.target_fields, all.objects[i], r.owner_fields, all.owners[i]));
    return ok;
}

status save_owned(const statement& run, const relation_info& r) {
    const gathered all = gather(run, r);
    if (all.objects.empty()) return ok;
    field_list linked = r.target_fields;
    if (r.type_field) linked.push_back(r.type_field);
    for (std::size_t i = 0; i < all.objects.size(); ++i) {
        SKUA_TRY(copy_key(r.owner_fields, all.owners[i], r.target_fields, all.objects[i]));
        if (r.type_field && r.type_field->ops->read(r.type_field->in(all.objects[i]), value_view::text(r.type_value)) !=
                                read_status::good)
            return fail(errc::invalid_value, "\"" + r.type_value + "\" does not fit column " + r.type_field->column);
    }
    return save_related(run, r, all.objects, linked);
}

status save_linked(const statement& run, const relation_info& r) {
    const gathered all = gather(run, r);
    if (all.objects.empty()) return ok;
    if (!run.part_ || !has(run.part_->links_only, r)) SKUA_TRY(save_related(run, r, all.objects, {}));
    link_rows links(r);
    for (std::size_t i = 0; i < all.objects.size(); ++i) {
        std::vector<value> own, other;
        add_values(own, r.owner_fields, r.link_owner_fields, all.owners[i]);
        add_values(other, r.target_fields, r.link_target_fields, all.objects[i]);
        links.add(std::move(own), std::move(other));
    }
    links.make_unique();
    return insert_links(run, r, links);
}

}  // namespace

bool saves_column(const ast::saved_part& part, const model_info& model, const field_info& column) {
    const auto named = [&](const std::vector<const column_ref*>& list) {
        return std::any_of(list.begin(), list.end(), [&](const column_ref* ref) {
            const model_info* of = nullptr;
            return ref->resolve(&of) == &column;
        });
    };
    if (named(part.omit)) return false;
    if (!part.restricted || column.auto_create != tag_time::off || column.auto_update != tag_time::off) return true;
    if (named(part.select)) return true;
    // A relation that is saved brings its foreign key.
    for (const relation_ref* ref : part.with) {
        const relation_info& r = ref->resolve();
        if (r.owner == &model && r.kind == relation_kind::belongs_to &&
            std::find(r.owner_fields.begin(), r.owner_fields.end(), &column) != r.owner_fields.end())
            return true;
    }
    return false;
}

bool touches_relations(const statement& run) {
    if (run.kind == processor_kind::remove) return removes_relations(run);
    if (!saves_relations(run)) return false;
    for (const relation_info& r : relations_of(*run.model)) {
        if (!is_saved(run, r)) continue;
        for (std::size_t i = 0; i < run.objects.count; ++i)
            if (r.has_value(run.objects.at(i))) return true;
    }
    return false;
}

status save_before_relations(statement& run) {
    if (!saves_relations(run)) return ok;
    for (const relation_info& r : relations_of(*run.model)) {
        if (!r.broken) {
            if (gather(run, r).objects.empty()) continue;
            return r.broken;
        }
        if (r.kind == relation_kind::belongs_to && is_saved(run, r)) SKUA_TRY(save_owner(run, r));
    }
    return ok;
}

status save_after_relations(statement& run) {
    if (!saves_relations(run)) return ok;
    // save() of a row that is not there: it will be created, and its relations then.
    if (run.kind == processor_kind::update && run.rows_affected == 0) return ok;
    for (const relation_kind kind : {relation_kind::has_one, relation_kind::has_many, relation_kind::many_to_many})
        for (const relation_info& r : relations_of(*run.model)) {
            if (r.kind != kind || !r.broken || !is_saved(run, r)) continue;
            SKUA_TRY(kind == relation_kind::many_to_many ? save_linked(run, r) : save_owned(run, r));
        }
    return ok;
}

}  // namespace skua::orm::detail
