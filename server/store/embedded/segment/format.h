// SPDX-License-Identifier: Apache-2.0
// The layout of a segment file: constants and the footer. Described in docs/formats/segment.md.
#pragma once

#include "base/result.h"
#include "store/embedded/engine/data_half.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

inline constexpr std::string_view kSegmentMagic = "skuaseg\x01";  // first and last bytes of the file
inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::size_t kGranuleRows = 4096;
inline constexpr std::size_t kTailBytes = 16;  // u32 bytes of the footer, u32 its crc32c, magic

// Columns of a granule. Written to disk: never renumber. Fields have kColumnFields + their number.
enum class Column : std::uint32_t {
    kTraceIds = 0,
    kTraceRows = 1,
    kSpanIds = 2,
    kParents = 3,
    kFarParents = 4,
    kStarts = 5,
    kDurations = 6,
    kShapes = 7,
    kResources = 8,
    kSummaries = 9,
};
inline constexpr std::uint32_t kColumnFields = 16;

// Of kStarts and kDurations.
enum class TimeMode : std::uint8_t { kDeltas = 0, kPlain = 1 };
// Of a text field's column.
enum class TextMode : std::uint8_t { kDictionary = 0, kTexts = 1 };

// Parents: codes below kParentNear, else the distance to the parent's row, zigzagged.
inline constexpr std::uint64_t kParentNone = 0;
inline constexpr std::uint64_t kParentFar = 1;
inline constexpr std::uint64_t kParentNear = 2;

// Sections after the granules. Written to disk: never renumber.
enum class SectionId : std::uint8_t {
    kCatalog = 1,
    kStrings = 2,  // blocks, found by kStringBlocks
    kStringBlocks = 3,
    kGranules = 4,
    kTracePages = 5,  // found by kTraceDirectory
    kTraceDirectory = 6,
    kValuePages = 7,  // found by kValueDirectory
    kValueDirectory = 8,
    kDirectory = 9,  // operations and resources with their postings
    kRollups = 10,   // blocks, found by kRollupBlocks
    kEdges = 11,
    kRollupBlocks = 12,
    kLongestSpans = 13,  // of the operations of kDirectory; may be missing
};

struct Section {
    SectionId id = SectionId::kCatalog;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;
    std::uint64_t raw = 0;  // larger than stored: a zstd frame
    std::uint32_t crc = 0;  // of the stored bytes; 0 for paged sections, whose pages have their own
};

// The zone map of a granule and where it lies.
struct GranuleInfo {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  // of its columns; the directory follows them
    std::uint32_t directory_bytes = 0;
    std::uint32_t directory_crc = 0;
    std::uint32_t rows = 0;
    std::uint32_t traces = 0;
    std::uint64_t start_min_ns = 0;
    std::uint64_t start_max_ns = 0;
    std::uint64_t end_max_ns = 0;       // as found by: store/keys.h
    std::uint64_t duration_max_ns = 0;  // likewise
    // Traces of it, by number, that are to be skipped: a merge wrote them anew in another granule. Ascending.
    std::vector<std::uint32_t> dead;
    [[nodiscard]] bool is_dead(std::uint32_t trace) const {
        return std::binary_search(dead.begin(), dead.end(), trace);
    }
};

// Granules that share a catalog and texts: what was encoded in one go. Merges copy them as they are.
struct Part {
    std::uint32_t granules = 0;  // they follow those of the part before
    Section catalog;
    Section strings;
    Section string_blocks;
};

struct Footer {
    std::uint32_t version = kSegmentVersion;
    std::uint64_t id = 0;
    Lineage lineage;
    std::uint64_t rows = 0;
    std::uint64_t traces = 0;
    std::uint64_t duplicates = 0;  // dropped on the way here
    std::uint64_t start_min_ns = 0;
    std::uint64_t start_max_ns = 0;
    std::vector<Part> parts;
    std::vector<Section> sections;  // of the whole segment

    [[nodiscard]] const Section* section(SectionId id) const;
    void encode(std::string& out) const;
    // kInvalidArgument naming the version when it is another; kCorruption otherwise.
    static base::Result<Footer> decode(std::string_view in, const std::string& path);
};

void encode_granules(const std::vector<GranuleInfo>& granules, std::string& out);
bool decode_granules(std::string_view in, std::vector<GranuleInfo>& out);

// Blocks of texts: the numbers of the texts in one start where the block before it ends.
struct StringBlock {
    std::uint32_t first = 0;
    std::uint64_t offset = 0;  // from the section's start
    std::uint32_t stored = 0;
    std::uint32_t raw = 0;
    std::uint32_t crc = 0;
};
struct StringBlocks {
    std::vector<StringBlock> blocks;
    std::uint32_t count = 0;  // of all texts
    void encode(std::string& out) const;
    static bool decode(std::string_view in, StringBlocks& out);
};

}  // namespace skua::store::embedded
