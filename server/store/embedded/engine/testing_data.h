// SPDX-License-Identifier: Apache-2.0
// A data half for tests: rows are words, bodies are words with blanks between, segments are files of words. It keeps
// every promise of data_half.h and nothing more, so that the engine is proved by itself.
#pragma once

#include "store/embedded/engine/data_half.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace skua::store::embedded::testing {

class WordHead final : public Head {
public:
    explicit WordHead(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
    base::Result<StagedRows> stage(std::size_t shard, const model::RawBody& body,
                                   const model::Decoder& decoder) override;
    void unstage(std::size_t shard, const StagedRows& rows) override;
    void commit(std::size_t shard, const StagedRows& rows) override;
    void kill(std::size_t shard, const StagedRows& rows) override;
    [[nodiscard]] std::uint64_t bytes() const override { return bytes_; }
    [[nodiscard]] std::uint64_t traces() const override { return 0; }
    [[nodiscard]] bool wants_seal() const override { return false; }
    // The words of [0, rows) of each shard that are not killed.
    [[nodiscard]] std::vector<std::string> words(const HeadView& view) const;

private:
    const std::uint64_t bytes_max_;
    mutable std::mutex mutex_;
    // Guarded by mutex_.
    std::array<std::vector<std::string>, kHeadShards> rows_;
    std::array<std::set<std::uint32_t>, kHeadShards> killed_;
    std::atomic<std::uint64_t> bytes_{0};
};

class WordSegment final : public Segment {
public:
    WordSegment(SegmentEntry entry, std::vector<std::string> words)
        : Segment(std::move(entry)), words_(std::move(words)) {}
    [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

private:
    const std::vector<std::string> words_;
};

class WordData final : public DataHalf {
public:
    base::Result<std::shared_ptr<Head>> new_head(std::uint64_t generation) override;
    base::Result<std::vector<SegmentEntry>> seal(const SealInput& input, SegmentFiles& files) override;
    base::Result<std::vector<SegmentEntry>> compact(const CompactInput& input, SegmentFiles& files) override;
    [[nodiscard]] std::uint64_t compaction_bytes_max(std::span<const SegmentEntry* const> inputs) const override;
    base::Result<std::shared_ptr<const Segment>> open(Disk& disk, const SegmentEntry& entry) override;
    base::Result<std::optional<SegmentEntry>> describe(Disk& disk, const std::string& name,
                                                       const StoreId& store_id) override;
    base::Status verify(Disk& disk, const SegmentEntry& entry) override;
    [[nodiscard]] std::uint64_t bytes() const override { return 0; }

    std::uint64_t head_bytes_max = 1 << 30;
    std::set<std::uint64_t> damaged;  // segments that cannot be read any more
};

// Takes anything; the head does not ask it.
class AnyDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody&, model::SpanSink&) const override {
        return model::DecodeCounts{};
    }
};

// Every row of a view, as often as it is there.
std::vector<std::string> words_of(const View& view);

}  // namespace skua::store::embedded::testing
