// SPDX-License-Identifier: Apache-2.0
// What is read as a manifest must be written as one that reads the same. Checksums are all the same here.
#include "store/embedded/manifest/manifest.h"

#include <cstdlib>

using namespace skua::store::embedded;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto first = decode_manifest({reinterpret_cast<const char*>(data), size}, "m");
    if (!first.ok()) {
        if (first.error().message.find("m") == std::string::npos) std::abort();
        return 0;
    }
    const auto second = decode_manifest(encode_manifest(*first), "m");
    if (!second.ok() || second->segments != first->segments || second->dropped != first->dropped ||
        second->number != first->number || second->released_generation != first->released_generation ||
        second->next_segment_id != first->next_segment_id || second->store_id != first->store_id) {
        std::abort();
    }
    return 0;
}
