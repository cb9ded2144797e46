// SPDX-License-Identifier: Apache-2.0
// As gorm: the side that has wins over the side that belongs, polymorphic relations have no foreign key, and what
// constraint: says of a many to many relation is said of both columns of the link table.
#include "constraint.h"

#include "../naming.h"
#include "../text.h"

#include <algorithm>

#include <skua/orm/dialect.hpp>

namespace skua::orm::detail {
namespace {

struct said {
    bool none = false;
    std::string name, on_delete, on_update;
};

bool is_key(std::string_view text, std::string_view key) {
    return lowered(text) == key;
}

// constraint:[name,]OnUpdate:…,OnDelete:… or constraint:-
said constraint_of(const field_desc& d) {
    said out;
    out.none = !d.tags.migrated;
    for (std::size_t i = 0; i < d.tags.item_count; ++i) {
        if (d.tags.items[i].what != tag_item::kind::constraint) continue;
        std::string_view rest = d.tags.items[i].text;
        if (trimmed(rest) == "-") out.none = true;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            const std::string_view part = trimmed(rest.substr(0, comma));
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            const std::size_t colon = part.find(':');
            if (colon == std::string_view::npos)
                out.name = part;
            else if (is_key(trimmed(part.substr(0, colon)), "ondelete"))
                out.on_delete = trimmed(part.substr(colon + 1));
            else
                out.on_update = trimmed(part.substr(colon + 1));
        }
    }
    return out;
}

std::string made_name(const model_info& table, std::string_view relation, const dialect& d) {
    return d.kept_name(naming::constraint("fk", table.table, naming::column(relation, naming::in_force())), false);
}
std::string key_name(const model_info& table, const relation_info& r, const said& s, const dialect& d) {
    return s.name.empty() ? made_name(table, r.name, d) : d.kept_name(s.name, true);
}

// The relation of the other side that goes by the same columns.
bool has_inverse(const relation_info& belongs) {
    for (const relation_info& r : relations_of(*belongs.target))
        if (&r != &belongs && r.target == belongs.owner && r.kind != relation_kind::many_to_many && !r.type_field &&
            r.owner_fields == belongs.target_fields && r.target_fields == belongs.owner_fields)
            return true;
    return false;
}

void of_own(const model_info& table, const relation_info& r, std::vector<foreign_key>& into, const dialect& d) {
    const said s = constraint_of(*r.desc);
    if (s.none || r.kind != relation_kind::belongs_to || has_inverse(r)) return;
    into.push_back(
        {key_name(table, r, s, d), &table, r.owner_fields, r.target, r.target_fields, s.on_delete, s.on_update});
}
void of_other(const model_info& table, const relation_info& r, std::vector<foreign_key>& into, const dialect& d) {
    const said s = constraint_of(*r.desc);
    if (s.none) return;
    if (r.kind == relation_kind::many_to_many) {
        if (r.link != &table) return;
        const std::string other = r.owner == r.target ? r.name : r.target->name;
        into.push_back({made_name(table, r.owner->name, d), &table, r.link_owner_fields, r.owner, r.owner_fields,
                        s.on_delete, s.on_update});
        into.push_back({made_name(table, other, d), &table, r.link_target_fields, r.target, r.target_fields,
                        s.on_delete, s.on_update});
    } else if (r.kind != relation_kind::belongs_to && r.target == &table && !r.type_field) {
        into.push_back(
            {key_name(*r.owner, r, s, d), &table, r.target_fields, r.owner, r.owner_fields, s.on_delete, s.on_update});
    }
}

class ordering {
public:
    explicit ordering(std::span<const model_info* const> models) : asked_(models) {}
    std::vector<const model_info*> run() {
        for (const model_info* m : asked_) visit(*m);
        add_links();
        return std::move(out_);
    }

private:
    static bool has(std::span<const model_info* const> list, const model_info* m) {
        return std::find(list.begin(), list.end(), m) != list.end();
    }
    void visit(const model_info& m) {
        if (has(entered_, &m)) return;
        entered_.push_back(&m);
        for (const relation_info& r : relations_of(m))
            if (r.broken && !constraint_of(*r.desc).none &&
                (r.kind == relation_kind::belongs_to || r.kind == relation_kind::many_to_many))
                visit(*r.target);
        for (const model_info* other : asked_)
            for (const relation_info& r : relations_of(*other))
                if (r.broken && r.target == &m && r.kind != relation_kind::belongs_to && !r.type_field &&
                    r.kind != relation_kind::many_to_many)
                    visit(*other);
        out_.push_back(&m);
    }
    // Two relations may go by one table, User.languages and Language.users: the first says what is in it.
    void add_links() {
        std::vector<const model_info*> models(asked_.begin(), asked_.end());
        models.insert(models.end(), out_.begin(), out_.end());
        for (const model_info* m : models)
            for (const relation_info& r : relations_of(*m)) {
                if (!r.broken || r.kind != relation_kind::many_to_many || !r.desc->tags.migrated) continue;
                const bool there = std::any_of(out_.begin(), out_.end(),
                                               [&](const model_info* made) { return made->table == r.link->table; });
                if (!there) out_.push_back(r.link);
            }
    }

    std::span<const model_info* const> asked_;
    std::vector<const model_info*> entered_, out_;
};

}  // namespace

std::vector<const model_info*> migration_order(std::span<const model_info* const> models) {
    return ordering(models).run();
}

status add_foreign_keys(const model_info& table, std::span<const model_info* const> models,
                        std::vector<foreign_key>& into, const dialect& d) {
    for (const relation_info& r : relations_of(table)) {
        SKUA_TRY(status(r.broken));
        of_own(table, r, into, d);
    }
    for (const model_info* m : models)
        for (const relation_info& r : relations_of(*m))
            if (r.broken) of_other(table, r, into, d);
    // Two relations may say the same of the same columns.
    std::vector<foreign_key> kept;
    for (foreign_key& k : into)
        if (std::none_of(kept.begin(), kept.end(), [&](const foreign_key& o) {
                return o.name == k.name || (o.columns == k.columns && o.referenced == k.referenced);
            }))
            kept.push_back(std::move(k));
    into = std::move(kept);
    return ok;
}

std::string foreign_key_clause(const foreign_key& key, const dialect& d) {
    std::string out = "CONSTRAINT ";
    const auto list = [&](const field_list& fields) {
        out += " (";
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i) out += ", ";
            d.quote(out, fields[i]->column);
        }
        out += ")";
    };
    d.quote(out, key.name);
    out += " FOREIGN KEY";
    list(key.columns);
    out += " REFERENCES ";
    d.quote(out, key.referenced->table);
    list(key.keys);
    if (!key.on_delete.empty()) out += " ON DELETE " + key.on_delete;
    if (!key.on_update.empty()) out += " ON UPDATE " + key.on_update;
    return out;
}

}  // namespace skua::orm::detail
