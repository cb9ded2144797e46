// SPDX-License-Identifier: Apache-2.0
// A filter made ready to be asked of many spans: literals and patterns are prepared once.
#pragma once

#include "model/span.h"
#include "store/filter.h"

#include <memory>

namespace skua::store {

class Predicate {
public:
    // kInvalidArgument: what validate() refuses, a pattern RE2 cannot read, an id that is none.
    static base::Result<Predicate> compile(Filter filter, const FilterLimits& limits = {});
    // True for every span.
    Predicate();
    Predicate(Predicate&&) noexcept;
    Predicate& operator=(Predicate&&) noexcept;
    ~Predicate();

    // Any thread, any number at a time.
    [[nodiscard]] bool matches(const model::Span& span) const;
    // Of a leaf that one value of an attribute can satisfy (all but `ne`, `not_in` and `some`): whether this one does.
    [[nodiscard]] bool satisfied_by(const model::Value& value) const;
    // What it was compiled from: planners look here for what an index can answer.
    [[nodiscard]] const Filter& filter() const { return filter_; }

private:
    struct Node;
    struct Evaluator;

    Filter filter_;
    std::unique_ptr<const Node> root_;
};

}  // namespace skua::store
