// SPDX-License-Identifier: Apache-2.0
// Tables and the columns of them: which is meant, under which name.
#include "renderer.h"

namespace skua::orm::detail {

renderer::renderer(const dialect& d, const ast::query& q) : d_(d), model_(q.model) {
    plan(q);
}
renderer::renderer(const renderer& outer, const ast::query& q) : d_(outer.d_), model_(q.model), outer_(&outer) {
    plan(q);
    names_table(q);
}

void renderer::plan(const ast::query& q) {
    if (q.related && !q.related->joins.empty()) {
        plan_ = plan_joins(q);
        alias_ = plan_.alias;
        failed = plan_.broken;
    } else if (q.alias) {
        plan_.alias = alias_ = q.alias;
        plan_.model = q.model;
    }
}

void renderer::write_table(std::string& to, std::string_view name) const {
    for (;;) {
        const std::size_t dot = name.find('.');
        d_.quote(to, name.substr(0, dot));
        if (dot == std::string_view::npos) return;
        to += '.';
        name.remove_prefix(dot + 1);
    }
}
void renderer::table() {
    write_table(out, table_name());
}

const std::string* renderer::table_of(const model_info* of, const column_ref& ref) const {
    if (ref.steps) {
        if (ref.alias && plan_.alias != ref.alias) return nullptr;
        const joined_table* t = plan_.by_path(ref.path, ref.steps);
        return t ? &t->alias : nullptr;
    }
    if (ref.alias) {
        if (plan_.alias == ref.alias && of == plan_.model) return &plan_.alias;
        const joined_table* t = plan_.by_alias(ref.alias);
        return t && t->model() == of ? &t->alias : nullptr;
    }
    if (of == model_) return &alias_;
    if (of == plan_.model) return &plan_.alias;  // in the ON of a join
    const joined_table* t = plan_.by_alias(of->table);
    return t && t->model() == of ? &t->alias : nullptr;
}

void renderer::refuse(const model_info* of, const field_info* f, const column_ref& ref) {
    error e;
    e.code = errc::invalid_field;
    e.column = f ? f->column : "";
    e.table = of->table;
    e.message = "column " + of->table + "." + (f ? f->column : "?");
    if (ref.steps) {
        std::string path = ref.alias ? std::string(ref.alias) + "." : "";
        for (std::size_t i = 0; i < ref.steps; ++i) path += (i ? "." : "") + ref.path[i]->resolve().name;
        e.message += " is asked for through " + path + ", which is not joined";
    } else if (ref.alias) {
        e.message += " is asked for as " + std::string(ref.alias) + ", which is not joined";
    } else {
        e.message += " is not in this statement, which is about " + (model_ ? model_->table : std::string("no table"));
    }
    if (failed) failed = std::move(e);
}

// In this statement, or in one around it.
const field_info* renderer::find(const column_ref* ref, const renderer** of, const std::string** table) const {
    const model_info* model = nullptr;
    const field_info* f = ref->resolve(&model);
    for (const renderer* r = this; f && r; r = r->outer_)
        if (const std::string* t = r->table_of(model, *ref)) {
            *of = r;
            *table = t;
            return f;
        }
    return nullptr;
}

const field_info* renderer::column(const column_ref* ref) {
    const model_info* of = nullptr;
    const field_info* f = ref->resolve(&of);
    if (f && of == model_ && ref->is_own()) return f;
    refuse(of, f, *ref);
    return nullptr;
}

const field_info* renderer::write_column(std::string& to, const column_ref* ref) {
    const renderer* of = nullptr;
    const std::string* table = nullptr;
    const field_info* f = find(ref, &of, &table);
    if (!f) {
        const model_info* model = nullptr;
        f = ref->resolve(&model);
        refuse(model, f, *ref);
        return nullptr;
    }
    if (!table->empty() || outer_) {
        write_table(to, table->empty() ? of->table_name() : *table);
        to += '.';
    }
    d_.quote(to, f->column);
    return f;
}

void renderer::write_field(std::string& to, const field_info& own) const {
    if (!alias_.empty() || outer_) {
        write_table(to, alias_.empty() ? table_name() : alias_);
        to += '.';
    }
    d_.quote(to, own.column);
}

void renderer::equal_columns(const std::string& a, const field_list& left, const std::string& b,
                             const field_list& right) {
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (i) out += " AND ";
        write_table(out, a);
        out += '.';
        quoted(left[i]->column);
        out += " = ";
        quoted(b);
        out += '.';
        quoted(right[i]->column);
    }
}

// ON of a related table: its keys, whose it is, that it is not deleted, and what the user said.
void renderer::join_condition(const joined_table& t) {
    const relation_info& r = *t.relation;
    if (r.link)
        equal_columns(t.alias + std::string(link_alias), r.link_target_fields, t.alias, r.target_fields);
    else
        equal_columns(t.parent_alias, r.owner_fields, t.alias, r.target_fields);
    const model_info* outer = std::exchange(model_, r.target);
    const std::string outer_alias = std::exchange(alias_, t.alias);
    if (r.type_field) {
        out += " AND ";
        write_field(out, *r.type_field);
        out += " = ";
        value_of(r.type_field->column);
    }
    if (model_->deleted_at >= 0 && !(t.how() && t.how()->unscoped)) {
        out += " AND ";
        write_field(out, model_->fields[static_cast<std::size_t>(model_->deleted_at)]);
        out += " IS NULL";
    }
    if (t.how() && !t.how()->where.empty()) {
        out += " AND ";
        conditions(t.how()->where, true);
    }
    model_ = outer;
    alias_ = outer_alias;
}

void renderer::joins() {
    if (!plan_.alias.empty() && plan_.alias != table_name()) {
        out += ' ';
        quoted(plan_.alias);
    }
    for (const joined_table& t : plan_.tables) {
        out += ' ';
        if (!t.model()) {
            expression(t.said->on);
            continue;
        }
        const std::string_view kind = t.said->inner ? "INNER JOIN " : "LEFT JOIN ";
        if (t.relation && t.relation->link) {
            const std::string link = t.alias + std::string(link_alias);
            out += kind;
            quoted(t.relation->link->table);
            out += ' ';
            quoted(link);
            out += " ON ";
            equal_columns(t.parent_alias, t.relation->owner_fields, link, t.relation->link_owner_fields);
            if (t.relation->link->deleted_at >= 0) {
                out += " AND ";
                quoted(link);
                out += '.';
                quoted(t.relation->link->fields[static_cast<std::size_t>(t.relation->link->deleted_at)].column);
                out += " IS NULL";
            }
            out += ' ';
        }
        out += kind;
        quoted(t.model()->table);
        out += ' ';
        quoted(t.alias);
        out += " ON ";
        if (t.relation)
            join_condition(t);
        else
            expression(t.said->on);
    }
}

// "company"."id" AS "company__id", for each object that is read along.
void renderer::joined_columns(const ast::query& q) {
    for (const column_ref* ref : q.columns)
        if (!ref->is_own() && failed)
            failed =
                fail(errc::invalid_field,
                     "select() of whole objects takes columns of the objects; say joins(….select(…)) for those of a "
                     "joined one");
    for (const joined_table& t : plan_.tables) {
        if (!t.read) continue;
        for (const target_field& f : columns_of_join(t)) {
            out += ", ";
            quoted(t.alias);
            out += '.';
            quoted(f.column);
            out += " AS ";
            quoted(t.alias + "__" + std::string(f.column));
        }
    }
}

}  // namespace skua::orm::detail
