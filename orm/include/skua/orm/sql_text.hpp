// SPDX-License-Identifier: Apache-2.0
// What a query would send, and what it is told to write.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <skua/orm/expr.hpp>

namespace skua::orm {

// What would be sent.
struct sql_text {
    std::string sql;            // with placeholders
    std::vector<value> values;  // bound to them
    // With the values written in: for people, never to be sent.
    [[nodiscard]] std::string explained() const;
};

// An assignment that knows where it was written.
struct located_assignment {
    assignment what;
    location at;
    located_assignment(assignment a, location from = location::current())  // NOLINT(google-explicit-constructor)
        : what(std::move(a)), at(from) {}
};

// What first_or_init and first_or_create give a row that was missing, and what they give any.
struct attrs {
    std::vector<assignment> list;
    template <class... A>
    explicit attrs(A... a) {
        (list.push_back(assignment(std::move(a))), ...);
    }
};
struct assign {
    std::vector<assignment> list;
    template <class... A>
    explicit assign(A... a) {
        (list.push_back(assignment(std::move(a))), ...);
    }
};

}  // namespace skua::orm
