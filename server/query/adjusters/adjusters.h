// SPDX-License-Identifier: Apache-2.0
// What Jaeger does to a trace before it shows it (its "standard adjusters"), with its warning texts: clients compare
// them. Each works on one trace in place. Applied when a trace is read for a Jaeger-shaped answer, unless raw was
// asked.
#pragma once

#include "query/trace.h"

#include <cstdint>

namespace skua::query {

struct AdjustOptions {
    // How far a child on another host may be moved; 0: not at all, a warning says what would have been done.
    std::int64_t max_clock_skew_ns = 0;
};

// All of them, in the order below.
void adjust(Trace& trace, const AdjustOptions& options = {});

// A server span that shares its id with a client span (Zipkin's way) gets an id of its own, the client becomes its
// parent, and children of the shared id become its children.
void unshare_span_ids(Trace& trace);
// Attributes by key everywhere, events by name; equal ones keep their order.
void sort_collections(Trace& trace);
// Exact duplicates once.
void drop_duplicates(Trace& trace);
// Moves children that stand outside their parent on another host. Iterative: traces may be deep.
void correct_clock_skew(Trace& trace, std::int64_t max_delta_ns);
// Numeric "ip" and "peer.ipv4" become dotted quads.
void normalize_ip_attributes(Trace& trace);
// telemetry.sdk.* and telemetry.distro.* of a span go to its resource.
void move_library_attributes(Trace& trace);
// Links to no trace are dropped.
void drop_empty_links(Trace& trace);

}  // namespace skua::query
