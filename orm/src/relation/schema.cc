// SPDX-License-Identifier: Apache-2.0
// What relates two models: gorm's rules. A tag says it, or names are tried: <member>_<key> in the owner means that it
// belongs to the other, <owner>_<key> in the other that the owner has it.
#include "../naming.h"
#include "relation.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace skua::orm::detail {
namespace {

std::string column_name(std::string_view written) {
    return naming::column(written, naming::in_force());
}

// Spellings of one name: CompanyID, company_id, companyId.
bool same_name(std::string_view a, std::string_view b) noexcept {
    std::size_t i = 0, k = 0;
    const auto next = [](std::string_view s, std::size_t& at) {
        while (at < s.size() && s[at] == '_') ++at;
        if (at == s.size()) return '\0';
        const char ch = s[at++];
        return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
    };
    for (;;) {
        const char x = next(a, i), y = next(b, k);
        if (x != y) return false;
        if (x == '\0') return true;
    }
}

std::vector<std::string_view> names_in(std::string_view list) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        std::string_view part = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
        while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
        if (!part.empty()) out.push_back(part);
    }
    return out;
}

std::string quoted_list(std::span<const std::string_view> names) {
    std::string out;
    for (const std::string_view n : names) out += (out.empty() ? "" : ", ") + std::string(n);
    return out;
}

field_list primary_of(const model_info& m) {
    field_list out;
    for (const std::uint32_t i : m.primary) out.push_back(&m.fields[i]);
    return out;
}

class relation_builder {
public:
    explicit relation_builder(relation_info& into)
        : r_(into),
          tags_(into.desc->tags),
          foreign_(names_in(tags_.foreign_key)),
          references_(names_in(tags_.references)) {}

    void build() {
        if (!tags_.polymorphic.empty() || !tags_.polymorphic_type.empty())
            polymorphic();
        else if (!tags_.many2many.empty() || r_.link)
            many_to_many();
        else
            guess();
    }

private:
    void refuse(std::string why) {
        error e;
        e.code = errc::unsupported_relation;
        e.message = "relation " + r_.owner->name + "." + r_.name + ": " + std::move(why);
        e.table = r_.owner->table;
        r_.broken = status(std::move(e));
    }
    // The column of that name: of the owner, first those of the embedded struct that the relation lies in.
    const field_info* find(const model_info& m, std::string_view name) const {
        if (&m == r_.owner)
            for (std::string_view place = r_.desc->place; !place.empty(); place = outer(place))
                if (const field_info* f = find_field(m, name, &place)) return f;
        return find_field(m, name);
    }
    // "home.at." lies in "home.".
    static std::string_view outer(std::string_view place) {
        place.remove_suffix(1);
        return place.substr(0, place.rfind('.') + 1);
    }
    // All named columns of `m`, or none.
    field_list all_of(const model_info& m, std::span<const std::string_view> names) const {
        field_list out;
        for (const std::string_view name : names) {
            const field_info* f = find(m, name);
            if (!f) return {};
            out.push_back(f);
        }
        return out;
    }

    void polymorphic() {
        const model_info& t = *r_.target;
        const std::string prefix(tags_.polymorphic);
        const std::string type =
            tags_.polymorphic_type.empty() ? prefix + "_type" : std::string(tags_.polymorphic_type);
        const std::string id = tags_.polymorphic_id.empty() ? prefix + "_id" : std::string(tags_.polymorphic_id);
        r_.type_field = find_field(t, type);
        const field_info* foreign = find_field(t, id);
        if (!r_.type_field || !foreign) return refuse(t.name + " has no column " + (foreign ? type : id));
        r_.type_value = tags_.polymorphic_value.empty() ? r_.owner->table : std::string(tags_.polymorphic_value);
        field_list own = foreign_.empty() ? primary_of(*r_.owner) : all_of(*r_.owner, foreign_);
        if (own.size() != 1) {
            if (!foreign_.empty() || r_.owner->prioritized_key < 0)
                return refuse("a polymorphic relation goes by one key of " + r_.owner->name);
            own.assign(1, &r_.owner->fields[static_cast<std::size_t>(r_.owner->prioritized_key)]);
        }
        r_.owner_fields = std::move(own);
        r_.target_fields.assign(1, foreign);
        r_.kind = r_.is_many() ? relation_kind::has_many : relation_kind::has_one;
    }

    void guess() {
        const bool self = r_.owner == r_.target;
        if (r_.is_many()) {
            if (!has()) return nothing_found();
        } else if (tags_.belongs_to) {
            if (!belongs_to()) return nothing_found();
        } else {
            const bool found = self ? belongs_to() || has() : has() || belongs_to();
            if (!found) return nothing_found();
        }
    }
    void nothing_found() {
        const std::string& o = r_.owner->name;
        const std::string& t = r_.target->name;
        std::string why;
        if (!foreign_.empty())
            why = "cannot find foreignKey:" + quoted_list(foreign_) + " in " + o + " or " + t;
        else if (r_.is_many())
            why = t + " has no column " + naming::column(o) + "_id";
        else
            why = "neither has " + o + " a column " + r_.desc->prefix + member() + "_id, nor " + t + " a column " +
                  naming::column(o) + "_id";
        if (!references_.empty()) why += ", with references:" + quoted_list(references_);
        refuse(why + "; say foreignKey:, references:, polymorphic: or many2many:");
    }

    bool belongs_to() {
        field_list primary, foreign;
        if (!pair(*r_.target, *r_.owner, member(), primary, foreign)) return false;
        r_.owner_fields = std::move(foreign);
        r_.target_fields = std::move(primary);
        r_.kind = relation_kind::belongs_to;
        return true;
    }
    bool has() {
        field_list primary, foreign;
        if (!pair(*r_.owner, *r_.target, r_.owner->name, primary, foreign)) return false;
        // foreignKey:x with an x on both sides of an orm::one: x is the foreign key of the owner.
        if (!r_.is_many() && r_.owner != r_.target && !foreign_.empty() && references_.empty() &&
            !all_of(*r_.owner, foreign_).empty())
            return false;
        r_.owner_fields = std::move(primary);
        r_.target_fields = std::move(foreign);
        r_.kind = r_.is_many() ? relation_kind::has_many : relation_kind::has_one;
        return true;
    }
    // Keys of `keys` and the columns of `refers` that refer to them.
    bool pair(const model_info& keys, const model_info& refers, const std::string& prefix, field_list& primary,
              field_list& foreign) const {
        primary = references_.empty() ? primary_of(keys) : all_of(keys, references_);
        if (!foreign_.empty()) {
            foreign = all_of(refers, foreign_);
            if (references_.empty() && foreign.size() == 1 && primary.size() > 1 && keys.prioritized_key >= 0)
                primary.assign(1, &keys.fields[static_cast<std::size_t>(keys.prioritized_key)]);
        } else {
            for (const field_info* p : primary) {
                const field_info* f = find(refers, prefix + "_" + p->member);
                if (!f && primary.size() == 1) f = find(refers, prefix + "_id");
                if (f) foreign.push_back(f);
            }
        }
        return !foreign.empty() && foreign.size() == primary.size();
    }

    void many_to_many() {
        const model_info &o = *r_.owner, &t = *r_.target;
        r_.kind = relation_kind::many_to_many;
        r_.owner_fields = foreign_.empty() ? primary_of(o) : all_of(o, foreign_);
        r_.target_fields = references_.empty() ? primary_of(t) : all_of(t, references_);
        if (!r_.is_many()) return refuse("many2many is for orm::many");
        if (r_.owner_fields.empty())
            return refuse(foreign_.empty() ? o.name + " has no primary key"
                                           : "cannot find foreignKey:" + quoted_list(foreign_) + " in " + o.name);
        if (r_.target_fields.empty())
            return refuse(references_.empty() ? t.name + " has no primary key"
                                              : "cannot find references:" + quoted_list(references_) + " in " + t.name);
        const auto own = link_names(o.name, r_.owner_fields, names_in(tags_.join_foreign_key));
        auto other = link_names(t.name, r_.target_fields, names_in(tags_.join_references));
        for (std::size_t i = 0; i < other.size(); ++i) {
            if (std::find(own.begin(), own.end(), other[i]) == own.end()) continue;
            if (same_name(member(), t.name))
                other[i] += "_reference";
            else
                other[i] = column_name(singular(member())) + "_" + column_name(r_.target_fields[i]->member);
        }
        r_.owned = std::make_unique<relation_info::own_link>();
        if (r_.link)
            use_link(own, other);
        else
            make_link(own, other);
        if (!r_.broken) return;
        model_info& keys = r_.owned->keys;
        keys.desc = r_.link->desc;
        keys.name = r_.link->name;
        keys.table = r_.link->table;
        for (const field_list* list : {&r_.link_owner_fields, &r_.link_target_fields})
            for (const field_info* f : *list) keys.targets.push_back({f->ops, f->offset, f->column});
        r_.link_keys = &keys;
    }
    static std::vector<std::string> link_names(const std::string& type, const field_list& keys,
                                               const std::vector<std::string_view>& said) {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < keys.size(); ++i)
            out.push_back(i < said.size() ? column_name(said[i])
                                          : column_name(type) + "_" + column_name(keys[i]->member));
        return out;
    }
    void use_link(const std::vector<std::string>& own, const std::vector<std::string>& other) {
        const auto find = [&](const std::vector<std::string>& names, field_list& into) {
            for (const std::string& name : names) {
                const field_info* f = find_field(*r_.link, name);
                if (!f) return refuse("the link model " + r_.link->name + " has no column " + name);
                into.push_back(f);
            }
        };
        r_.link_is_model = true;
        find(own, r_.link_owner_fields);
        if (r_.broken) find(other, r_.link_target_fields);
    }
    void make_link(const std::vector<std::string>& own, const std::vector<std::string>& other) {
        relation_info::own_link& link = *r_.owned;
        const std::string_view said = tags_.many2many;
        const bool as_is = std::all_of(said.begin(), said.end(), [](char ch) {
            return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '.';
        });
        link.info.name = said;
        const naming::rules& by = naming::in_force();
        link.info.table = as_is && !by.no_lower_case ? by.table_prefix + std::string(said) : naming::table(said, by);
        link.info.desc = &link.desc;
        link.desc.type = link.info.name;
        link.fields.reserve(own.size() + other.size());
        link.info.fields.reserve(own.size() + other.size());
        for (std::size_t i = 0; i < own.size(); ++i) add_link_field(own[i], *r_.owner_fields[i]);
        for (std::size_t i = 0; i < other.size(); ++i) add_link_field(other[i], *r_.target_fields[i]);
        for (std::size_t i = 0; i < link.info.fields.size(); ++i) {
            (i < own.size() ? r_.link_owner_fields : r_.link_target_fields).push_back(&link.info.fields[i]);
            link.info.primary.push_back(static_cast<std::uint32_t>(i));
        }
        r_.link = &link.info;
    }
    void add_link_field(const std::string& name, const field_info& like) {
        relation_info::own_link& link = *r_.owned;
        const tag_set& from = like.desc->tags;
        field_desc& d = link.fields.emplace_back(*like.desc);
        d.tags = tag_set{};
        d.tags.type = from.type;
        d.tags.size = from.size;
        d.tags.precision = from.precision;
        d.tags.scale = from.scale;
        field_info& f = link.info.fields.emplace_back();
        f.member = f.column = name;
        f.desc = &d;
        f.ops = like.ops;
        f.primary = true;
        d.member = f.member;
    }

    [[nodiscard]] std::string member() const { return std::string(r_.desc->member); }

    relation_info& r_;
    const tag_set& tags_;
    const std::vector<std::string_view> foreign_, references_;
};

void build_all(const model_info& model, std::vector<relation_info>& all) {
    all.clear();  // a run before may have been cut short by an exception
    for (const field_desc& d : *model.described) {
        if (!d.relation) continue;
        relation_info& r = all.emplace_back();
        r.name = d.prefix + std::string(d.member);
        r.desc = &d;
        r.offset = d.offset;
        r.owner = &model;
        r.target = &d.relation->target();
        if (d.relation->link) r.link = &d.relation->link();
    }
    for (relation_info& r : all) relation_builder(r).build();
}

}  // namespace

const field_info* find_field(const model_info& model, std::string_view name, const std::string_view* place) noexcept {
    const auto there = [&](const field_info& f) { return !place || f.desc->place == *place; };
    for (const field_info& f : model.fields)
        if (there(f) && (f.member == name || f.column == name)) return &f;
    for (const field_info& f : model.fields)
        if (there(f) && (same_name(f.member, name) || same_name(f.column, name))) return &f;
    return nullptr;
}

std::span<const relation_info> relations_of(const model_info& model) {
    if (!model.relations) return {};
    relation_set& set = *model.relations;
    std::call_once(set.once, [&] { build_all(model, set.all); });
    return set.all;
}

std::size_t offset_of(const void* member) noexcept {
    std::ptrdiff_t offset = 0;
    std::memcpy(&offset, member, sizeof offset);
    return static_cast<std::size_t>(offset);
}

const relation_info& relation_of(const model_info& owner, std::size_t offset) {
    for (const relation_info& r : relations_of(owner))
        if (r.offset == offset) return r;
    wrong_access();  // cannot be: the reference was made from the member
}

// The other direction of gorm's plurals, as far as names of members need it.
std::string singular(std::string_view word) {
    struct ending {
        std::string_view from, to;
    };
    static constexpr ending endings[] = {
        {"people", "person"},
        {"children", "child"},
        {"women", "woman"},
        {"men", "man"},
        {"criteria", "criterion"},
        {"quizzes", "quiz"},
        {"oxen", "ox"},
        {"mice", "mouse"},
        {"matrices", "matrix"},
        {"vertices", "vertex"},
        {"indices", "index"},
        {"movies", "movie"},
        {"cookies", "cookie"},
        {"series", "series"},
        {"news", "news"},
        {"species", "species"},
        {"statuses", "status"},
        {"aliases", "alias"},
        {"buses", "bus"},
        {"shoes", "shoe"},
        {"analyses", "analysis"},
        {"databases", "database"},
        {"knives", "knife"},
        {"wives", "wife"},
        {"ies", "y"},
        {"lves", "lf"},
        {"rves", "rf"},
        {"ives", "ive"},
        {"ves", "fe"},
        {"xes", "x"},
        {"ches", "ch"},
        {"sses", "ss"},
        {"shes", "sh"},
        {"oes", "o"},
        {"ss", "ss"},
        {"status", "status"},
        {"bus", "bus"},
        {"s", ""},
    };
    for (const ending& e : endings)
        if (word.ends_with(e.from) && word.size() >= e.from.size())
            return std::string(word.substr(0, word.size() - e.from.size())) + std::string(e.to);
    return std::string(word);
}

}  // namespace skua::orm::detail
