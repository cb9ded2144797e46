// SPDX-License-Identifier: Apache-2.0
// Log files as a start finds them: the first byte says how many blocks go into the first of two files, the rest are
// the files. Checksums are all the same here (testing_no_checksums.cc), so that inputs get past them.
#include "store/embedded/wal/wal_reader.h"

#include "store/embedded/io/mem_disk.h"
#include "store/embedded/wal/ring.h"

#include <algorithm>
#include <cstdlib>

using namespace skua;
using namespace skua::store::embedded;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view files(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = std::min<std::size_t>(data[0] * kWalBlock, files.size());
    MemDisk disk(std::uint64_t{64} << 20);
    if (!disk.make_dir(kWalFolder).ok()) std::abort();
    if (!write_whole(disk, wal_file_name(1), files.substr(0, cut)).ok()) std::abort();
    if (!write_whole(disk, wal_file_name(2), files.substr(cut)).ok()) std::abort();
    auto scan = scan_wal(disk, StoreId{}, 0);
    if (!scan.ok()) {
        if (scan.error().message.empty()) std::abort();
        return 0;
    }
    for (RecoveredGeneration& generation : scan->generations) {
        std::uint64_t last = 0;
        std::size_t bytes = 0;
        const auto replayed =
            replay_wal(disk, generation, [&](const WalRecord& record, std::uint64_t number) -> base::Status {
                for (const char c : record.limits) bytes += static_cast<unsigned char>(c) != 0;
                for (const char c : record.body) bytes += static_cast<unsigned char>(c) != 0;
                last = number;
                return {};
            });
        if (!replayed.ok() || bytes > size) std::abort();
        for (const WalDamage& damage : generation.damage) {
            if (damage.file.empty() || damage.what.empty()) std::abort();
        }
        (void)last;
    }
    return 0;
}
