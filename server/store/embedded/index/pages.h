// SPDX-License-Identifier: Apache-2.0
// Sorted 64-bit hashes with a number each, in pages that are read one at a time: where a hash may be found.
//
// Format: docs/formats/segment.md, "Hash pages". A page holds the hashes of one range; within it only `fingerprint`
// bits more are kept, so that a hash that was never added is found now and then (once in 2^(fingerprint bits) / entries
// of a page probes): callers look again at what they find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

struct HashEntry {
    std::uint64_t hash = 0;
    std::uint32_t number = 0;
};

struct HashPage {
    std::uint64_t offset = 0;  // from the first page
    std::uint32_t bytes = 0;
    std::uint32_t crc = 0;
};

// The directory of the pages; lives in a section of its own.
struct HashPages {
    unsigned page_bits = 0;         // leading bits of a hash choose its page
    unsigned fingerprint_bits = 0;  // that follow them
    unsigned number_bits = 0;
    std::vector<HashPage> pages;  // 2^page_bits

    void encode(std::string& out) const;
    static bool decode(std::string_view in, HashPages& out);
    [[nodiscard]] std::size_t page_of(std::uint64_t hash) const {
        return page_bits == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - page_bits));
    }
};

// Sorts `entries`. `spare_bits`: of the fingerprint beyond log2(entries). Appends the pages to `out`.
HashPages build_hash_pages(std::vector<HashEntry>& entries, unsigned spare_bits, std::string& out);

// Numbers of the hash in its page, ascending. False: not such a page.
bool find_in_page(const HashPages& pages, std::string_view page, std::uint64_t hash, std::vector<std::uint32_t>& out);

}  // namespace skua::store::embedded
