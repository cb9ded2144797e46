// SPDX-License-Identifier: Apache-2.0
#include "store/predicate.h"

#include "model/nested.h"
#include "store/keys.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <re2/re2.h>

namespace skua::store {
namespace {

using model::Value;
using model::ValueType;

constexpr std::int64_t kRegexMemoryBytes = 1 << 20;

struct Constant {
    Literal literal;
    std::optional<double> as_number;  // of an untyped literal that reads as a number
};

std::optional<double> read_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool equal(const Value& value, const Constant& constant, std::string& scratch) {
    const Literal& literal = constant.literal;
    switch (literal.type) {
        case LiteralType::kUntyped:
            if (value.type == ValueType::kString) return value.text == literal.text;
            scratch.clear();
            model::append_string_form(scratch, value);
            return scratch == literal.text;
        case LiteralType::kString:
            return value.type == ValueType::kString && value.text == literal.text;
        case LiteralType::kBool:
            return value.type == ValueType::kBool && value.boolean == literal.boolean;
        case LiteralType::kInt:
        case LiteralType::kNanos:
            if (value.type == ValueType::kInt) return value.integer == literal.integer;
            return value.type == ValueType::kDouble && value.number == static_cast<double>(literal.integer);
        case LiteralType::kDouble:
            if (value.type == ValueType::kInt) return static_cast<double>(value.integer) == literal.number;
            return value.type == ValueType::kDouble && value.number == literal.number;
    }
    return false;
}

template <class T>
bool in_order(Op op, const T& left, const T& right) {
    switch (op) {
        case Op::kGt:
            return left > right;
        case Op::kLt:
            return left < right;
        case Op::kGte:
            return left >= right;
        default:
            return left <= right;
    }
}

// Numbers against numbers, text against text; anything else is not ordered and does not match.
bool ordered(Op op, const Value& value, const Constant& constant) {
    const Literal& literal = constant.literal;
    const bool whole = literal.type == LiteralType::kInt || literal.type == LiteralType::kNanos;
    if (whole && value.type == ValueType::kInt) return in_order(op, value.integer, literal.integer);
    std::optional<double> number = constant.as_number;
    if (whole) number = static_cast<double>(literal.integer);
    if (literal.type == LiteralType::kDouble) number = literal.number;
    if (number) {
        if (value.type == ValueType::kInt) return in_order(op, static_cast<double>(value.integer), *number);
        return value.type == ValueType::kDouble && in_order(op, value.number, *number);
    }
    return value.type == ValueType::kString && in_order(op, value.text, std::string_view(literal.text));
}

Value nanos_value(std::uint64_t ns) {
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return Value::of_int(static_cast<std::int64_t>(std::min(ns, kMax)));
}

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

// Brings a literal into the spelling its field is compared in.
base::Result<Literal> for_field(Field field, Literal literal) {
    if (field == Field::kAttribute) return literal;
    switch (field_type(field)) {
        case FieldType::kWord:
            for (char& c : literal.text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            return literal;
        case FieldType::kTraceId: {
            const auto id = model::TraceId::from_hex(literal.text);
            if (!id)
                return invalid(
                    fmt::format("field '{}' is compared with a trace id; got '{}'", to_string(field), literal.text));
            literal.text = id->to_hex();
            return literal;
        }
        case FieldType::kSpanId: {
            const auto id = model::SpanId::from_hex(literal.text);
            if (!id)
                return invalid(
                    fmt::format("field '{}' is compared with a span id; got '{}'", to_string(field), literal.text));
            literal.text = id->to_hex();
            return literal;
        }
        default:
            return literal;
    }
}

}  // namespace

struct Predicate::Node {
    Op op = Op::kAnd;
    Reference reference;
    std::vector<Constant> constants;
    std::unique_ptr<const re2::RE2> pattern;
    std::vector<std::unique_ptr<const Node>> children;

    static base::Result<std::unique_ptr<const Node>> make(const Filter& filter);
};

base::Result<std::unique_ptr<const Predicate::Node>> Predicate::Node::make(const Filter& filter) {
    auto node = std::make_unique<Node>();
    node->op = filter.op;
    node->reference = filter.reference;
    for (const Filter& child : filter.children) {
        SKUA_ASSIGN_OR_RETURN(auto made, make(child));
        node->children.push_back(std::move(made));
    }
    if (filter.op == Op::kRegex) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(kRegexMemoryBytes);
        auto pattern = std::make_unique<re2::RE2>(filter.literals.front().text, options);
        if (!pattern->ok())
            return invalid(fmt::format("filter call 'regex' has a pattern RE2 cannot read: {}", pattern->error()));
        node->pattern = std::move(pattern);
        return std::unique_ptr<const Node>(std::move(node));
    }
    for (const Literal& literal : filter.literals) {
        SKUA_ASSIGN_OR_RETURN(Literal prepared, for_field(filter.reference.field, literal));
        Constant constant{std::move(prepared), std::nullopt};
        if (constant.literal.type == LiteralType::kUntyped) constant.as_number = read_number(constant.literal.text);
        node->constants.push_back(std::move(constant));
    }
    return std::unique_ptr<const Node>(std::move(node));
}

// One span, and inside `some` the event or link in question.
struct Predicate::Evaluator {
    const model::Span& span;
    const model::Event* event = nullptr;
    const model::Link* link = nullptr;
    std::string scratch;

    bool matches(const Node& node) {
        switch (node.op) {
            case Op::kAnd:
                return std::all_of(node.children.begin(), node.children.end(),
                                   [&](const auto& c) { return matches(*c); });
            case Op::kOr:
                return std::any_of(node.children.begin(), node.children.end(),
                                   [&](const auto& c) { return matches(*c); });
            case Op::kNot:
                return !matches(*node.children.front());
            case Op::kSome:
                return some(node);
            case Op::kNe:
            case Op::kNotIn: {
                bool present = false;
                const bool hit = any(node.reference, [&](const Value& v) {
                    present = true;
                    return equals_one(v, node);
                });
                return present && !hit;
            }
            default:
                return any(node.reference, [&](const Value& v) { return satisfies(v, node); });
        }
    }

    bool satisfies(const Value& value, const Node& node) {
        switch (node.op) {
            case Op::kExists:
                return true;
            case Op::kEq:
            case Op::kIn:
                return equals_one(value, node);
            case Op::kRegex: {
                scratch.clear();
                if (value.type != ValueType::kString) model::append_string_form(scratch, value);
                const std::string_view text = value.type == ValueType::kString ? value.text : std::string_view(scratch);
                return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern);
            }
            default:
                return ordered(node.op, value, node.constants.front());
        }
    }

private:
    bool equals_one(const Value& value, const Node& node) {
        return std::any_of(node.constants.begin(), node.constants.end(),
                           [&](const Constant& c) { return equal(value, c, scratch); });
    }

    bool some(const Node& node) {
        const Node& child = *node.children.front();
        if (node.reference.level == Level::kEvent) {
            const bool hit = std::any_of(span.events.begin(), span.events.end(), [&](const model::Event& e) {
                event = &e;
                return matches(child);
            });
            event = nullptr;
            return hit;
        }
        const bool hit = std::any_of(span.links.begin(), span.links.end(), [&](const model::Link& l) {
            link = &l;
            return matches(child);
        });
        link = nullptr;
        return hit;
    }

    // Calls f with each value the reference has here until f is satisfied.
    template <class F>
    bool any(const Reference& ref, F&& f) {
        if (ref.field == Field::kAttribute) return any_attribute(ref, f);
        switch (ref.level) {
            case Level::kSpan:
                return span_field(ref.field, f);
            case Level::kResource:
                return ref.field == Field::kService ? f(Value::of_string(service_key(*span.resource)))
                                                    : text(span.resource->schema_url, f);
            case Level::kScope:
                return text(ref.field == Field::kName      ? span.scope->name
                            : ref.field == Field::kVersion ? span.scope->version
                                                           : span.scope->schema_url,
                            f);
            case Level::kEvent:
                return each_event([&](const model::Event& e) { return event_field(ref.field, e, f); });
            case Level::kLink:
                return each_link([&](const model::Link& l) { return link_field(ref.field, l, f); });
            default:
                return false;
        }
    }

    template <class F>
    bool text(std::string_view value, F& f) {
        return !value.empty() && f(Value::of_string(value));
    }

    template <class F>
    bool id(const std::string& hex, F& f) {
        return f(Value::of_string(hex));
    }

    template <class F>
    bool span_field(Field name, F& f) {
        switch (name) {
            case Field::kTraceId:
                return id(span.trace_id.to_hex(), f);
            case Field::kSpanId:
                return id(span.span_id.to_hex(), f);
            case Field::kParentSpanId:
                return !span.parent_span_id.is_zero() && id(span.parent_span_id.to_hex(), f);
            case Field::kTraceState:
                return text(span.trace_state, f);
            case Field::kName:
                return f(Value::of_string(name_key(span)));
            case Field::kKind:
                return f(Value::of_string(kind_word(span.kind)));
            case Field::kStartTime:
                return f(nanos_value(span.start_ns));
            case Field::kEndTime:
                return f(nanos_value(end_key(span)));
            case Field::kDuration:
                return f(nanos_value(duration_key(span)));
            case Field::kStatus:
                return f(Value::of_string(status_word(span.status_code)));
            case Field::kStatusMessage:
                return text(span.status_message, f);
            default:
                return false;
        }
    }

    template <class F>
    bool event_field(Field name, const model::Event& e, F& f) {
        if (name == Field::kName) return text(e.name, f);
        if (name == Field::kTime) return f(nanos_value(e.time_ns));
        // Wraps like the subtraction of two clocks; both are within the same 584 years.
        return f(Value::of_int(static_cast<std::int64_t>(e.time_ns - span.start_ns)));
    }

    template <class F>
    bool link_field(Field name, const model::Link& l, F& f) {
        if (name == Field::kTraceId) return id(l.trace_id.to_hex(), f);
        if (name == Field::kSpanId) return id(l.span_id.to_hex(), f);
        return text(l.trace_state, f);
    }

    template <class F>
    bool each_event(F&& f) {
        if (event != nullptr) return f(*event);
        return std::any_of(span.events.begin(), span.events.end(), f);
    }

    template <class F>
    bool each_link(F&& f) {
        if (link != nullptr) return f(*link);
        return std::any_of(span.links.begin(), span.links.end(), f);
    }

    template <class F>
    static bool in(model::Attributes attributes, const std::string& key, F& f) {
        return std::any_of(attributes.begin(), attributes.end(),
                           [&](const model::Attribute& a) { return a.key == key && f(a.value); });
    }

    template <class F>
    bool any_attribute(const Reference& ref, F& f) {
        const auto of_events = [&] {
            return each_event([&](const model::Event& e) { return in(e.attributes, ref.key, f); });
        };
        const auto of_links = [&] {
            return each_link([&](const model::Link& l) { return in(l.attributes, ref.key, f); });
        };
        switch (ref.level) {
            case Level::kSpan:
                return in(span.attributes, ref.key, f);
            case Level::kResource:
                return in(span.resource->attributes, ref.key, f);
            case Level::kScope:
                return in(span.scope->attributes, ref.key, f);
            case Level::kEvent:
                return of_events();
            case Level::kLink:
                return of_links();
            case Level::kSpanOrResource:
                return in(span.attributes, ref.key, f) || in(span.resource->attributes, ref.key, f);
            case Level::kEverywhere:
                return in(span.attributes, ref.key, f) || in(span.scope->attributes, ref.key, f) ||
                       in(span.resource->attributes, ref.key, f) || of_events() || of_links();
        }
        return false;
    }
};

Predicate::Predicate() = default;
Predicate::Predicate(Predicate&&) noexcept = default;
Predicate& Predicate::operator=(Predicate&&) noexcept = default;
Predicate::~Predicate() = default;

base::Result<Predicate> Predicate::compile(Filter filter, const FilterLimits& limits) {
    SKUA_RETURN_IF_ERROR(validate(filter, limits));
    Predicate predicate;
    SKUA_ASSIGN_OR_RETURN(predicate.root_, Node::make(filter));
    predicate.filter_ = std::move(filter);
    return predicate;
}

bool Predicate::matches(const model::Span& span) const {
    return root_ == nullptr || Evaluator{span}.matches(*root_);
}

bool Predicate::satisfied_by(const model::Value& value) const {
    static const model::Span kNone;
    return Evaluator{kNone}.satisfies(value, *root_);
}

}  // namespace skua::store
