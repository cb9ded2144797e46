// SPDX-License-Identifier: Apache-2.0
#include "query/adjusters/adjusters.h"

namespace skua::query {

void adjust(Trace& trace, const AdjustOptions& options) {
    unshare_span_ids(trace);
    sort_collections(trace);
    drop_duplicates(trace);
    correct_clock_skew(trace, options.max_clock_skew_ns);
    normalize_ip_attributes(trace);
    move_library_attributes(trace);
    drop_empty_links(trace);
}

}  // namespace skua::query
