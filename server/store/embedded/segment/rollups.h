// SPDX-License-Identifier: Apache-2.0
// The rollups of a segment on disk: cells by minute and key, in blocks that stand alone.
#pragma once

#include "base/result.h"
#include "store/rollup.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

struct RollupBlock {
    std::uint64_t minute_min_ns = 0;
    std::uint64_t minute_max_ns = 0;
    std::uint64_t offset = 0;  // from the section's start
    std::uint32_t stored = 0;
    std::uint32_t raw = 0;
    std::uint32_t crc = 0;
};

// The list of blocks, itself a section.
void encode_rollup_blocks(const std::vector<RollupBlock>& blocks, std::string& out);
bool decode_rollup_blocks(std::string_view in, std::vector<RollupBlock>& out);

// Cells of a block without its frame. False: not such a block.
bool decode_rollup_cells(std::string_view raw, std::vector<RollupCell>& out);

// Takes cells by minute and key; `out` may be emptied between calls.
class RollupWriter {
public:
    void add(const RollupCell& cell, std::string& out);
    std::vector<RollupBlock> finish(std::string& out);

private:
    void close_block(std::string& out);

    std::vector<RollupCell> cells_;
    std::vector<RollupBlock> blocks_;
    std::uint64_t offset_ = 0;
};

// Sources of cells in order, as one; cells of equal minute and key become one. What is more than
// kRollupCellsPerMinute of a minute is added to the minute's `other`.
class RollupMerger {
public:
    // Gives the next cells in order; nothing at the end.
    using Source = std::function<base::Result<std::vector<RollupCell>>()>;
    explicit RollupMerger(std::vector<Source> sources);
    // What is to be taken away, by minute and key.
    void subtract(std::vector<RollupCell> cells) { gone_ = std::move(cells); }
    // The cells of the next minute; nothing at the end.
    base::Result<std::vector<RollupCell>> next_minute();

private:
    struct Input {
        Source source;
        std::vector<RollupCell> cells;
        std::size_t at = 0;
        bool ended = false;
    };
    static base::Status fill(Input& input);
    base::Result<std::vector<RollupCell>> one_minute(bool& ended);

    std::vector<Input> inputs_;
    std::vector<RollupCell> gone_;
    std::size_t gone_at_ = 0;
};

}  // namespace skua::store::embedded
