// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/planner.h"

#include "model/nested.h"
#include "store/embedded/index/value_hash.h"

#include <algorithm>
#include <cmath>

namespace skua::store::embedded {
namespace {

using Granules = std::vector<bool>;

// Above it doubles stand for several integers.
constexpr double kExactMax = 9007199254740992.0;

// The canonical texts of all values equal to the literal; false when there may be too many to name.
bool texts_of(const Literal& literal, std::vector<std::string>& out) {
    std::string text;
    switch (literal.type) {
        case LiteralType::kUntyped:
        case LiteralType::kString:
            out.push_back(literal.text);
            return true;
        case LiteralType::kBool:
            out.emplace_back(literal.boolean ? "true" : "false");
            return true;
        case LiteralType::kInt:
        case LiteralType::kNanos:
        case LiteralType::kDouble: {
            const bool whole = literal.type != LiteralType::kDouble;
            const double number = whole ? static_cast<double>(literal.integer) : literal.number;
            if (!(std::fabs(number) < kExactMax)) return false;
            model::append_string_form(text, model::Value::of_double(number));
            out.push_back(text);
            if (whole || number == std::floor(number)) {
                text.clear();
                model::append_string_form(
                    text, model::Value::of_int(whole ? literal.integer : static_cast<std::int64_t>(number)));
                out.push_back(text);
            }
            if (number == 0) out.emplace_back("-0");
            return true;
        }
    }
    return false;
}

std::vector<IndexLevel> levels_of(Level level) {
    switch (level) {
        case Level::kSpanOrResource:
            return {IndexLevel::kSpan, IndexLevel::kResource};
        case Level::kSpan:
            return {IndexLevel::kSpan};
        case Level::kResource:
            return {IndexLevel::kResource};
        case Level::kScope:
            return {IndexLevel::kScope};
        case Level::kEvent:
            return {IndexLevel::kEvent};
        case Level::kLink:
            return {IndexLevel::kLink};
        case Level::kEverywhere:
            break;
    }
    return {IndexLevel::kSpan, IndexLevel::kResource, IndexLevel::kScope, IndexLevel::kEvent, IndexLevel::kLink};
}

// What settles a filter whole, whatever else a row has.
constexpr unsigned kByOperation = 1;
constexpr unsigned kByResource = 2;

unsigned settled_by(const Filter& filter) {
    if (filter.op == Op::kSome) return 0;
    if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot) {
        unsigned all = kByOperation | kByResource;
        for (const Filter& child : filter.children) all &= settled_by(child);
        return all;
    }
    const Reference& ref = filter.reference;
    if (ref.field == Field::kService) return kByOperation | kByResource;
    if (ref.level == Level::kResource) return kByResource;
    if (ref.level == Level::kScope) return kByOperation;
    const bool of_operation = ref.field == Field::kName || ref.field == Field::kKind || ref.field == Field::kStatus;
    return ref.level == Level::kSpan && of_operation ? kByOperation : 0;
}

class Planner {
public:
    Planner(const StoredSegment& segment, const SegmentMeta& meta, const Directory& directory)
        : segment_(segment), meta_(meta), directory_(directory) {}

    base::Result<Granules> plan(const Filter& filter) {
        const unsigned by = settled_by(filter);
        if ((by & kByOperation) != 0) return operations(filter);
        if ((by & kByResource) != 0) return resources(filter);
        switch (filter.op) {
            case Op::kAnd:
                return all_of(filter);
            case Op::kOr: {
                Granules any(meta_.granules.size(), false);
                for (const Filter& child : filter.children) {
                    SKUA_ASSIGN_OR_RETURN(const Granules one, plan(child));
                    add(any, one);
                }
                return any;
            }
            case Op::kSome:
                return plan(filter.children.front());
            case Op::kEq:
            case Op::kIn:
                return filter.reference.field == Field::kAttribute ? equal(filter) : every();
            case Op::kGt:
            case Op::kGte:
                if (filter.reference.field == Field::kDuration) return longer(filter.literals.front());
                break;
            default:
                break;
        }
        const bool needs_value = filter.op != Op::kNot;
        return needs_value && filter.reference.field == Field::kAttribute ? having(filter) : every();
    }

private:
    [[nodiscard]] Granules every() const { return Granules(meta_.granules.size(), true); }
    static void add(Granules& to, const Granules& from) {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || from[i];
    }
    static void add(Granules& to, const PostingsView& from) {
        from.each([&](std::uint32_t granule) { to[granule] = true; });
    }

    // What operations settle is asked of each operation at once: a service and an error may both be in a granule, but
    // not in one row.
    base::Result<Granules> all_of(const Filter& filter) {
        Filter by_operation = Filter::all_of({});
        Filter by_resource = Filter::all_of({});
        Granules all = every();
        const auto cut = [&](const Filter& one) -> base::Status {
            SKUA_ASSIGN_OR_RETURN(const Granules some, plan(one));
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] && some[i];
            return {};
        };
        for (const Filter& child : filter.children) {
            const unsigned by = settled_by(child);
            if ((by & kByOperation) != 0) by_operation.children.push_back(child);
            if ((by & kByResource) != 0) by_resource.children.push_back(child);
            if (by == 0) SKUA_RETURN_IF_ERROR(cut(child));
        }
        if (!by_operation.children.empty()) SKUA_RETURN_IF_ERROR(cut(by_operation));
        if (!by_resource.children.empty()) {
            SKUA_ASSIGN_OR_RETURN(const Granules some, resources(by_resource));
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] && some[i];
        }
        return all;
    }

    base::Result<Granules> operations(const Filter& filter) {
        SKUA_ASSIGN_OR_RETURN(const Predicate predicate, Predicate::compile(filter));
        Granules out(meta_.granules.size(), false);
        for (const auto& [operation, granules] : directory_.operations) {
            const model::Attribute service{"service.name", model::Value::of_string(operation.service)};
            model::Resource resource;
            resource.attributes = {&service, 1};
            model::Span span;
            span.name = operation.name;
            span.kind = operation.kind;
            span.status_code = operation.status;
            span.resource = &resource;
            span.scope = &directory_.scopes[operation.scope];
            if (predicate.matches(span)) add(out, granules);
        }
        return out;
    }

    base::Result<Granules> resources(const Filter& filter) {
        SKUA_ASSIGN_OR_RETURN(const Predicate predicate, Predicate::compile(filter));
        const model::Scope scope;
        Granules out(meta_.granules.size(), false);
        for (const auto& entry : directory_.resources) {
            model::Span span;
            span.resource = &entry.resource.resource;
            span.scope = &scope;
            if (predicate.matches(span)) add(out, entry.granules);
        }
        return out;
    }

    base::Status look_up(std::uint64_t hash, Granules& out) {
        SKUA_ASSIGN_OR_RETURN(const auto found, segment_.find_value(meta_, directory_, hash));
        for (const std::uint32_t run : found) {
            const std::uint64_t first = std::uint64_t{run} << directory_.value_shift;
            const std::uint64_t end = first + (std::uint64_t{1} << directory_.value_shift);
            for (std::uint64_t g = first; g < std::min<std::uint64_t>(end, out.size()); ++g) out[g] = true;
        }
        return {};
    }

    // The value is on one of the levels: calls f(level) for those that only the index knows, settles the others.
    template <class F>
    base::Result<Granules> on_levels(const Filter& filter, F&& f) {
        Granules out(meta_.granules.size(), false);
        for (const IndexLevel level : levels_of(filter.reference.level)) {
            Filter alone = filter;
            if (level == IndexLevel::kResource) {
                alone.reference.level = Level::kResource;
                SKUA_ASSIGN_OR_RETURN(const Granules some, resources(alone));
                add(out, some);
            } else if (level == IndexLevel::kScope) {
                alone.reference.level = Level::kScope;
                SKUA_ASSIGN_OR_RETURN(const Granules some, operations(alone));
                add(out, some);
            } else {
                SKUA_RETURN_IF_ERROR(f(level, out));
            }
        }
        return out;
    }

    base::Result<Granules> equal(const Filter& filter) {
        std::vector<std::string> texts;
        for (const Literal& literal : filter.literals) {
            if (!texts_of(literal, texts)) return having(filter);
        }
        return on_levels(filter, [&](IndexLevel level, Granules& out) -> base::Status {
            const std::uint64_t seed = value_seed(level, filter.reference.key);
            for (const std::string& text : texts) SKUA_RETURN_IF_ERROR(look_up(value_hash(seed, text), out));
            return {};
        });
    }

    // Granules in which the key occurs at all: what every leaf but negations asks for. A negated value may be on one
    // level while the leaf is satisfied by another, so there the levels must not be asked apart.
    base::Result<Granules> having(const Filter& filter) {
        Filter exists = Filter::exists(filter.reference);
        return on_levels(exists, [&](IndexLevel level, Granules& out) -> base::Status {
            return look_up(key_hash(level, filter.reference.key), out);
        });
    }

    base::Result<Granules> longer(const Literal& literal) {
        Granules out = every();
        if (literal.integer < 0) return out;
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = meta_.granules[i].duration_max_ns >= static_cast<std::uint64_t>(literal.integer);
        return out;
    }

    const StoredSegment& segment_;
    const SegmentMeta& meta_;
    const Directory& directory_;
};

}  // namespace

base::Result<std::vector<bool>> candidate_granules(const StoredSegment& segment, const SegmentMeta& meta,
                                                   const Directory& directory, const Filter& filter) {
    return Planner(segment, meta, directory).plan(filter);
}

}  // namespace skua::store::embedded
