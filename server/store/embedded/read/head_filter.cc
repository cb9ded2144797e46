// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/head_filter.h"

#include <algorithm>
#include <functional>

namespace skua::store::embedded {
namespace {

// What was found: not asked yet, or the answer.
enum class Known : std::uint8_t { kNot, kNo, kYes };

enum class Asks : std::uint8_t { kNothing, kAttribute, kResource, kOperation, kDuration };

template <class F>
bool once(std::vector<Known>& known, std::size_t i, F&& ask) {
    if (i >= known.size()) known.resize(std::max(i + 1, known.size() * 2), Known::kNot);
    if (known[i] == Known::kNot) known[i] = ask() ? Known::kYes : Known::kNo;
    return known[i] == Known::kYes;
}

// Leaves whose answer needs one value that is there; of those about attributes only these.
bool needs_a_value(Op op) {
    return op != Op::kNe && op != Op::kNotIn && op != Op::kSome;
}

bool is_text(const Literal& literal) {
    return literal.type == LiteralType::kString || literal.type == LiteralType::kUntyped;
}

Asks asked_by(const Filter& leaf) {
    const Reference& ref = leaf.reference;
    if (leaf.op == Op::kSome) return Asks::kNothing;
    if (ref.level == Level::kResource || ref.field == Field::kService) return Asks::kResource;
    if (ref.level == Level::kScope) return Asks::kOperation;
    if (ref.field == Field::kAttribute) {
        const bool on_spans =
            ref.level == Level::kSpan || ref.level == Level::kSpanOrResource || ref.level == Level::kEverywhere;
        return on_spans && needs_a_value(leaf.op) ? Asks::kAttribute : Asks::kNothing;
    }
    if (ref.level != Level::kSpan) return Asks::kNothing;
    if (is_of_operation(ref.field)) return Asks::kOperation;
    return ref.field == Field::kDuration ? Asks::kDuration : Asks::kNothing;
}

}  // namespace

// What an attribute leaf looks at in the rows of one shape.
struct HeadFilter::ShapePlan {
    bool made = false;
    bool always = false;  // a constant matches, or the scope
    struct Value {
        std::uint32_t slot = 0;
        Storage storage = Storage::kNothing;
        FieldKey key;
    };
    std::vector<Value> values;
};

struct HeadFilter::Leaf {
    explicit Leaf(const Filter& of)
        : filter(&of), key(of.reference.key.data(), of.reference.key.data() + of.reference.key.size()) {}
    const Filter* filter;
    std::boyer_moore_horspool_searcher<const char*> key;  // in packed attributes
    const Predicate* alone = nullptr;
    // Strings that satisfy the leaf are this one, integers that one.
    const std::string* exact = nullptr;
    const std::int64_t* exact_integer = nullptr;
    Asks asks = Asks::kNothing;
    bool is_packed = true;     // the key may be among those of packed attributes
    bool on_resources = true;  // of an attribute: some resource satisfies it
    std::vector<ShapePlan> shapes;
    std::vector<Known> resources;
    std::vector<Known> operations;
    std::vector<Known> texts;  // strings by dictionary id
};

HeadFilter::HeadFilter(const HeadShard& shard) : shard_(shard) {}
HeadFilter::~HeadFilter() = default;

base::Result<std::unique_ptr<HeadFilter>> HeadFilter::make(const Predicate* predicate, const HeadShard& shard,
                                                           Leaves& leaves) {
    std::unique_ptr<HeadFilter> out(new HeadFilter(shard));
    if (predicate != nullptr) SKUA_RETURN_IF_ERROR(out->add_leaves(predicate->filter(), leaves));
    return out;
}

base::Status HeadFilter::add_leaves(const Filter& filter, Leaves& leaves) {
    if (filter.op == Op::kAnd) {
        for (const Filter& child : filter.children) SKUA_RETURN_IF_ERROR(add_leaves(child, leaves));
        return {};
    }
    if (filter.op == Op::kOr || filter.op == Op::kNot) return {};
    auto leaf = std::make_unique<Leaf>(filter);
    leaf->asks = asked_by(filter);
    leaf->is_packed = leaf->asks == Asks::kAttribute && shard_.may_be_packed(filter.reference.key);
    if (leaf->asks == Asks::kNothing) return {};
    if (filter.op == Op::kEq) {
        const Literal& literal = filter.literals.front();
        if (is_text(literal)) leaf->exact = &literal.text;
        if (literal.type == LiteralType::kInt) leaf->exact_integer = &literal.integer;
    }
    SKUA_ASSIGN_OR_RETURN(leaf->alone, leaves.get(filter));
    leaves_.push_back(std::move(leaf));
    return {};
}

bool HeadFilter::any() {
    return std::all_of(leaves_.begin(), leaves_.end(), [&](const auto& leaf) { return any(*leaf); });
}

bool HeadFilter::any(Leaf& leaf) {
    const auto some = [](std::uint32_t count, auto&& ask) {
        for (std::uint32_t i = 0; i < count; ++i) {
            if (ask(i)) return true;
        }
        return false;
    };
    const auto resource = [&](std::uint32_t i) { return by_resource(leaf, i); };
    switch (leaf.asks) {
        case Asks::kNothing:
        case Asks::kDuration:
            return true;
        case Asks::kResource:
            return some(shard_.resources_end(), resource);
        case Asks::kOperation:
            return some(shard_.operations_end(), [&](std::uint32_t i) { return by_operation(leaf, i); });
        case Asks::kAttribute:
            break;
    }
    leaf.on_resources = leaf.filter->reference.level != Level::kSpan && some(shard_.resources_end(), resource);
    return leaf.on_resources || some(shard_.shapes_end(), [&](std::uint32_t i) {
               const ShapePlan& shape = plan(leaf, i);
               return shape.always || !shape.values.empty();
           });
}

bool HeadFilter::may_match(const Row& row) {
    for (const auto& leaf : leaves_) {
        if (!may_match(*leaf, row)) return false;
    }
    return true;
}

void HeadFilter::prefetch(const Row& row) {
    for (const auto& leaf : leaves_) {
        if (leaf->asks != Asks::kAttribute) continue;
        for (const ShapePlan::Value& value : plan(*leaf, row.shape).values) {
            if (value.storage == Storage::kText) shard_.prefetch_text(shard_.slot(row, value.slot));
        }
    }
}

bool HeadFilter::may_match(Leaf& leaf, const Row& row) {
    switch (leaf.asks) {
        case Asks::kNothing:
            return true;
        case Asks::kResource:
            return by_resource(leaf, row.resource);
        case Asks::kOperation:
            return by_operation(leaf, shard_.shape(row.shape).operation);
        case Asks::kDuration: {
            model::Span times;
            times.start_ns = row.start_ns;
            times.end_ns = row.end_ns;
            return leaf.alone->matches(times);
        }
        case Asks::kAttribute:
            break;
    }
    const ShapePlan& shape = plan(leaf, row.shape);
    if (shape.always) return true;
    for (const ShapePlan::Value& value : shape.values) {
        std::uint64_t number = shard_.slot(row, value.slot);
        if (value.storage == Storage::kText) {
            if (by_text(leaf, value.key, static_cast<std::uint32_t>(number))) return true;
            continue;
        }
        if (value.storage == Storage::kLong) number |= std::uint64_t{shard_.slot(row, value.slot + 1)} << 32;
        if (leaf.exact_integer != nullptr && value.key.type == model::ValueType::kInt) {
            if (number == static_cast<std::uint64_t>(*leaf.exact_integer)) return true;
            continue;
        }
        if (leaf.alone->satisfied_by(attribute_value(value.key.type, {number, {}}))) return true;
    }
    return leaf.on_resources && by_resource(leaf, row.resource);
}

const HeadFilter::ShapePlan& HeadFilter::plan(Leaf& leaf, std::uint32_t number) {
    if (leaf.shapes.size() <= number) leaf.shapes.resize(number + std::size_t{64});
    ShapePlan& plan = leaf.shapes[number];
    if (plan.made) return plan;
    plan.made = true;
    plan.always = leaf.filter->reference.level == Level::kEverywhere &&
                  by_operation(leaf, shard_.shape(number).operation);  // its scope's attributes
    for (const ShapeField& f : shard_.shape(number).fields) {
        const FieldKey& key = shard_.field(f.field).key;
        if (!may_hold(key, leaf.filter->reference)) continue;
        if (key.special != Special::kNone && !leaf.is_packed) continue;
        const Storage storage = key.storage();
        if (f.varies) {
            plan.values.push_back({f.slot, storage, key});
        } else if (storage == Storage::kText) {
            plan.always = plan.always || by_text(leaf, key, static_cast<std::uint32_t>(f.constant));
        } else {
            plan.always = plan.always || leaf.alone->satisfied_by(attribute_value(key.type, {f.constant, {}}));
        }
    }
    return plan;
}

bool HeadFilter::by_resource(Leaf& leaf, std::uint32_t resource) {
    return once(leaf.resources, resource, [&] {
        static const model::Scope kNoScope;
        model::Span span;
        span.scope = &kNoScope;
        span.resource = &shard_.resource(resource).resource;
        return leaf.alone->matches(span);
    });
}

bool HeadFilter::by_operation(Leaf& leaf, std::uint32_t operation) {
    return once(leaf.operations, operation, [&] {
        static const model::Resource kNoResource;
        const Operation& key = shard_.operation(operation).key;
        model::Span span;
        span.resource = &kNoResource;
        span.scope = &shard_.scope(key.scope).scope;
        span.name = shard_.text(key.name);
        span.kind = key.kind;
        span.status_code = key.status;
        return leaf.alone->matches(span);
    });
}

bool HeadFilter::by_text(Leaf& leaf, const FieldKey& key, std::uint32_t slot) {
    const std::string_view text = shard_.slot_text(slot);
    // Packed attributes, which name the key if they have it.
    if (key.special != Special::kNone) return std::search(text.begin(), text.end(), leaf.key) != text.end();
    if (leaf.exact != nullptr && key.type == model::ValueType::kString) return text == *leaf.exact;
    const auto ask = [&] { return leaf.alone->satisfied_by(attribute_value(key.type, {0, text})); };
    return (slot & kRawText) != 0 || key.type != model::ValueType::kString ? ask() : once(leaf.texts, slot, ask);
}

}  // namespace skua::store::embedded
