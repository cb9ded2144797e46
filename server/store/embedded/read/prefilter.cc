// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/prefilter.h"

#include "store/keys.h"

#include <algorithm>
#include <string>
#include <utility>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kMemo = 256;

// What a leaf says of a shape.
constexpr std::uint8_t kNever = 0;
constexpr std::uint8_t kAlways = 1;
constexpr std::uint8_t kByColumn = 2;

// Satisfied by one value, whatever else there is.
bool asks_values(Op op) {
    switch (op) {
        case Op::kExists:
        case Op::kEq:
        case Op::kIn:
        case Op::kGt:
        case Op::kGte:
        case Op::kLt:
        case Op::kLte:
        case Op::kRegex:
            return true;
        default:
            return false;
    }
}

bool asks_resources(Level level) {
    return level == Level::kSpanOrResource || level == Level::kEverywhere;
}

bool is_ordinary(std::string_view pattern) {
    return !pattern.empty() && pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

}  // namespace

struct Prefilter::Leaf {
    const Filter* filter = nullptr;
    const Predicate* alone = nullptr;
    bool is_duration = false;
    std::string needle;                    // every text that matches contains it; empty: not known
    std::vector<std::uint8_t> shapes;      // kNever and so on, of each
    std::vector<std::uint8_t> resources;   // of each: it matches; empty: resources are not asked
    std::vector<std::uint8_t> operations;  // of each: its scope matches; empty likewise
    bool some_always = false;              // rows that no column decides
    std::vector<std::uint32_t> fields;     // whose columns decide
    std::vector<std::int8_t> texts;        // of the part's strings: -1 not asked yet, or what was found
    // What was found for numbers of the field asked last.
    std::uint32_t memo_field = ~std::uint32_t{0};
    std::vector<std::pair<std::uint64_t, std::int8_t>> memo;
};

Prefilter::Prefilter(const Catalog& catalog, SegmentTexts& texts, Leaves& leaves)
    : catalog_(catalog), texts_(texts), compiled_(leaves) {}
Prefilter::~Prefilter() = default;

base::Result<std::unique_ptr<Prefilter>> Prefilter::make(const Predicate* predicate, const Catalog& catalog,
                                                         SegmentTexts& texts, Leaves& leaves) {
    std::unique_ptr<Prefilter> out(new Prefilter(catalog, texts, leaves));
    if (predicate != nullptr) SKUA_RETURN_IF_ERROR(out->add_leaves(predicate->filter()));
    return out;
}

base::Status Prefilter::add_leaves(const Filter& filter) {
    if (filter.op == Op::kAnd) {
        for (const Filter& child : filter.children) SKUA_RETURN_IF_ERROR(add_leaves(child));
        return {};
    }
    if (!asks_values(filter.op)) return {};
    const Reference& ref = filter.reference;
    const bool attribute = ref.field == Field::kAttribute && (ref.level == Level::kSpan || asks_resources(ref.level));
    const bool duration = ref.field == Field::kDuration && (filter.op == Op::kGt || filter.op == Op::kGte);
    return attribute || duration ? add_leaf(filter) : base::Status{};
}

base::Status Prefilter::add_leaf(const Filter& filter) {
    auto leaf = std::make_unique<Leaf>();
    leaf->filter = &filter;
    leaf->is_duration = filter.reference.field == Field::kDuration;
    SKUA_ASSIGN_OR_RETURN(leaf->alone, compiled_.get(filter));
    if (filter.op == Op::kRegex && is_ordinary(filter.literals.front().text))
        leaf->needle = filter.literals.front().text;
    if (!leaf->is_duration) {
        const model::Scope no_scope;
        const model::Resource no_resource;
        model::Span span;
        if (asks_resources(filter.reference.level)) {
            span.scope = &no_scope;
            for (const CatalogResource& resource : catalog_.resources) {
                span.resource = &resource.resource;
                leaf->resources.push_back(leaf->alone->matches(span) ? 1 : 0);
                leaf->some_always = leaf->some_always || leaf->resources.back() != 0;
            }
        }
        if (filter.reference.level == Level::kEverywhere) {
            span.resource = &no_resource;
            for (const CatalogOperation& operation : catalog_.operations) {
                span.scope = &catalog_.scopes[operation.scope];
                leaf->operations.push_back(leaf->alone->matches(span) ? 1 : 0);
            }
        }
        settle_shapes(*leaf);
    }
    leaves_.push_back(std::move(leaf));
    return {};
}

void Prefilter::settle_shapes(Leaf& leaf) {
    const Reference& ref = leaf.filter->reference;
    std::vector<bool> interest;  // in each field
    bool none = true;
    for (const FieldKey& key : catalog_.fields) {
        interest.push_back(may_hold(key, ref));
        none = none && !interest.back();
    }
    leaf.shapes.assign(catalog_.shapes.size(), kNever);
    if (none && leaf.operations.empty()) return;
    for (std::size_t i = 0; i < catalog_.shapes.size(); ++i) {
        const Shape& shape = catalog_.shapes[i];
        std::uint8_t settled = kNever;
        if (!leaf.operations.empty() && leaf.operations[shape.operation] != 0) settled = kAlways;
        for (const ShapeField& f : shape.fields) {
            if (!interest[f.field] || settled == kAlways) continue;
            settled = settle_field(leaf, f, settled);
        }
        leaf.shapes[i] = settled;
        leaf.some_always = leaf.some_always || settled == kAlways;
    }
}

std::uint8_t Prefilter::settle_field(Leaf& leaf, const ShapeField& f, std::uint8_t settled) {
    const FieldKey& key = catalog_.fields[f.field];
    const std::uint32_t field = f.field;
    if (f.varies) {
        if (std::find(leaf.fields.begin(), leaf.fields.end(), field) == leaf.fields.end()) leaf.fields.push_back(field);
        return kByColumn;
    }
    if (key.storage() != Storage::kText) return number_matches(leaf, key, f.constant) ? kAlways : settled;
    const auto text = texts_.text(f.constant);
    // What cannot be read is left to those who must.
    return !text.ok() || text_matches(leaf, key, *text) ? kAlways : settled;
}

bool Prefilter::number_matches(Leaf& leaf, const FieldKey& key, std::uint64_t number) {
    return leaf.alone->satisfied_by(attribute_value(key.type, {number, {}}));
}

bool Prefilter::text_matches(Leaf& leaf, const FieldKey& key, std::string_view text) {
    // Packed attributes, which name the key if they have it.
    if (key.special != Special::kNone) return text.find(leaf.filter->reference.key) != std::string_view::npos;
    return leaf.alone->satisfied_by(attribute_value(key.type, {0, text}));
}

base::Result<bool> Prefilter::run(Granule& granule, std::vector<std::uint8_t>& rows) {
    rows.clear();
    for (const auto& leaf : leaves_) {
        if (leaf->is_duration) continue;
        SKUA_ASSIGN_OR_RETURN(const bool may, may_contain(*leaf, granule));
        if (!may) return false;
    }
    for (const auto& leaf : leaves_) {
        if (rows.empty()) rows.assign(granule.rows(), 1);
        SKUA_RETURN_IF_ERROR(leaf->is_duration ? duration(*leaf, granule, rows) : attribute(*leaf, granule, rows));
        if (std::find(rows.begin(), rows.end(), 1) == rows.end()) return false;
    }
    return true;
}

// By the columns that are there, without decoding them.
base::Result<bool> Prefilter::may_contain(const Leaf& leaf, Granule& granule) {
    if (leaf.some_always) return true;
    for (const std::uint32_t field : leaf.fields) {
        if (!granule.has_field(field)) continue;
        if (leaf.needle.empty() || catalog_.fields[field].special != Special::kNone) return true;
        SKUA_ASSIGN_OR_RETURN(const bool may, granule.field_may_contain(field, leaf.needle));
        if (may) return true;
    }
    return false;
}

base::Status Prefilter::duration(const Leaf& leaf, Granule& granule, std::vector<std::uint8_t>& rows) {
    const std::int64_t least = leaf.filter->literals.front().integer;
    if (least < 0 || leaf.filter->literals.front().type != LiteralType::kNanos) return {};
    SKUA_ASSIGN_OR_RETURN(const auto* starts, granule.starts());
    SKUA_ASSIGN_OR_RETURN(const auto* ends, granule.ends());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (duration_key((*starts)[i], (*ends)[i]) < static_cast<std::uint64_t>(least)) rows[i] = 0;
    }
    return {};
}

base::Status Prefilter::attribute(Leaf& leaf, Granule& granule, std::vector<std::uint8_t>& rows) {
    SKUA_ASSIGN_OR_RETURN(const auto* shapes, granule.shapes());
    std::vector<std::uint8_t> flags(rows.size(), 0);
    for (const std::uint32_t field : leaf.fields) {
        if (granule.has_field(field)) SKUA_RETURN_IF_ERROR(column(leaf, field, granule, flags));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (leaf.shapes[(*shapes)[i]] == kAlways) flags[i] = 1;
    }
    if (std::find(leaf.resources.begin(), leaf.resources.end(), 1) != leaf.resources.end()) {
        SKUA_ASSIGN_OR_RETURN(const auto* resources, granule.resources());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (leaf.resources[(*resources)[i]] != 0) flags[i] = 1;
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = rows[i] & flags[i];
    return {};
}

base::Result<bool> Prefilter::numbered_text_matches(Leaf& leaf, const FieldKey& key, std::uint64_t number) {
    if (number >= catalog_.strings.count) return true;
    // Others may have the same texts and another answer.
    const bool remember = key.special == Special::kNone && key.type == model::ValueType::kString;
    if (remember && leaf.texts.empty()) leaf.texts.assign(catalog_.strings.count, -1);
    if (remember && leaf.texts[static_cast<std::size_t>(number)] >= 0)
        return leaf.texts[static_cast<std::size_t>(number)] != 0;
    SKUA_ASSIGN_OR_RETURN(const std::string_view text, texts_.text(number));
    const bool yes = text_matches(leaf, key, text);
    if (remember) leaf.texts[static_cast<std::size_t>(number)] = yes ? 1 : 0;
    return yes;
}

base::Status Prefilter::column(Leaf& leaf, std::uint32_t field, Granule& granule, std::vector<std::uint8_t>& flags) {
    const FieldKey& key = catalog_.fields[field];
    if (key.storage() == Storage::kNothing) {
        // No column, and no value that any of these asks for but by its emptiness: left to the rows.
        std::fill(flags.begin(), flags.end(), 1);
        return {};
    }
    if (!leaf.needle.empty() && key.special == Special::kNone) {
        SKUA_ASSIGN_OR_RETURN(const bool may, granule.field_may_contain(field, leaf.needle));
        if (!may) return {};
    }
    return granule.each_value(
        field,
        [&](std::uint32_t /*row*/, std::uint64_t number) -> base::Result<bool> {
            if (key.storage() == Storage::kText) return numbered_text_matches(leaf, key, number);
            if (leaf.memo_field != field) {
                leaf.memo.assign(kMemo, {0, -1});
                leaf.memo_field = field;
            }
            auto& [of, known] = leaf.memo[(number * 0x9E3779B97F4A7C15ULL) >> 56];
            if (known < 0 || of != number) {
                of = number;
                known = number_matches(leaf, key, number) ? 1 : 0;
            }
            return known != 0;
        },
        [&](std::string_view text) { return text_matches(leaf, key, text); }, flags);
}

}  // namespace skua::store::embedded
