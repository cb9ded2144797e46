// SPDX-License-Identifier: Apache-2.0
// How this process keeps freed memory.
#pragma once

namespace skua::net {

// Request bodies of more than 128 KiB would otherwise be mapped and unmapped one by one, and every page of each faults
// in anew: three quarters of the cost of receiving a large request (measured by net_bench: 0.49 against 0.14 CPU
// seconds per million spans over gRPC). Call once, before the first thread. What is kept is bounded per arena, and so
// are the arenas.
void keep_freed_memory();

}  // namespace skua::net
