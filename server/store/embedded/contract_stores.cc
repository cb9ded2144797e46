// SPDX-License-Identifier: Apache-2.0
// The embedded store under the contract's suite: in memory, on disk, sealing after every request, merging all the time.
#include "base/clock.h"
#include "store/contract/span_text.h"
#include "store/contract/stores.h"
#include "store/embedded/store.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

namespace skua::store::testing {

namespace {

// A folder of this process, gone when it ends.
struct Root {
    std::filesystem::path path =
        std::filesystem::path(SKUA_BINARY_DIR) / ("contract_stores." + std::to_string(::getpid()));
    Root() = default;
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

const std::filesystem::path& root() {
    static const Root kRoot;
    return kRoot.path;
}

std::unique_ptr<SpanStore> open(bool on_disk, bool seal_always, bool merge_always = false) {
    static const SpanTextDecoder kDecoder;
    static int count = 0;
    embedded::EmbeddedStoreOptions options;
    if (on_disk) options.path = (root() / std::to_string(count++)).string();
    options.engine.decoder_for = [](model::Door, model::Encoding, std::uint16_t) { return &kDecoder; };
    options.engine.wal.ring.file_bytes = 1 << 20;
    options.engine.wal.ring.spare_files = 0;
    options.engine.reserve_bytes = 4096;
    options.engine.retention.age_ns = 0;  // the suite's spans are of any time
    if (seal_always) options.engine.head_bytes_max = 1;
    if (merge_always) {
        options.engine.compact_fanout = 2;
        options.engine.compact_rest_ns = 100'000;
        options.data.merge.small_part_bytes = 1500;  // some are copied, some written anew
    }
    auto opened = embedded::EmbeddedStore::open(options, base::system_clock());
    if (!opened.ok()) {
        std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        std::abort();
    }
    return std::move(opened).value();
}

}  // namespace

const std::vector<StoreKind>& all_stores() {
    static const std::vector<StoreKind> kStores = {
        {"memory", [] { return open(false, false); }},
        {"memory_sealing", [] { return open(false, true); }},
        {"memory_merging", [] { return open(false, true, true); }},
        {"disk", [] { return open(true, false); }},
        {"disk_sealing", [] { return open(true, true); }},
        {"disk_merging", [] { return open(true, true, true); }},
    };
    return kStores;
}

}  // namespace skua::store::testing
