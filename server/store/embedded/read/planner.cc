// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/planner.h"

#include "model/nested.h"
#include "store/embedded/index/value_hash.h"
#include "store/embedded/read/leaves.h"
#include "store/rollup.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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
    return ref.level == Level::kSpan && is_of_operation(ref.field) ? kByOperation : 0;
}

bool asks_service_only(const Filter& filter) {
    if (filter.op == Op::kSome) return false;
    if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot)
        return std::all_of(filter.children.begin(), filter.children.end(), asks_service_only);
    return filter.reference.field == Field::kService;
}

// Not deeper than they were: filters have a bound.
Filter joined(std::vector<Filter> all) {
    return all.size() == 1 ? std::move(all.front()) : Filter::all_of(std::move(all));
}

void add(Granules& to, const PostingsView& from) {
    from.each([&](std::uint32_t granule) { to[granule] = true; });
}

}  // namespace

struct Planner::Node {
    enum Kind : std::uint8_t { kEvery, kLonger, kResources, kOperations, kAny, kAll, kValues };

    Kind kind = kEvery;
    std::vector<std::unique_ptr<Node>> children;
    std::optional<Predicate> predicate;  // of kResources; of kOperations what is not about services alone
    std::optional<Predicate> service;    // of kOperations: asked of each service once
    std::vector<std::uint64_t> hashes;   // of kValues: any of them
    std::uint64_t least_ns = 0;          // of kLonger; of kOperations: asked of their spans, too

    static std::unique_ptr<Node> of(Kind kind) {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        return node;
    }
    static base::Result<std::unique_ptr<Node>> operations(const Filter& filter);
    static base::Result<std::unique_ptr<Node>> resources(const Filter& filter);
    static base::Result<std::unique_ptr<Node>> all_of(const Filter& filter);
    static base::Result<std::unique_ptr<Node>> on_levels(const Filter& filter, const std::vector<std::string>* texts);
    static base::Result<std::unique_ptr<Node>> equal(const Filter& filter);
    static base::Result<std::unique_ptr<Node>> having(const Filter& filter);
};

// One segment being asked; its directory is read when it is needed.
struct Planner::Asked {
    const StoredSegment& segment;
    const SegmentMeta& meta;
    std::shared_ptr<const Directory> directory;

    base::Result<Granules> ask(const Node& node);

private:
    base::Status open() {
        if (directory != nullptr) return {};
        SKUA_ASSIGN_OR_RETURN(directory, segment.directory(meta));
        return {};
    }
    [[nodiscard]] Granules none() const { return Granules(meta.granules.size(), false); }
    base::Result<Granules> all(const Node& node);
    base::Result<Granules> operations(const Node& node) const;
    [[nodiscard]] Granules resources(const Node& node) const;
    base::Result<Granules> values(const Node& node) const;
};

Planner::Planner() = default;
Planner::~Planner() = default;

base::Result<std::unique_ptr<Planner>> Planner::make(const Filter& filter) {
    std::unique_ptr<Planner> planner(new Planner);
    SKUA_ASSIGN_OR_RETURN(planner->root_, build(filter));
    return planner;
}

base::Result<std::unique_ptr<Planner::Node>> Planner::build(const Filter& filter) {
    const unsigned by = settled_by(filter);
    if ((by & kByOperation) != 0) return Node::operations(filter);
    if ((by & kByResource) != 0) return Node::resources(filter);
    switch (filter.op) {
        case Op::kAnd:
            return Node::all_of(filter);
        case Op::kOr: {
            auto any = Node::of(Node::kAny);
            for (const Filter& child : filter.children) {
                SKUA_ASSIGN_OR_RETURN(auto one, build(child));
                any->children.push_back(std::move(one));
            }
            return any;
        }
        case Op::kSome:
            return build(filter.children.front());
        case Op::kEq:
        case Op::kIn:
            if (filter.reference.field == Field::kAttribute) return Node::equal(filter);
            return Node::of(Node::kEvery);
        case Op::kGt:
        case Op::kGte:
            if (filter.reference.field == Field::kDuration) {
                auto longer = Node::of(Node::kLonger);
                longer->least_ns =
                    static_cast<std::uint64_t>(std::max<std::int64_t>(filter.literals.front().integer, 0));
                return longer;
            }
            break;
        default:
            break;
    }
    const bool needs_value = filter.op != Op::kNot;
    if (needs_value && filter.reference.field == Field::kAttribute) return Node::having(filter);
    return Node::of(Node::kEvery);
}

// What operations settle is asked of each operation at once: a service and an error may both be in a granule, but not
// in one row.
base::Result<std::unique_ptr<Planner::Node>> Planner::Node::all_of(const Filter& filter) {
    Filter by_operation = Filter::all_of({});
    Filter by_resource = Filter::all_of({});
    auto all = of(kAll);
    for (const Filter& child : filter.children) {
        const unsigned by = settled_by(child);
        if ((by & kByOperation) != 0) by_operation.children.push_back(child);
        if ((by & kByResource) != 0) by_resource.children.push_back(child);
        if (by != 0) continue;
        SKUA_ASSIGN_OR_RETURN(auto one, build(child));
        all->children.push_back(std::move(one));
    }
    if (!by_operation.children.empty()) {
        SKUA_ASSIGN_OR_RETURN(auto one, operations(by_operation));
        for (const auto& child : all->children) {
            if (child->kind == kLonger) one->least_ns = std::max(one->least_ns, child->least_ns);
        }
        all->children.push_back(std::move(one));
    }
    if (!by_resource.children.empty()) {
        SKUA_ASSIGN_OR_RETURN(auto one, resources(by_resource));
        all->children.push_back(std::move(one));
    }
    // The cheap ones first.
    std::stable_sort(all->children.begin(), all->children.end(),
                     [](const auto& a, const auto& b) { return a->kind < b->kind; });
    return all;
}

base::Result<std::unique_ptr<Planner::Node>> Planner::Node::operations(const Filter& filter) {
    auto node = of(kOperations);
    std::vector<Filter> of_service;
    std::vector<Filter> others;
    if (filter.op == Op::kAnd) {
        for (const Filter& child : filter.children) (asks_service_only(child) ? of_service : others).push_back(child);
    } else {
        (asks_service_only(filter) ? of_service : others).push_back(filter);
    }
    if (!of_service.empty()) {
        SKUA_ASSIGN_OR_RETURN(node->service, Predicate::compile(joined(std::move(of_service))));
    }
    if (!others.empty()) {
        SKUA_ASSIGN_OR_RETURN(node->predicate, Predicate::compile(joined(std::move(others))));
    }
    return node;
}

base::Result<std::unique_ptr<Planner::Node>> Planner::Node::resources(const Filter& filter) {
    auto node = of(kResources);
    SKUA_ASSIGN_OR_RETURN(node->predicate, Predicate::compile(filter));
    return node;
}

// The value is on one of the levels. `texts`: the canonical ones it may have; null: any.
base::Result<std::unique_ptr<Planner::Node>> Planner::Node::on_levels(const Filter& filter,
                                                                      const std::vector<std::string>* texts) {
    auto any = of(kAny);
    auto in_index = of(kValues);
    const std::string& key = filter.reference.key;
    for (const IndexLevel level : levels_of(filter.reference.level)) {
        Filter alone = filter;
        if (level == IndexLevel::kResource) {
            alone.reference.level = Level::kResource;
            SKUA_ASSIGN_OR_RETURN(auto one, resources(alone));
            any->children.push_back(std::move(one));
        } else if (level == IndexLevel::kScope) {
            alone.reference.level = Level::kScope;
            SKUA_ASSIGN_OR_RETURN(auto one, operations(alone));
            any->children.push_back(std::move(one));
        } else if (texts == nullptr) {
            in_index->hashes.push_back(key_hash(level, key));
        } else {
            for (const std::string& text : *texts)
                in_index->hashes.push_back(value_hash(value_seed(level, key), std::string_view(text)));
        }
    }
    if (!in_index->hashes.empty()) any->children.push_back(std::move(in_index));
    return any;
}

base::Result<std::unique_ptr<Planner::Node>> Planner::Node::equal(const Filter& filter) {
    std::vector<std::string> texts;
    for (const Literal& literal : filter.literals) {
        if (!texts_of(literal, texts)) return having(filter);
    }
    return on_levels(filter, &texts);
}

// Granules in which the key occurs at all: what every leaf but negations asks for. A negated value may be on one level
// while the leaf is satisfied by another, so there the levels must not be asked apart.
base::Result<std::unique_ptr<Planner::Node>> Planner::Node::having(const Filter& filter) {
    return on_levels(Filter::exists(filter.reference), nullptr);
}

base::Result<Granules> Planner::candidates(const StoredSegment& segment, const SegmentMeta& meta) const {
    return Asked{segment, meta, nullptr}.ask(*root_);
}

base::Result<Granules> Planner::Asked::ask(const Node& node) {
    switch (node.kind) {
        case Node::kEvery:
            break;
        case Node::kLonger: {
            Granules out = none();
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = meta.granules[i].duration_max_ns >= node.least_ns;
            return out;
        }
        case Node::kResources:
            SKUA_RETURN_IF_ERROR(open());
            return resources(node);
        case Node::kOperations:
            SKUA_RETURN_IF_ERROR(open());
            return operations(node);
        case Node::kValues:
            SKUA_RETURN_IF_ERROR(open());
            return values(node);
        case Node::kAny: {
            Granules any = none();
            for (const auto& child : node.children) {
                SKUA_ASSIGN_OR_RETURN(const Granules one, ask(*child));
                for (std::size_t i = 0; i < any.size(); ++i) any[i] = any[i] || one[i];
            }
            return any;
        }
        case Node::kAll:
            return all(node);
    }
    return Granules(meta.granules.size(), true);
}

base::Result<Granules> Planner::Asked::all(const Node& node) {
    Granules all(meta.granules.size(), true);
    for (const auto& child : node.children) {
        SKUA_ASSIGN_OR_RETURN(const Granules one, ask(*child));
        bool some = false;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = all[i] && one[i];
            some = some || all[i];
        }
        if (!some) break;
    }
    return all;
}

base::Result<Granules> Planner::Asked::operations(const Node& node) const {
    Granules out = none();
    const auto least = static_cast<std::uint8_t>(duration_bucket(node.least_ns));
    std::shared_ptr<const LongestSpans> longest;
    if (least > 0) {
        SKUA_ASSIGN_OR_RETURN(longest, segment.longest_spans(meta, *directory));
    }
    for (const Directory::ServiceEntry& service : directory->services) {
        const model::Attribute name{"service.name", model::Value::of_string(service.name)};
        model::Resource resource;
        resource.attributes = {&name, 1};
        model::Span span;
        span.resource = &resource;
        if (node.service && !node.service->matches(span)) continue;
        for (const std::uint32_t number : service.operations) {
            const Directory::OperationEntry& entry = directory->operations[number];
            if (node.predicate) {
                span.name = entry.operation.name;
                span.kind = entry.operation.kind;
                span.status_code = entry.operation.status;
                span.scope = &directory->scopes[entry.operation.scope];
                if (!node.predicate->matches(span)) continue;
            }
            if (longest == nullptr) {
                add(out, entry.granules);
                continue;
            }
            const char* bucket = longest->of(number).data();
            entry.granules.each([&](std::uint32_t granule) {
                if (static_cast<std::uint8_t>(*bucket++) >= least) out[granule] = true;
            });
        }
    }
    return out;
}

Granules Planner::Asked::resources(const Node& node) const {
    static const model::Scope kNoScope;
    Granules out = none();
    model::Span span;
    span.scope = &kNoScope;
    for (const auto& entry : directory->resources) {
        span.resource = &entry.resource.resource;
        if (node.predicate->matches(span)) add(out, entry.granules);
    }
    return out;
}

base::Result<Granules> Planner::Asked::values(const Node& node) const {
    Granules out = none();
    for (const std::uint64_t hash : node.hashes) {
        SKUA_ASSIGN_OR_RETURN(const auto found, segment.find_value(meta, *directory, hash));
        for (const std::uint32_t run : found) {
            const std::uint64_t first = std::uint64_t{run} << directory->value_shift;
            const std::uint64_t end = first + (std::uint64_t{1} << directory->value_shift);
            for (std::uint64_t g = first; g < std::min<std::uint64_t>(end, out.size()); ++g) out[g] = true;
        }
    }
    return out;
}

}  // namespace skua::store::embedded
