// SPDX-License-Identifier: Apache-2.0
#include "net/malloc_tuning.h"

#include <malloc.h>

namespace skua::net {

void keep_freed_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // glibc's maximum
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    ::mallopt(M_ARENA_MAX, 4);
}

}  // namespace skua::net
