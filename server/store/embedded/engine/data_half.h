// SPDX-License-Identifier: Apache-2.0
// The seam between the two halves of the embedded store. The engine owns durability: WAL, generations, publication,
// manifest, retention, threads. The data half owns bytes: rows, encodings, indexes, and all that queries read. The
// engine calls the interfaces below; it never looks into a row.
//
// One request, in order (engine on the left):
//   Head::stage          decode into rows nobody sees; one shard's lock is held until the record has its place in the
//   WAL WAL group commit     many requests Head::commit         for each request of the group, in WAL order View
//   published       row counts now include them; then the client gets its OK
// A request that fails after stage is undone with Head::unstage (still the shard's last) or Head::kill (others follow).
//
// One generation: filled as above, closed (its writers have left), sealed by DataHalf::seal, published in one manifest
// edit, forgotten: the Head dies with the last View that holds it.
#pragma once

#include "base/result.h"
#include "model/ingest.h"
#include "store/embedded/io/disk.h"
#include "store/embedded/manifest/segment_entry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

// Chosen by try-lock, whatever the number of threads.
inline constexpr std::size_t kHeadShards = 2;

// Rows [begin, end) of one shard: what one request added.
struct StagedRows {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    model::DecodeCounts counts;
};

// The raw rows of one generation.
class Head {
public:
    virtual ~Head() = default;
    // Decodes the body and appends its rows to the shard, visible to nobody. On failure nothing is left behind:
    // kInvalidArgument from the decoder, kResourceExhausted when a budget of the head is reached (the engine then seals
    // and asks the client to come back), kTooLarge when even an empty head could not take it.
    // One caller per shard at a time, the engine's lock held; both shards may be staged at once.
    virtual base::Result<StagedRows> stage(std::size_t shard, const model::RawBody& body,
                                           const model::Decoder& decoder) = 0;
    // Takes back the shard's latest stage(); same lock held.
    virtual void unstage(std::size_t shard, const StagedRows& rows) = 0;
    // The rows are durable and become visible with the next View. Called in WAL order, so `rows.end` only grows in each
    // shard; one caller at a time, while other threads stage.
    virtual void commit(std::size_t shard, const StagedRows& rows) = 0;
    // The rows could not be made durable and were refused: queries and the seal skip them. As commit().
    virtual void kill(std::size_t shard, const StagedRows& rows) = 0;
    // Memory this head holds, arenas and dictionaries included. Any thread, cheap.
    [[nodiscard]] virtual std::uint64_t bytes() const = 0;
    // Traces in it; one may count twice. Any thread, cheap.
    [[nodiscard]] virtual std::uint64_t traces() const = 0;
    // A dictionary or another bound of its own says that it is time to seal. Any thread, cheap.
    [[nodiscard]] virtual bool wants_seal() const = 0;
};

// A head as one view sees it.
struct HeadView {
    std::uint64_t generation = 0;
    std::shared_ptr<const Head> head;
    std::array<std::uint32_t, kHeadShards> rows{};  // of each shard, the committed ones (some may be killed)
};

// An open segment. Its files may be unlinked once no View holds it, not before.
class Segment {
public:
    explicit Segment(SegmentEntry entry) : entry_(std::move(entry)) {}
    virtual ~Segment() = default;
    [[nodiscard]] const SegmentEntry& entry() const { return entry_; }

private:
    const SegmentEntry entry_;
};
using Segments = std::vector<std::shared_ptr<const Segment>>;  // by generation_min, then id

// All a query may see, each row exactly once; immutable. A query holds one from its first to its last byte.
struct View {
    // Grows when answers may have changed: with commits and removals, not with seals and compactions. Starts anywhere.
    std::uint64_t number = 0;
    std::uint64_t manifest_number = 0;  // grows when segments change
    std::vector<HeadView> heads;        // oldest first, at most two in ordinary life
    std::shared_ptr<const Segments> segments;
};

// Where seals and compactions put their files. The engine names them, syncs them, moves them into place and syncs the
// folder, all before the manifest names them; after a failure it removes them.
class SegmentFiles {
public:
    virtual ~SegmentFiles() = default;
    struct Created {
        File* file = nullptr;  // open for writing until seal() or compact() returns
        std::string name;      // its name once published, for SegmentEntry::files
    };
    // A new segment id for an entry.
    virtual std::uint64_t new_id() = 0;
    // Suffix without dot, "seg" or "idx". One file per id and suffix.
    virtual base::Result<Created> create(std::uint64_t id, std::string_view suffix) = 0;
};

// For the footers: with it a manifest can be made from the segments alone.
struct Lineage {
    StoreId store_id{};
    std::uint64_t generation_min = 0;
    std::uint64_t generation_max = 0;
    std::int64_t arrival_min_ns = 0;
    std::int64_t arrival_max_ns = 0;
    std::uint32_t level = 0;
    std::vector<std::uint64_t> replaces;
};

struct SealInput {
    HeadView head;  // closed: nobody writes to it; killed rows are skipped
    Lineage lineage;
    std::shared_ptr<const View> view;  // of this moment, for probing older segments
    std::stop_token stop;              // give up with kCancelled: the store is closing in a hurry
    std::uint64_t segment_bytes_max = 0;
};

struct CompactInput {
    Segments inputs;  // neighbours by generation
    Lineage lineage;  // level: of the output
    std::shared_ptr<const View> view;
    std::stop_token stop;
    std::uint64_t segment_bytes_max = 0;
};

// Threads: new_head, open and describe from any; seal from the sealer, compact from the compactor, at the same time.
class DataHalf {
public:
    virtual ~DataHalf() = default;
    virtual base::Result<std::shared_ptr<Head>> new_head(std::uint64_t generation) = 0;
    // Sorts, encodes and writes the head: zero (nothing alive in it), one or more entries. The engine fills the fields
    // of `lineage` into them; the data half writes it into the footers and fills the rest.
    virtual base::Result<std::vector<SegmentEntry>> seal(const SealInput& input, SegmentFiles& files) = 0;
    // Merges. Outputs may name files of the inputs again; those stay.
    virtual base::Result<std::vector<SegmentEntry>> compact(const CompactInput& input, SegmentFiles& files) = 0;
    // Bytes it may write for these inputs, an upper bound: compaction starts only if that fits above the free-disk
    // floor.
    [[nodiscard]] virtual std::uint64_t compaction_bytes_max(std::span<const SegmentEntry* const> inputs) const = 0;
    // Opens for reading; cheap (footers are read on demand through the cache). kInvalidArgument naming the version when
    // the format is not known here.
    virtual base::Result<std::shared_ptr<const Segment>> open(Disk& disk, const SegmentEntry& entry) = 0;
    // The entry of a file of seg/ from its footer, `replaces` and lineage included. Nothing for a file without footer
    // (it belongs to whoever lists it). kCorruption when it has one that cannot be trusted.
    virtual base::Result<std::optional<SegmentEntry>> describe(Disk& disk, const std::string& name,
                                                               const StoreId& store_id) = 0;
    // Reads everything and compares checksums, for `skua verify`.
    virtual base::Status verify(Disk& disk, const SegmentEntry& entry) = 0;
    // Accounted memory besides the heads: caches, scratch.
    [[nodiscard]] virtual std::uint64_t bytes() const = 0;
    // No request came for a while: gives back what is kept for the next ones. Any thread.
    virtual void trim() {}
};

}  // namespace skua::store::embedded
