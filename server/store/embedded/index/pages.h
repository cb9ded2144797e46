// SPDX-License-Identifier: Apache-2.0
// Sorted 64-bit hashes with a number each, in pages that are read one at a time: where a hash may be found.
//
// Format: docs/formats/segment.md, "Hash pages". A page holds the hashes of one range; within it only `fingerprint`
// bits more are kept, so that a hash that was never added is found now and then (once in 2^(fingerprint bits) / entries
// of a page probes): callers look again at what they find.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
    std::uint64_t entries = 0;
    std::vector<HashPage> pages;  // 2^page_bits

    void encode(std::string& out) const;
    static bool decode(std::string_view in, HashPages& out);
    // For so many entries with numbers up to `number_max`, of whose hashes `known_bits` are known.
    static HashPages layout(std::uint64_t entries, unsigned spare_bits, unsigned known_bits, std::uint32_t number_max);
    // The next page. `entries` are its, in order; the first page begins at `start` in `out`.
    void append_page(std::span<const HashEntry> entries, std::size_t start, std::string& out);
    [[nodiscard]] std::size_t page_of(std::uint64_t hash) const {
        return page_bits == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - page_bits));
    }
    // Leading bits of a hash that are kept in all.
    [[nodiscard]] unsigned kept_bits() const { return page_bits + fingerprint_bits; }
};

// Sorts `entries`. `spare_bits`: of the fingerprint beyond log2(entries). Appends the pages to `out`.
HashPages build_hash_pages(std::vector<HashEntry>& entries, unsigned spare_bits, std::string& out);

// Numbers of the hash in its page, ascending. False: not such a page.
bool find_in_page(const HashPages& pages, std::string_view page, std::uint64_t hash, std::vector<std::uint32_t>& out);
// All entries of the page in order; of the hashes the kept bits. False: not such a page.
bool read_page(const HashPages& pages, std::size_t number, std::string_view page, std::vector<HashEntry>& out);

// Entries in ascending order of the kept bits of their hashes.
class HashStream {
public:
    virtual ~HashStream() = default;
    // False: the end.
    virtual base::Result<bool> next(HashEntry& entry) = 0;
    // Appends all that have a hash up to `last`. Not to be mixed with next().
    virtual base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) = 0;
    // Upper bound of what comes, and how many leading bits of the hashes are known.
    [[nodiscard]] virtual std::uint64_t entries() const = 0;
    [[nodiscard]] virtual unsigned kept_bits() const = 0;
};

// Of entries that lie in memory; sorts them.
std::unique_ptr<HashStream> hash_stream(std::vector<HashEntry> entries);

// Several streams as one, in order of the bits that all of them keep, equal ones in order of their streams.
class MergedStream final : public HashStream {
public:
    explicit MergedStream(std::vector<std::unique_ptr<HashStream>> streams);
    base::Result<bool> next(HashEntry& entry) override;
    // By stream, and in each of them in order.
    base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) override;
    // The stream that the last entry came from.
    [[nodiscard]] std::size_t source() const { return source_; }
    [[nodiscard]] std::uint64_t entries() const override { return entries_; }
    [[nodiscard]] unsigned kept_bits() const override { return kept_; }

private:
    struct Place {
        HashEntry entry;
        std::size_t stream = 0;
    };
    static bool later(const Place& a, const Place& b) {
        return a.entry.hash != b.entry.hash ? a.entry.hash > b.entry.hash : a.stream > b.stream;
    }
    base::Status pull(std::size_t stream);

    std::vector<std::unique_ptr<HashStream>> streams_;
    std::vector<Place> heap_;
    bool started_ = false;
    std::uint64_t entries_ = 0;
    unsigned kept_ = 64;
    std::size_t source_ = 0;
};

// Makes the pages of a stream, one after the other.
class HashPagesWriter {
public:
    // Numbers are at most `number_max`. `stream` outlives the writer.
    HashPagesWriter(HashStream& stream, unsigned spare_bits, std::uint32_t number_max);
    // Appends the next page to `out`, which may be emptied between calls. False: there are no more.
    base::Result<bool> write_page(std::string& out);
    // After the last page.
    HashPages take() { return std::move(pages_); }

private:
    HashStream& stream_;
    HashPages pages_;
    std::uint64_t offset_ = 0;
    std::vector<HashEntry> page_;
    std::vector<HashEntry> other_;
};

}  // namespace skua::store::embedded
