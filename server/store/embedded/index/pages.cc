// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/index/pages.h"

#include "store/embedded/codec/bits.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"

#include <algorithm>
#include <array>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kPerPage = 1024;
constexpr unsigned kPageBitsMax = 24;
constexpr unsigned kUnaryMax = 4096;  // of a gap's high part: a page has about kPerPage entries
constexpr unsigned kRadixBits = 11;

// By the leading `bits` of the hash, stable: entries come in the order of their numbers and keep it.
void radix_sort(std::vector<HashEntry>& entries, unsigned bits) {
    std::vector<HashEntry> other(entries.size());
    const unsigned low = 64 - bits;
    for (unsigned shift = low; shift < 64; shift += kRadixBits) {
        const unsigned width = std::min(kRadixBits, 64 - shift);
        std::array<std::uint32_t, (1U << kRadixBits) + 1> count{};
        for (const HashEntry& e : entries) ++count[(e.hash >> shift & low_bits(width)) + 1];
        for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
        for (const HashEntry& e : entries) other[count[e.hash >> shift & low_bits(width)]++] = e;
        entries.swap(other);
    }
}

// Gaps between fingerprints by Rice's code: the high part in unary, the rest as it is.
unsigned rice_bits(unsigned fingerprint_bits, std::size_t entries) {
    const unsigned spread = bit_width_of(entries);
    return fingerprint_bits > spread ? fingerprint_bits - spread : 0;
}

void encode_page(std::span<const HashEntry> entries, const HashPages& p, std::string& out) {
    ByteWriter w(out);
    w.varint(entries.size());
    if (entries.empty()) return;
    const unsigned rice = rice_bits(p.fingerprint_bits, entries.size());
    w.u8(static_cast<std::uint8_t>(rice));
    BitWriter bits(out);
    std::uint64_t last = 0;
    for (const HashEntry& e : entries) {
        const std::uint64_t print = p.fingerprint_bits == 0 ? 0 : e.hash << p.page_bits >> (64 - p.fingerprint_bits);
        const std::uint64_t gap = print - last;
        last = print;
        std::uint64_t high = gap >> rice;
        for (; high >= 32; high -= 32) bits.put(0, 32);
        bits.put(std::uint64_t{1} << high, static_cast<unsigned>(high) + 1);
        bits.put(gap & low_bits(rice), rice);
        bits.put(e.number, p.number_bits);
    }
    bits.finish();
}

}  // namespace

HashPages build_hash_pages(std::vector<HashEntry>& entries, unsigned spare_bits, std::string& out) {
    HashPages p;
    std::uint32_t number_max = 0;
    for (const HashEntry& e : entries) number_max = std::max(number_max, e.number);
    p.number_bits = bit_width_of(number_max);
    const unsigned all = bit_width_of(entries.size());
    p.page_bits = std::min(kPageBitsMax, bit_width_of(entries.size() / kPerPage));
    p.fingerprint_bits = std::min(40U, all + spare_bits - p.page_bits);
    const unsigned kept = p.page_bits + p.fingerprint_bits;
    radix_sort(entries, kept);
    const auto same = [&](const HashEntry& a, const HashEntry& b) {
        return a.hash >> (64 - kept) == b.hash >> (64 - kept) && a.number == b.number;
    };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());

    auto from = entries.begin();
    const std::size_t start = out.size();
    for (std::size_t page = 0; page < std::size_t{1} << p.page_bits; ++page) {
        const auto to =
            std::find_if(from, entries.end(), [&](const HashEntry& e) { return p.page_of(e.hash) != page; });
        const std::size_t offset = out.size();
        encode_page({from, to}, p, out);
        const std::string_view bytes = std::string_view(out).substr(offset);
        p.pages.push_back({offset - start, static_cast<std::uint32_t>(bytes.size()), crc32c(bytes)});
        from = to;
    }
    return p;
}

void HashPages::encode(std::string& out) const {
    ByteWriter w(out);
    w.u8(static_cast<std::uint8_t>(page_bits));
    w.u8(static_cast<std::uint8_t>(fingerprint_bits));
    w.u8(static_cast<std::uint8_t>(number_bits));
    for (const HashPage& page : pages) {
        w.varint(page.bytes);
        w.u32(page.crc);
    }
}

bool HashPages::decode(std::string_view bytes, HashPages& out) {
    ByteReader in(bytes);
    out.page_bits = in.u8();
    out.fingerprint_bits = in.u8();
    out.number_bits = in.u8();
    if (!in.ok() || out.page_bits > kPageBitsMax || out.fingerprint_bits > 40 || out.number_bits > 32) return false;
    if (in.remaining() < (std::size_t{5} << out.page_bits)) return false;
    std::uint64_t offset = 0;
    out.pages.resize(std::size_t{1} << out.page_bits);
    for (HashPage& page : out.pages) {
        page.offset = offset;
        page.bytes = static_cast<std::uint32_t>(in.bounded(std::uint64_t{1} << 30));
        page.crc = in.u32();
        offset += page.bytes;
    }
    return in.ok() && in.remaining() == 0;
}

bool find_in_page(const HashPages& pages, std::string_view page, std::uint64_t hash, std::vector<std::uint32_t>& out) {
    ByteReader in(page);
    const std::uint64_t count = in.bounded(std::uint64_t{1} << 28);
    if (!in.ok()) return false;
    if (count == 0) return true;
    const unsigned rice = in.u8();
    if (!in.ok() || rice > 40) return false;
    const std::string_view bits = in.bytes(in.remaining());
    const std::uint64_t end = std::uint64_t{bits.size()} * 8;
    const std::uint64_t want =
        pages.fingerprint_bits == 0 ? 0 : hash << pages.page_bits >> (64 - pages.fingerprint_bits);
    std::uint64_t at = 0;
    std::uint64_t print = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t high = 0;
        for (;;) {
            const std::uint64_t word = get_bits(bits, at, 32);
            if (word != 0) {
                const auto zeros = static_cast<unsigned>(std::countr_zero(word));
                high += zeros;
                at += zeros + 1;
                break;
            }
            high += 32;
            at += 32;
            if (at >= end || high > kUnaryMax * 64) return false;
        }
        print += high << rice | get_bits(bits, at, rice);
        at += rice;
        const auto number = static_cast<std::uint32_t>(get_bits(bits, at, pages.number_bits));
        at += pages.number_bits;
        if (at > end) return false;
        if (print == want) out.push_back(number);
        if (print > want) break;
    }
    return true;
}

}  // namespace skua::store::embedded
