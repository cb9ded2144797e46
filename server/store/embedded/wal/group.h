// SPDX-License-Identifier: Apache-2.0
// Records waiting for one commit, already laid out as chunks: the only copy a body is given before the disk. A group
// begins and ends with whole records; its chunks get their numbers and checksums when they are written, so a group can
// be written again elsewhere after a failure.
#pragma once

#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/wal/wal_format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

// Buffers of 1 MiB, a few of them kept for the next group. Thread-safe.
class SlabPool {
public:
    static constexpr std::size_t kSlabBytes = 1 << 20;
    explicit SlabPool(std::size_t keep) : keep_(keep) {}
    AlignedBuffer take();
    void give_back(std::vector<AlignedBuffer> slabs);
    // Frees what is kept.
    void trim();

private:
    const std::size_t keep_;
    std::mutex mutex_;
    std::vector<AlignedBuffer> free_;  // guarded by mutex_
};

// What the caller of Wal::enqueue gets back when the commit is done.
class WalTicket {
public:
    virtual ~WalTicket() = default;
};

class WalGroup {
public:
    struct Chunk {
        std::uint32_t payload_bytes = 0;
        std::uint32_t first_record_offset = kWalNoRecord;
        std::uint32_t records_before = 0;  // of this group, begun in earlier chunks
    };

    explicit WalGroup(SlabPool& pool) : pool_(pool) {}
    ~WalGroup() { pool_.give_back(std::move(slabs_)); }
    WalGroup(const WalGroup&) = delete;
    WalGroup& operator=(const WalGroup&) = delete;

    void add(const WalRecord& record, std::unique_ptr<WalTicket> ticket);
    // A chunk without payload: carries only what its header says.
    void add_empty_chunk();

    [[nodiscard]] bool empty() const { return records_ == 0; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint32_t records() const { return records_; }
    [[nodiscard]] const std::vector<Chunk>& chunks() const { return chunks_; }
    // Where chunk i stands, kWalChunkMax bytes; kSlabBytes / kWalChunkMax chunks are neighbours in memory.
    char* chunk_data(std::size_t i);
    std::vector<std::unique_ptr<WalTicket>>& tickets() { return tickets_; }

private:
    static constexpr std::size_t kChunksPerSlab = SlabPool::kSlabBytes / kWalChunkMax;
    void put(std::string_view bytes);

    SlabPool& pool_;
    std::vector<AlignedBuffer> slabs_;
    std::vector<Chunk> chunks_;
    std::vector<std::unique_ptr<WalTicket>> tickets_;
    std::uint64_t bytes_ = 0;  // payload
    std::uint32_t records_ = 0;
};

}  // namespace skua::store::embedded
