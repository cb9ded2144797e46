// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/generation_log.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace skua::store::embedded {

namespace {

constexpr std::size_t kChunksPerRun = SlabPool::kSlabBytes / kWalChunkMax;

}  // namespace

void GenerationLog::encode(WalGroup& group) {
    for (std::size_t i = 0; i < group.chunks().size(); ++i) {
        const WalGroup::Chunk& chunk = group.chunks()[i];
        char* data = group.chunk_data(i);
        const std::size_t used = kWalHeaderBytes + chunk.payload_bytes;
        std::memset(data + used, 0, chunk_bytes_on_disk(chunk.payload_bytes) - used);
        WalChunkHeader header;
        header.generation = identity_.generation;
        header.number = next_chunk_ + i;
        header.synced = synced();
        header.payload_bytes = chunk.payload_bytes;
        header.first_record_offset = chunk.first_record_offset;
        header.first_record_number = next_record_ + chunk.records_before;
        header.previous_synced = identity_.previous_synced;
        header.payload_checksum =
            payload_checksum({data + kWalHeaderBytes, chunk.payload_bytes}, identity_.salt, header.number);
        encode_chunk_header(header, identity_.salt, data);
    }
}

base::Status GenerationLog::next_file() {
    // A failure here is no file's: the current one is only full.
    SKUA_ASSIGN_OR_RETURN(WalRing::Taken taken, ring_.take());
    file_ = std::move(taken.file);
    WalFileHeader header;
    {
        const std::lock_guard lock(files_mutex_);
        header.index = static_cast<std::uint32_t>(files_.size());
        files_.push_back({std::move(taken.name)});
    }
    header.generation = identity_.generation;
    header.salt = identity_.salt;
    header.store_id = identity_.store_id;
    header.file_bytes = ring_.options().file_bytes;
    AlignedBuffer block(kWalBlock);
    encode_file_header(header, block.bytes());
    offset_ = kWalBlock;
    if (file_->write_mode() == WriteMode::kBuffered) dirty_.push_back(file_);
    auto status = file_->write_at(0, {block.data(), block.size()});
    if (!status.ok()) failed_ = file_;
    return status;
}

base::Status GenerationLog::write_chunks(WalGroup& group) {
    const auto& chunks = group.chunks();
    const std::uint64_t file_bytes = ring_.options().file_bytes;
    std::size_t i = 0;
    while (i < chunks.size()) {
        if (!file_ || offset_ + chunk_bytes_on_disk(chunks[i].payload_bytes) > file_bytes) {
            SKUA_RETURN_IF_ERROR(next_file());
        }
        // Neighbours in memory go out in one write; all but a group's last chunk are full.
        std::size_t end = i;
        std::uint64_t bytes = 0;
        do {
            bytes += chunk_bytes_on_disk(chunks[end].payload_bytes);
            ++end;
        } while (end < chunks.size() && end % kChunksPerRun != 0 &&
                 offset_ + bytes + chunk_bytes_on_disk(chunks[end].payload_bytes) <= file_bytes);
        const std::uint64_t at = offset_;
        offset_ += bytes;  // even when it fails: what may have reached the disk is not written over
        if (file_->write_mode() == WriteMode::kBuffered && (dirty_.empty() || dirty_.back() != file_)) {
            dirty_.push_back(file_);
        }
        if (auto status = file_->write_at(at, {group.chunk_data(i), static_cast<std::size_t>(bytes)}); !status.ok()) {
            failed_ = file_;
            return status;
        }
        i = end;
    }
    return sync_each_ ? sync_dirty() : base::Status();
}

base::Status GenerationLog::sync_dirty() {
    while (!dirty_.empty()) {
        if (auto status = dirty_.front()->sync(); !status.ok()) {
            failed_ = dirty_.front();
            return status;
        }
        dirty_.erase(dirty_.begin());
    }
    return {};
}

void GenerationLog::give_up(const std::shared_ptr<File>& file) {
    if (!file) return;
    const std::lock_guard lock(files_mutex_);
    for (LogFile& log_file : files_) {
        if (file->path().ends_with(log_file.name)) log_file.is_dead = true;
    }
    std::erase(dirty_, file);
    if (file_ == file) file_.reset();
    // Earlier groups in it were acknowledged without a sync, which now cannot be made up for.
    if (!sync_each_) wants_seal_.store(true, std::memory_order_relaxed);
}

base::Status GenerationLog::write(WalGroup& group) {
    encode(group);
    failed_.reset();
    if (auto status = write_chunks(group); !status.ok()) {
        give_up(failed_);
        return status;
    }
    next_chunk_ += group.chunks().size();
    next_record_ += group.records();
    payload_bytes_.fetch_add(group.bytes(), std::memory_order_relaxed);
    if (sync_each_) synced_.store(next_chunk_ - 1, std::memory_order_relaxed);
    return {};
}

base::Status GenerationLog::sync() {
    failed_.reset();
    if (auto status = sync_dirty(); !status.ok()) {
        give_up(failed_);
        return status;
    }
    if (!wants_seal()) synced_.store(next_chunk_ - 1, std::memory_order_relaxed);
    return {};
}

base::Status GenerationLog::write_mark(SlabPool& pool) {
    if (synced() == 0) return {};
    const std::uint64_t upto = synced();
    WalGroup mark(pool);
    mark.add_empty_chunk();
    SKUA_RETURN_IF_ERROR(write(mark));
    marked_at_ = sync_each_ ? upto + 1 : upto;
    return {};
}

}  // namespace skua::store::embedded
