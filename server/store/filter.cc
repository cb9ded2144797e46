// SPDX-License-Identifier: Apache-2.0
#include "store/filter.h"

#include <array>
#include <iterator>
#include <utility>

#include <fmt/core.h>

namespace skua::store {
namespace {

using base::Code;
using base::Error;

template <class T>
struct Named {
    std::string_view name;
    T value;
};

constexpr Named<Op> kOps[] = {
    {"and", Op::kAnd}, {"or", Op::kOr}, {"not", Op::kNot},      {"some", Op::kSome},   {"exists", Op::kExists},
    {"eq", Op::kEq},   {"ne", Op::kNe}, {"gt", Op::kGt},        {"lt", Op::kLt},       {"gte", Op::kGte},
    {"lte", Op::kLte}, {"in", Op::kIn}, {"not_in", Op::kNotIn}, {"regex", Op::kRegex},
};

constexpr Named<Level> kLevels[] = {
    {"", Level::kSpanOrResource}, {"span", Level::kSpan},   {"resource", Level::kResource},
    {"scope", Level::kScope},     {"event", Level::kEvent}, {"link", Level::kLink},
};

struct FieldRow {
    Level level;
    std::string_view name;
    Field field;
};
constexpr FieldRow kFields[] = {
    {Level::kSpan, "traceID", Field::kTraceId},
    {Level::kSpan, "spanID", Field::kSpanId},
    {Level::kSpan, "parentSpanID", Field::kParentSpanId},
    {Level::kSpan, "traceState", Field::kTraceState},
    {Level::kSpan, "name", Field::kName},
    {Level::kSpan, "kind", Field::kKind},
    {Level::kSpan, "startTime", Field::kStartTime},
    {Level::kSpan, "endTime", Field::kEndTime},
    {Level::kSpan, "duration", Field::kDuration},
    {Level::kSpan, "status", Field::kStatus},
    {Level::kSpan, "statusMessage", Field::kStatusMessage},
    {Level::kResource, "service", Field::kService},
    {Level::kResource, "schemaURL", Field::kSchemaUrl},
    {Level::kScope, "name", Field::kName},
    {Level::kScope, "version", Field::kVersion},
    {Level::kScope, "schemaURL", Field::kSchemaUrl},
    {Level::kEvent, "name", Field::kName},
    {Level::kEvent, "time", Field::kTime},
    {Level::kEvent, "timeSinceStart", Field::kTimeSinceStart},
    {Level::kLink, "traceID", Field::kTraceId},
    {Level::kLink, "spanID", Field::kSpanId},
    {Level::kLink, "traceState", Field::kTraceState},
};

bool level_has(Level level, Field field) {
    for (const FieldRow& row : kFields) {
        if (row.level == level && row.field == field) return true;
    }
    return false;
}

Error invalid(std::string message) {
    return {Code::kInvalidArgument, std::move(message)};
}

class Validator {
public:
    explicit Validator(const FilterLimits& limits) : limits_(limits) {}

    base::Status check(const Filter& filter, std::size_t depth, bool in_event, bool in_link) {
        if (depth > limits_.max_depth)
            return invalid(fmt::format("filter is nested too deep; want at most {} levels", limits_.max_depth));
        if (++nodes_ > limits_.max_nodes)
            return invalid(fmt::format("filter has too many calls; want at most {}", limits_.max_nodes));
        switch (filter.op) {
            case Op::kAnd:
            case Op::kOr:
                break;
            case Op::kNot:
                if (filter.children.size() != 1) return invalid("filter call 'not' takes one predicate");
                break;
            case Op::kSome: {
                const Level level = filter.reference.level;
                if (filter.children.size() != 1)
                    return invalid("filter call 'some' takes one collection and one predicate");
                if (level != Level::kEvent && level != Level::kLink)
                    return invalid("filter call 'some' takes the collection event or link");
                if (level == Level::kEvent ? in_event : in_link) {
                    return invalid(fmt::format(
                        "filter call 'some' over {} stands inside another over the same collection", to_string(level)));
                }
                in_event = in_event || level == Level::kEvent;
                in_link = in_link || level == Level::kLink;
                break;
            }
            default:
                return leaf(filter);
        }
        for (const Filter& child : filter.children) {
            SKUA_RETURN_IF_ERROR(check(child, depth + 1, in_event, in_link));
        }
        return {};
    }

private:
    base::Status leaf(const Filter& filter) {
        const std::string_view op = to_string(filter.op);
        if (!filter.children.empty()) return invalid(fmt::format("filter call '{}' takes no predicates", op));
        SKUA_RETURN_IF_ERROR(reference(filter));
        const bool list = filter.op == Op::kIn || filter.op == Op::kNotIn;
        const std::size_t want = filter.op == Op::kExists ? 0 : 1;
        if (!list && filter.literals.size() != want) {
            return invalid(fmt::format("filter call '{}' takes {}", op,
                                       want == 0 ? "a reference only" : "a reference and one value"));
        }
        literals_ += filter.literals.size();
        if (literals_ > limits_.max_literals)
            return invalid(fmt::format("filter has too many values; want at most {}", limits_.max_literals));
        for (const Literal& literal : filter.literals) {
            SKUA_RETURN_IF_ERROR(value(filter, literal));
        }
        if (bytes_ > limits_.max_bytes)
            return invalid(fmt::format("filter is too large; want at most {} bytes", limits_.max_bytes));
        return {};
    }

    base::Status reference(const Filter& filter) {
        const Reference& ref = filter.reference;
        bytes_ += ref.key.size();
        if (ref.field == Field::kAttribute) {
            if (ref.key.empty())
                return invalid(
                    fmt::format("filter call '{}' names an attribute with an empty key", to_string(filter.op)));
            return {};
        }
        if (!level_has(ref.level, ref.field)) {
            return invalid(fmt::format("filter names an unknown field; got '{}' at level '{}'", to_string(ref.field),
                                       to_string(ref.level)));
        }
        return {};
    }

    base::Status value(const Filter& filter, const Literal& literal) {
        bytes_ += literal.text.size();
        const bool ordered =
            filter.op == Op::kGt || filter.op == Op::kLt || filter.op == Op::kGte || filter.op == Op::kLte;
        const Field field = filter.reference.field;
        const bool is_text = literal.type == LiteralType::kUntyped || literal.type == LiteralType::kString;
        if (filter.op == Op::kRegex) {
            if (!is_text) return invalid("filter call 'regex' takes a string");
            if (literal.text.size() > limits_.max_pattern_bytes) {
                return invalid(fmt::format("filter call 'regex' has a pattern of {} bytes; want at most {}",
                                           literal.text.size(), limits_.max_pattern_bytes));
            }
            if (field != Field::kAttribute && field_type(field) == FieldType::kNanos) {
                return invalid(fmt::format("field '{}' holds no text for 'regex'", to_string(field)));
            }
            return {};
        }
        if (ordered && literal.type == LiteralType::kBool)
            return invalid(fmt::format("filter call '{}' cannot order booleans", to_string(filter.op)));
        if (field == Field::kAttribute) return {};
        if (field_type(field) == FieldType::kNanos) {
            if (literal.type != LiteralType::kNanos && literal.type != LiteralType::kInt) {
                return invalid(fmt::format("field '{}' is compared with a time or a duration", to_string(field)));
            }
            return {};
        }
        if (!is_text) return invalid(fmt::format("field '{}' is compared with a string", to_string(field)));
        if (ordered && field_type(field) == FieldType::kWord)
            return invalid(fmt::format("field '{}' has no order", to_string(field)));
        return {};
    }

    const FilterLimits& limits_;
    std::size_t nodes_ = 0;
    std::size_t literals_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace

Filter Filter::all_of(std::vector<Filter> children) {
    Filter f;
    f.op = Op::kAnd;
    f.children = std::move(children);
    return f;
}

Filter Filter::any_of(std::vector<Filter> children) {
    Filter f = all_of(std::move(children));
    f.op = Op::kOr;
    return f;
}

Filter Filter::negation(Filter child) {
    Filter f;
    f.op = Op::kNot;
    f.children.push_back(std::move(child));
    return f;
}

Filter Filter::some(Level level, Filter child) {
    Filter f = negation(std::move(child));
    f.op = Op::kSome;
    f.reference.level = level;
    return f;
}

Filter Filter::compare(Op op, Reference reference, Literal literal) {
    Filter f;
    f.op = op;
    f.reference = std::move(reference);
    f.literals.push_back(std::move(literal));
    return f;
}

Filter Filter::exists(Reference reference) {
    Filter f;
    f.op = Op::kExists;
    f.reference = std::move(reference);
    return f;
}

Reference attribute(Level level, std::string key) {
    return {level, Field::kAttribute, std::move(key)};
}
Reference field(Level level, Field field) {
    return {level, field, {}};
}
Literal untyped(std::string value) {
    Literal l;
    l.text = std::move(value);
    return l;
}
Literal text(std::string value) {
    Literal l = untyped(std::move(value));
    l.type = LiteralType::kString;
    return l;
}
Literal integer(std::int64_t value) {
    Literal l;
    l.type = LiteralType::kInt;
    l.integer = value;
    return l;
}
Literal number(double value) {
    Literal l;
    l.type = LiteralType::kDouble;
    l.number = value;
    return l;
}
Literal boolean(bool value) {
    Literal l;
    l.type = LiteralType::kBool;
    l.boolean = value;
    return l;
}
Literal nanos(std::int64_t value) {
    Literal l = integer(value);
    l.type = LiteralType::kNanos;
    return l;
}

std::string_view to_string(Op op) {
    for (const auto& row : kOps) {
        if (row.value == op) return row.name;
    }
    return {};
}

std::string_view to_string(Level level) {
    for (const auto& row : kLevels) {
        if (row.value == level) return row.name;
    }
    return "everywhere";
}

std::string_view to_string(Field field) {
    for (const FieldRow& row : kFields) {
        if (row.field == field) return row.name;
    }
    return "attribute";
}

const Op* op_from(std::string_view name) {
    for (const auto& row : kOps) {
        if (row.name == name) return &row.value;
    }
    return nullptr;
}

const Level* level_from(std::string_view name) {
    for (const auto& row : kLevels) {
        if (row.name == name) return &row.value;
    }
    return nullptr;
}

base::Result<Field> field_from(Level level, std::string_view name) {
    for (const FieldRow& row : kFields) {
        if (row.level == level && row.name == name) return row.field;
    }
    return invalid(fmt::format("filter names an unknown field; got '{}' at level '{}'", name, to_string(level)));
}

FieldType field_type(Field field) {
    switch (field) {
        case Field::kTraceId:
            return FieldType::kTraceId;
        case Field::kSpanId:
        case Field::kParentSpanId:
            return FieldType::kSpanId;
        case Field::kKind:
        case Field::kStatus:
            return FieldType::kWord;
        case Field::kStartTime:
        case Field::kEndTime:
        case Field::kDuration:
        case Field::kTime:
        case Field::kTimeSinceStart:
            return FieldType::kNanos;
        default:
            return FieldType::kText;
    }
}

base::Status validate(const Filter& filter, const FilterLimits& limits) {
    return Validator(limits).check(filter, 1, false, false);
}

}  // namespace skua::store
