// SPDX-License-Identifier: Apache-2.0
// Decides whether rows match a filter from as little of them as possible: from their shape and resource alone where
// these settle it, else from times and single values, and only at last from the whole span.
//
// The meaning of filters stays where it is defined: leaves are asked of Predicate with spans that have just the parts
// that the leaf looks at.
#pragma once

#include "store/embedded/head/head_shard.h"
#include "store/embedded/head/shape.h"
#include "store/embedded/read/leaves.h"
#include "store/predicate.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace skua::store::embedded {

enum class Verdict : std::uint8_t { kNo, kMaybe, kYes };

// What rows refer to, of a head's shard or of a granule.
class RowSource {
public:
    virtual ~RowSource() = default;
    [[nodiscard]] virtual const Shape& shape(std::uint32_t number) const = 0;
    [[nodiscard]] virtual const FieldKey& field(std::uint32_t number) const = 0;
    // A span with the operation's name, kind, status and scope.
    [[nodiscard]] virtual model::Span operation(std::uint32_t number) const = 0;
    [[nodiscard]] virtual const model::Resource& resource(std::uint32_t number) const = 0;
    // A constant of a shape.
    virtual base::Result<FieldValue> constant(const FieldKey& key, std::uint64_t value) = 0;
    // The i-th field of the row's shape. Text lives until the next call.
    virtual base::Result<FieldValue> value(std::uint32_t row, const Shape& shape, std::size_t field_index) = 0;
};

struct RowFacts {
    std::uint32_t row = 0;
    std::uint32_t shape = 0;
    std::uint32_t resource = 0;
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
};

// For one source; confined to one thread.
class Matcher {
public:
    // `predicate` may be null (everything matches) and outlives the matcher, as do `source` and `leaves`.
    static base::Result<std::unique_ptr<Matcher>> make(const Predicate* predicate, RowSource& source, Leaves& leaves);
    ~Matcher();

    // By shape and resource alone; remembered.
    base::Result<Verdict> rows_of(std::uint32_t shape, std::uint32_t resource);
    // Looks at the row's times and values. kMaybe: ask the predicate with the whole span.
    base::Result<Verdict> row(const RowFacts& facts);

private:
    struct Node;
    static constexpr std::uint64_t kNoKey = ~std::uint64_t{0};
    explicit Matcher(RowSource& source);
    base::Result<Verdict> evaluate(const Node& node, std::uint32_t shape, std::uint32_t resource, const RowFacts* row);
    struct ShapePlan;
    const ShapePlan& plan(const Node& node, std::uint32_t shape);
    base::Result<Verdict> leaf(const Node& node, std::uint32_t shape, std::uint32_t resource, const RowFacts* row);
    static base::Result<std::unique_ptr<Node>> build(const Filter& filter, Leaves& leaves);

    RowSource& source_;
    std::unique_ptr<Node> root_;
    std::unordered_map<std::uint64_t, Verdict> known_;       // by shape and resource
    std::vector<std::pair<std::uint64_t, Verdict>> recent_;  // in front of it
    std::vector<model::Attribute> attributes_;
    std::string texts_[8];
};

}  // namespace skua::store::embedded
