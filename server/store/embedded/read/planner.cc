// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/planner.h"

#include "model/nested.h"
#include "store/embedded/index/value_hash.h"

#include <array>
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

class Planner {
public:
    Planner(const StoredSegment& segment, const SegmentMeta& meta, const Catalog& catalog)
        : segment_(segment), meta_(meta), catalog_(catalog) {}

    base::Result<Granules> plan(const Filter& filter) {
        if (of_operation(filter)) return operations(filter);
        switch (filter.op) {
            case Op::kAnd: {
                Granules all = every();
                for (const Filter& child : filter.children) {
                    SKUA_ASSIGN_OR_RETURN(const Granules one, plan(child));
                    for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] && one[i];
                }
                return all;
            }
            case Op::kOr: {
                Granules any(meta_.granules.size(), false);
                for (const Filter& child : filter.children) {
                    SKUA_ASSIGN_OR_RETURN(const Granules one, plan(child));
                    for (std::size_t i = 0; i < any.size(); ++i) any[i] = any[i] || one[i];
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
                return filter.reference.field == Field::kDuration ? longer(filter.literals.front()) : every();
            default:
                return every();
        }
    }

private:
    static bool of_operation(const Filter& filter) {
        if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot || filter.op == Op::kSome)
            return false;
        const Reference& ref = filter.reference;
        if (ref.field == Field::kService) return true;
        return ref.level == Level::kSpan &&
               (ref.field == Field::kName || ref.field == Field::kKind || ref.field == Field::kStatus);
    }

    // A leaf that the operation decides.
    base::Result<Granules> operations(const Filter& filter) {
        SKUA_ASSIGN_OR_RETURN(const Predicate leaf, Predicate::compile(filter));
        Granules out(meta_.granules.size(), false);
        for (std::size_t i = 0; i < catalog_.operations.size(); ++i) {
            const CatalogOperation& operation = catalog_.operations[i];
            const model::Attribute service{"service.name", model::Value::of_string(operation.service)};
            model::Resource resource;
            resource.attributes = {&service, 1};
            model::Span span;
            span.name = operation.name;
            span.kind = operation.kind;
            span.status_code = operation.status;
            span.resource = &resource;
            span.scope = &catalog_.scopes[operation.scope];
            if (!leaf.matches(span)) continue;
            if (meta_.operations[i].granules.empty()) return every();
            for (const std::uint32_t granule : meta_.operations[i].granules) out[granule] = true;
        }
        return out;
    }

    [[nodiscard]] Granules every() const { return Granules(meta_.granules.size(), true); }

    base::Result<Granules> equal(const Filter& filter) {
        std::vector<std::string> texts;
        for (const Literal& literal : filter.literals) {
            if (!texts_of(literal, texts)) return every();
        }
        Granules out(meta_.granules.size(), false);
        for (const IndexLevel level : levels_of(filter.reference.level)) {
            const std::uint64_t seed = value_seed(level, filter.reference.key);
            for (const std::string& text : texts) {
                SKUA_ASSIGN_OR_RETURN(const auto found, segment_.find_value(meta_, value_hash(seed, text)));
                // Resources and scopes are shared: where they were first met says nothing about the other granules.
                if (!found.empty() && (level == IndexLevel::kResource || level == IndexLevel::kScope)) return every();
                for (const std::uint32_t granule : found) {
                    if (granule >= out.size()) return every();  // in all of them
                    out[granule] = true;
                }
            }
        }
        return out;
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
    const Catalog& catalog_;
};

}  // namespace

base::Result<std::vector<bool>> candidate_granules(const StoredSegment& segment, const SegmentMeta& meta,
                                                   const Catalog& catalog, const Filter& filter) {
    return Planner(segment, meta, catalog).plan(filter);
}

}  // namespace skua::store::embedded
