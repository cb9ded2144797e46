// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/rollups.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/zstd.h"

#include <algorithm>
#include <limits>
#include <map>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kCellsPerBlock = 4096;
constexpr std::uint64_t kBlockMax = std::uint64_t{1} << 28;

}  // namespace

void encode_rollup_blocks(const std::vector<RollupBlock>& blocks, std::string& out) {
    ByteWriter w(out);
    w.varint(blocks.size());
    for (const RollupBlock& b : blocks) {
        w.varint(b.minute_min_ns / kRollupMinuteNs);
        w.varint((b.minute_max_ns - b.minute_min_ns) / kRollupMinuteNs);
        w.varint(b.stored);
        w.varint(b.raw);
        w.u32(b.crc);
    }
}

bool decode_rollup_blocks(std::string_view bytes, std::vector<RollupBlock>& out) {
    constexpr std::uint64_t kMinutesMax = std::numeric_limits<std::uint64_t>::max() / kRollupMinuteNs;
    ByteReader in(bytes);
    out.resize(static_cast<std::size_t>(in.bounded(in.remaining() / 8)));
    std::uint64_t offset = 0;
    for (RollupBlock& b : out) {
        const std::uint64_t first = in.bounded(kMinutesMax);
        b.minute_min_ns = first * kRollupMinuteNs;
        b.minute_max_ns = (first + in.bounded(kMinutesMax - first)) * kRollupMinuteNs;
        b.offset = offset;
        b.stored = static_cast<std::uint32_t>(in.bounded(kBlockMax));
        b.raw = static_cast<std::uint32_t>(in.bounded(kBlockMax));
        b.crc = in.u32();
        offset += b.stored;
    }
    return in.ok() && in.remaining() == 0;
}

void RollupWriter::add(const RollupCell& cell, std::string& out) {
    cells_.push_back(cell);
    if (cells_.size() >= kCellsPerBlock) close_block(out);
}

std::vector<RollupBlock> RollupWriter::finish(std::string& out) {
    if (!cells_.empty()) close_block(out);
    return std::move(blocks_);
}

void RollupWriter::close_block(std::string& out) {
    std::map<RollupKey, std::size_t> keys;
    for (const RollupCell& cell : cells_) keys.emplace(cell.key, 0);
    std::string raw;
    ByteWriter w(raw);
    w.varint(keys.size());
    std::size_t number = 0;
    for (auto& [key, place] : keys) {
        place = number++;
        w.u8(key.other ? 1 : 0);
        w.string(key.service);
        w.string(key.name);
        w.string(key.kind);
    }
    w.varint(cells_.size());
    std::uint64_t minute = 0;
    for (const RollupCell& cell : cells_) {
        const std::uint64_t own = cell.minute_ns / kRollupMinuteNs;
        w.varint(own - minute);
        minute = own;
        w.varint(keys[cell.key]);
        w.varint(cell.spans);
        w.varint(cell.errors);
        w.varint(cell.duration_sum_ns);
        w.varint(cell.duration_max_ns);
        w.varint(cell.durations.size());
        for (const DurationCount& d : cell.durations) {
            w.u8(d.bucket);
            w.varint(d.spans);
        }
    }
    RollupBlock block;
    block.minute_min_ns = cells_.front().minute_ns;
    block.minute_max_ns = cells_.back().minute_ns;
    block.offset = offset_;
    block.raw = static_cast<std::uint32_t>(raw.size());
    const std::size_t begin = out.size();
    zstd_append(raw, out);
    if (out.size() - begin >= raw.size()) {
        out.resize(begin);
        out += raw;
    }
    block.stored = static_cast<std::uint32_t>(out.size() - begin);
    block.crc = crc32c(std::string_view(out).substr(begin));
    offset_ += block.stored;
    blocks_.push_back(block);
    cells_.clear();
}

bool decode_rollup_cells(std::string_view raw, std::vector<RollupCell>& out) {
    ByteReader in(raw);
    std::vector<RollupKey> keys(static_cast<std::size_t>(in.bounded(in.remaining() / 4)));
    for (RollupKey& key : keys) {
        key.other = in.u8() != 0;
        key.service = in.string();
        key.name = in.string();
        key.kind = in.string();
        if (!in.ok()) return false;
    }
    const std::uint64_t count = in.bounded(in.remaining() / 7);
    std::uint64_t minute = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        RollupCell cell;
        minute += in.varint();
        cell.minute_ns = minute * kRollupMinuteNs;
        const std::uint64_t key = in.varint();
        if (!in.ok() || key >= keys.size()) return false;
        cell.key = keys[static_cast<std::size_t>(key)];
        cell.spans = in.varint();
        cell.errors = in.varint();
        cell.duration_sum_ns = in.varint();
        cell.duration_max_ns = in.varint();
        cell.durations.resize(static_cast<std::size_t>(in.bounded(kDurationBuckets)));
        for (DurationCount& d : cell.durations) {
            d.bucket = in.u8();
            d.spans = in.varint();
            if (d.bucket >= kDurationBuckets) return false;
        }
        if (!in.ok()) return false;
        out.push_back(std::move(cell));
    }
    return in.ok() && in.remaining() == 0;
}

RollupMerger::RollupMerger(std::vector<Source> sources) {
    for (Source& source : sources) inputs_.push_back({std::move(source), {}, 0, false});
}

base::Status RollupMerger::fill(Input& input) {
    while (!input.ended && input.at == input.cells.size()) {
        SKUA_ASSIGN_OR_RETURN(input.cells, input.source());
        input.at = 0;
        input.ended = input.cells.empty();
    }
    return {};
}

base::Result<std::vector<RollupCell>> RollupMerger::next_minute() {
    for (;;) {
        bool ended = false;
        SKUA_ASSIGN_OR_RETURN(std::vector<RollupCell> cells, one_minute(ended));
        // A minute that was emptied is not the end.
        if (ended || !cells.empty()) return cells;
    }
}

base::Result<std::vector<RollupCell>> RollupMerger::one_minute(bool& ended) {
    std::optional<std::uint64_t> minute;
    for (Input& input : inputs_) {
        SKUA_RETURN_IF_ERROR(fill(input));
        if (!input.ended) minute = std::min(minute.value_or(~std::uint64_t{0}), input.cells[input.at].minute_ns);
    }
    ended = !minute;
    if (ended) return std::vector<RollupCell>();
    std::map<RollupKey, RollupCell> cells;
    RollupKey other;
    other.other = true;
    const auto add = [&](const RollupCell& cell) {
        const bool full = cells.size() >= kRollupCellsPerMinute && !cells.contains(cell.key);
        const auto [at, created] = cells.try_emplace(full ? other : cell.key, cell);
        at->second.key = at->first;
        if (!created) add_cell(at->second, cell);
    };
    for (Input& input : inputs_) {
        while (!input.ended && input.cells[input.at].minute_ns == *minute) {
            add(input.cells[input.at++]);
            SKUA_RETURN_IF_ERROR(fill(input));
        }
    }
    for (; gone_at_ < gone_.size() && gone_[gone_at_].minute_ns <= *minute; ++gone_at_) {
        if (gone_[gone_at_].minute_ns < *minute) continue;
        auto at = cells.find(gone_[gone_at_].key);
        if (at == cells.end()) at = cells.find(other);
        if (at != cells.end()) subtract_cell(at->second, gone_[gone_at_]);
    }
    std::vector<RollupCell> out;
    for (auto& [key, cell] : cells) {
        if (cell.spans > 0) out.push_back(std::move(cell));
    }
    return out;
}

}  // namespace skua::store::embedded
