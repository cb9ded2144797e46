// SPDX-License-Identifier: Apache-2.0
// Writes what the fuzzers of the store's files start from: fuzz_store_corpus fuzz/corpus
// To be run again when a format changes.
#include "base/clock.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/manifest/manifest.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/testing.h"
#include "store/embedded/wal/wal.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace skua;
using namespace skua::store::embedded;

namespace {

void save(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void manifests(const std::filesystem::path& folder) {
    Manifest manifest;
    manifest.number = 3;
    save(folder / "empty", encode_manifest(manifest));
    for (std::uint64_t id = 1; id < 4; ++id) {
        SegmentEntry entry;
        entry.id = id;
        entry.format_version = 1;
        entry.rows = 10;
        entry.files = {{"seg/a" + std::to_string(id), 100}, {"seg/b", 7}};
        entry.extra = "x";
        manifest.segments.push_back(std::move(entry));
    }
    manifest.dropped = {"seg/gone"};
    save(folder / "segments", encode_manifest(manifest));
}

struct Nobody final : WalListener {
    void group_done(std::vector<std::unique_ptr<WalTicket>>& /*tickets*/, const base::Status& /*status*/) override {}
};

void logs(const std::filesystem::path& folder) {
    // Small records, one that spans chunks, one that spans files.
    for (const std::size_t large : {std::size_t{10}, std::size_t{70'000}, std::size_t{140'000}}) {
        MemDisk disk(std::uint64_t{64} << 20);
        if (!disk.make_dir(kWalFolder).ok()) std::abort();
        Nobody nobody;
        WalOptions options;
        options.ring.file_bytes = kWalBlock + 2 * kWalChunkMax;
        options.ring.spare_files = 0;
        Wal wal(disk, StoreId{}, options, base::system_clock(), nobody);
        wal.start_generation(1, 42);
        for (const std::size_t size : {std::size_t{5}, large, std::size_t{300}}) {
            const std::string body(size, 'b');
            WalRecord record;
            record.received_ns = 1;
            record.limits = "L";
            record.body = body;
            std::unique_ptr<WalTicket> none;
            if (!wal.enqueue(record, std::move(none)).ok()) std::abort();
            wal.commit_next();
        }
        const std::string first = read_whole(disk, wal_file_name(1), 1 << 24).value();
        const auto second = read_whole(disk, wal_file_name(2), 1 << 24);
        std::string input(1, static_cast<char>(first.size() / kWalBlock));
        input += first;
        if (second.ok()) input += *second;
        while (input.size() > kWalBlock + 1 && input.back() == '\0') input.pop_back();
        save(folder / ("record-" + std::to_string(large)), input);
    }
}

void segments(const std::filesystem::path& folder) {
    for (const std::size_t spans : {std::size_t{1}, std::size_t{12}, std::size_t{60}}) {
        MemDisk disk(std::uint64_t{64} << 20);
        DiskFiles files(disk);
        SpanData data{SpanDataOptions{}};
        const BatchDecoder decoder;
        RandomSpans options;
        options.traces = 4;
        options.seed = spans;
        SpanMaker maker(options);
        const auto head = data.new_head(1).value();
        const model::SpanBatch batch = maker.batch(spans);
        const StagedRows rows = head->stage(0, body_of(batch), decoder).value();
        head->commit(0, rows);
        SealInput input;
        input.head = {1, head, {rows.end, 0}};
        const auto entries = data.seal(input, files).value();
        save(folder / ("spans-" + std::to_string(spans)),
             read_whole(disk, entries.front().files.front().name, 1 << 24).value());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    manifests(folder / "manifest");
    logs(folder / "wal_reader");
    segments(folder / "segment");
    return 0;
}
