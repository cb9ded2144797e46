// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/matcher.h"

#include <iterator>

namespace skua::store::embedded {
namespace {

Verdict of(bool yes) {
    return yes ? Verdict::kYes : Verdict::kNo;
}

// Satisfied by one value, whatever else there is.
bool needs_one(Op op) {
    return op != Op::kNe && op != Op::kNotIn;
}

bool looks_at_span(Level level) {
    return level == Level::kSpan || level == Level::kSpanOrResource || level == Level::kEverywhere;
}

}  // namespace

// What a leaf looks at in the spans of one shape.
struct Matcher::ShapePlan {
    bool made = false;
    bool unknown = false;               // events, links or packed attributes may decide
    std::vector<std::uint32_t> fields;  // indexes into Shape::fields
};

struct Matcher::Node {
    Op op = Op::kAnd;
    Reference reference;
    const Predicate* alone = nullptr;  // of a leaf or kSome
    std::vector<std::unique_ptr<Node>> children;
    mutable std::vector<ShapePlan> shapes;
};

const Matcher::ShapePlan& Matcher::plan(const Node& node, std::uint32_t number) {
    if (node.shapes.size() <= number) node.shapes.resize(number + std::size_t{64});
    ShapePlan& plan = node.shapes[number];
    if (plan.made) return plan;
    plan.made = true;
    const Reference& ref = node.reference;
    const Level level = ref.level;
    const bool some = node.op == Op::kSome;
    const Shape& shape = source_.shape(number);
    for (std::uint32_t i = 0; i < shape.fields.size(); ++i) {
        const FieldKey& key = source_.field(shape.fields[i].field);
        bool wanted = false;
        switch (key.special) {
            case Special::kEvents:
                plan.unknown = plan.unknown || level == Level::kEvent || (!some && level == Level::kEverywhere);
                break;
            case Special::kLinks:
                plan.unknown = plan.unknown || level == Level::kLink || (!some && level == Level::kEverywhere);
                break;
            case Special::kAttributes:
                plan.unknown = plan.unknown || (!some && ref.field == Field::kAttribute && looks_at_span(level));
                break;
            case Special::kNone:
                wanted = !some && ref.field == Field::kAttribute && looks_at_span(level) && key.key == ref.key;
                break;
            case Special::kTraceState:
                wanted = !some && ref.field == Field::kTraceState && level == Level::kSpan;
                break;
            case Special::kStatusMessage:
                wanted = !some && ref.field == Field::kStatusMessage;
                break;
            default:
                break;
        }
        if (wanted) plan.fields.push_back(i);
    }
    return plan;
}

Matcher::Matcher(RowSource& source) : source_(source), recent_(4096, {kNoKey, Verdict::kNo}) {}
Matcher::~Matcher() = default;

base::Result<std::unique_ptr<Matcher::Node>> Matcher::build(const Filter& filter, Leaves& leaves) {
    auto node = std::make_unique<Node>();
    node->op = filter.op;
    node->reference = filter.reference;
    if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot) {
        for (const Filter& child : filter.children) {
            SKUA_ASSIGN_OR_RETURN(auto made, build(child, leaves));
            node->children.push_back(std::move(made));
        }
        return node;
    }
    SKUA_ASSIGN_OR_RETURN(node->alone, leaves.get(filter));
    return node;
}

base::Result<std::unique_ptr<Matcher>> Matcher::make(const Predicate* predicate, RowSource& source, Leaves& leaves) {
    std::unique_ptr<Matcher> matcher(new Matcher(source));
    if (predicate != nullptr) {
        SKUA_ASSIGN_OR_RETURN(matcher->root_, build(predicate->filter(), leaves));
    }
    return matcher;
}

base::Result<Verdict> Matcher::rows_of(std::uint32_t shape, std::uint32_t resource) {
    if (root_ == nullptr) return Verdict::kYes;
    const std::uint64_t key = std::uint64_t{shape} << 32 | resource;
    auto& [recent_key, recent] = recent_[(key * 0x9E3779B97F4A7C15ULL) >> 52];
    if (recent_key == key) return recent;
    recent_key = key;
    if (const auto at = known_.find(key); at != known_.end()) return recent = at->second;
    recent_key = kNoKey;
    SKUA_ASSIGN_OR_RETURN(const Verdict verdict, evaluate(*root_, shape, resource, nullptr));
    known_.emplace(key, verdict);
    recent_key = key;
    return recent = verdict;
}

base::Result<Verdict> Matcher::row(const RowFacts& facts) {
    SKUA_ASSIGN_OR_RETURN(const Verdict verdict, rows_of(facts.shape, facts.resource));
    if (verdict != Verdict::kMaybe) return verdict;
    return evaluate(*root_, facts.shape, facts.resource, &facts);
}

base::Result<Verdict> Matcher::evaluate(const Node& node, std::uint32_t shape, std::uint32_t resource,
                                        const RowFacts* row) {
    switch (node.op) {
        case Op::kAnd:
        case Op::kOr: {
            const Verdict decisive = node.op == Op::kAnd ? Verdict::kNo : Verdict::kYes;
            Verdict all = node.op == Op::kAnd ? Verdict::kYes : Verdict::kNo;
            for (const auto& child : node.children) {
                SKUA_ASSIGN_OR_RETURN(const Verdict one, evaluate(*child, shape, resource, row));
                if (one == decisive) return one;
                if (one == Verdict::kMaybe) all = one;
            }
            return all;
        }
        case Op::kNot: {
            SKUA_ASSIGN_OR_RETURN(const Verdict one, evaluate(*node.children.front(), shape, resource, row));
            return one == Verdict::kMaybe ? one : of(one == Verdict::kNo);
        }
        default:
            return leaf(node, shape, resource, row);
    }
}

base::Result<Verdict> Matcher::leaf(const Node& node, std::uint32_t shape_number, std::uint32_t resource,
                                    const RowFacts* row) {
    const Shape& shape = source_.shape(shape_number);
    model::Span span = source_.operation(shape.operation);
    span.resource = &source_.resource(resource);
    const Reference& ref = node.reference;
    const bool some = node.op == Op::kSome;
    const ShapePlan& plan = this->plan(node, shape_number);
    bool unknown = plan.unknown;
    bool certain = false;  // a value that is there for sure
    if (!some && ref.field != Field::kAttribute) {
        switch (ref.field) {
            case Field::kStartTime:
            case Field::kEndTime:
            case Field::kDuration:
                if (row == nullptr) return Verdict::kMaybe;
                span.start_ns = row->start_ns;
                span.end_ns = row->end_ns;
                return of(node.alone->matches(span));
            case Field::kTraceId:
            case Field::kSpanId:
            case Field::kParentSpanId:
                if (ref.level == Level::kSpan) return Verdict::kMaybe;
                break;
            default:
                break;
        }
    }
    attributes_.clear();
    std::size_t texts = 0;
    for (const std::uint32_t i : plan.fields) {
        const ShapeField& f = shape.fields[i];
        const FieldKey& key = source_.field(f.field);
        if (f.varies && row == nullptr) {
            unknown = true;
            certain = certain || (node.op == Op::kExists && key.special == Special::kNone);
            continue;
        }
        if (texts == std::size(texts_)) {  // a key repeated so often is looked at with the whole span
            unknown = true;
            continue;
        }
        base::Result<FieldValue> value =
            f.varies ? source_.value(row->row, shape, i) : source_.constant(key, f.constant);
        if (!value.ok()) return std::move(value).error();
        if (!value->text.empty()) {
            texts_[texts].assign(value->text);
            value->text = texts_[texts++];
        }
        model::Attribute attribute;
        put_value(key, value.value(), span, attribute);
        if (key.special == Special::kNone) attributes_.push_back(attribute);
    }
    span.attributes = attributes_;
    if (certain) return Verdict::kYes;
    if (!unknown) return of(node.alone->matches(span));
    if (!some && needs_one(node.op) && node.alone->matches(span)) return Verdict::kYes;
    return Verdict::kMaybe;
}

}  // namespace skua::store::embedded
