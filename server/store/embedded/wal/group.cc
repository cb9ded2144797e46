// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/group.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace skua::store::embedded {

AlignedBuffer SlabPool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            AlignedBuffer slab = std::move(free_.back());
            free_.pop_back();
            return slab;
        }
    }
    return AlignedBuffer(kSlabBytes);
}

void SlabPool::give_back(std::vector<AlignedBuffer> slabs) {
    const std::lock_guard lock(mutex_);
    for (AlignedBuffer& slab : slabs) {
        if (free_.size() < keep_) free_.push_back(std::move(slab));
    }
}

void SlabPool::trim() {
    const std::lock_guard lock(mutex_);
    free_.clear();
}

char* WalGroup::chunk_data(std::size_t i) {
    return slabs_[i / kChunksPerSlab].data() + i % kChunksPerSlab * kWalChunkMax;
}

void WalGroup::put(std::string_view bytes) {
    while (!bytes.empty()) {
        if (chunks_.empty() || chunks_.back().payload_bytes == kWalPayloadMax) {
            if (chunks_.size() % kChunksPerSlab == 0) slabs_.push_back(pool_.take());
            chunks_.emplace_back().records_before = records_;
        }
        Chunk& chunk = chunks_.back();
        const std::size_t n = std::min(bytes.size(), kWalPayloadMax - chunk.payload_bytes);
        std::memcpy(chunk_data(chunks_.size() - 1) + kWalHeaderBytes + chunk.payload_bytes, bytes.data(), n);
        chunk.payload_bytes += static_cast<std::uint32_t>(n);
        bytes.remove_prefix(n);
    }
}

void WalGroup::add_empty_chunk() {
    if (chunks_.size() % kChunksPerSlab == 0) slabs_.push_back(pool_.take());
    chunks_.emplace_back().records_before = records_;
}

void WalGroup::add(const WalRecord& record, std::unique_ptr<WalTicket> ticket) {
    char header[kWalRecordHeaderBytes];
    encode_record_header(record, header);
    // The record begins in the chunk that takes its first byte.
    const bool new_chunk = chunks_.empty() || chunks_.back().payload_bytes == kWalPayloadMax;
    const std::size_t begins_in = new_chunk ? chunks_.size() : chunks_.size() - 1;
    const std::uint32_t offset = new_chunk ? 0 : chunks_.back().payload_bytes;
    put({header, sizeof header});
    if (chunks_[begins_in].first_record_offset == kWalNoRecord) {
        chunks_[begins_in].first_record_offset = offset;
        chunks_[begins_in].records_before = records_;
    }
    ++records_;
    for (std::size_t i = begins_in + 1; i < chunks_.size(); ++i) chunks_[i].records_before = records_;
    put(record.limits);
    put(record.body);
    bytes_ += kWalRecordHeaderBytes + record.limits.size() + record.body.size();
    tickets_.push_back(std::move(ticket));
}

}  // namespace skua::store::embedded
