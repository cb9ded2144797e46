// SPDX-License-Identifier: Apache-2.0
// A processor's callbacks in the order in which they run; published, never changed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <skua/orm/callbacks.hpp>

namespace skua::orm::detail {

struct chain_link {
    std::string name;
    callback fn;
    std::vector<around_callback> arounds;  // the outermost first
    bool always = false;
};
struct chain {
    std::vector<chain_link> links;
    chain_link whole;   // the arounds of "*"
    bool user = false;  // not only built-ins
};
void run_links(const chain& c, statement& run);

struct built_in {
    std::string_view name;
    status (*fn)(statement&);
    bool always = false;
};
std::span<const built_in> built_ins(processor_kind kind);

}  // namespace skua::orm::detail
