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
struct built_in {
    std::string_view name;
    status (*fn)(statement&);  // null: a place to register around, for what has nothing to do
    bool always = false;
};
struct chain {
    std::vector<built_in> direct;  // not user: what there is to run, without detours
    std::vector<chain_link> links;
    chain_link whole;   // the arounds of "*"
    bool user = false;  // not only built-ins
};
void run_links(const chain& c, statement& run);

std::span<const built_in> built_ins(processor_kind kind);

}  // namespace skua::orm::detail
