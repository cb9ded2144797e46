// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/index/pages.h"

#include "store/embedded/codec/bits.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kPerPage = 512;  // at most, about; half of it at least
constexpr unsigned kPageBitsMax = 24;
constexpr unsigned kUnaryMax = 4096;  // of a gap's high part: a page has about kPerPage entries
constexpr unsigned kRadixBits = 11;   // at most

// By bits [low, high) of the hash, stable: entries come in the order of their numbers and keep it.
void radix_sort(std::vector<HashEntry>& entries, unsigned low, unsigned high, std::vector<HashEntry>& other) {
    other.resize(entries.size());
    // Few entries are sorted by smaller digits: counts are gone through once for each.
    const unsigned digit = std::clamp(bit_width_of(entries.size()), 4U, kRadixBits);
    const unsigned passes = (high - low + digit - 1) / digit;
    const unsigned step = passes == 0 ? 0 : (high - low + passes - 1) / passes;
    for (unsigned shift = low; shift < high; shift += step) {
        const unsigned width = std::min(step, high - shift);
        std::array<std::uint32_t, (1U << kRadixBits) + 1> count;
        std::fill_n(count.begin(), (std::size_t{1} << width) + 1, 0);
        const std::uint64_t mask = low_bits(width);
        for (const HashEntry& e : entries) ++count[(e.hash >> shift & mask) + 1];
        for (std::size_t i = 1; i <= std::size_t{1} << width; ++i) count[i] += count[i - 1];
        for (const HashEntry& e : entries) other[count[e.hash >> shift & mask]++] = e;
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

// Calls f(fingerprint, at) for each entry, whose number lies at bit `at` of `bits`, until it says false. False: not
// such a page.
template <class F>
bool walk_page(const HashPages& pages, std::string_view page, F&& f) {
    ByteReader in(page);
    const std::uint64_t count = in.bounded(std::uint64_t{1} << 28);
    if (!in.ok()) return false;
    if (count == 0) return true;
    const unsigned rice = in.u8();
    if (!in.ok() || rice > 40) return false;
    const std::string_view bits = in.bytes(in.remaining());
    const std::uint64_t end = std::uint64_t{bits.size()} * 8;
    std::uint64_t at = 0;
    std::uint64_t print = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        // As a rule the unary part and the rest are within the next 57 bits.
        const std::uint64_t word = get_bits(bits, at, 57);
        const auto zeros = static_cast<unsigned>(std::countr_zero(word));
        if (zeros + 1 + rice <= 57) {
            print += std::uint64_t{zeros} << rice | (word >> (zeros + 1) & low_bits(rice));
            at += zeros + 1 + rice;
        } else {
            std::uint64_t high = 0;
            while (get_bits(bits, at, 1) == 0) {
                ++at;
                if (at >= end || ++high > kUnaryMax * 64) return false;
            }
            ++at;
            print += high << rice | get_bits(bits, at, rice);
            at += rice;
        }
        const std::uint64_t number_at = at;
        at += pages.number_bits;
        if (at > end) return false;
        if (!f(print, bits, number_at)) break;
    }
    return true;
}

class VectorStream final : public HashStream {
public:
    explicit VectorStream(std::vector<HashEntry> entries) : entries_(std::move(entries)) {
        std::vector<HashEntry> other;
        radix_sort(entries_, 0, 64, other);
    }
    base::Result<bool> next(HashEntry& entry) override {
        if (at_ == entries_.size()) return false;
        entry = entries_[at_++];
        return true;
    }
    base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) override {
        const std::size_t first = at_;
        while (at_ < entries_.size() && entries_[at_].hash <= last) ++at_;
        out.insert(out.end(), entries_.begin() + static_cast<std::ptrdiff_t>(first),
                   entries_.begin() + static_cast<std::ptrdiff_t>(at_));
        return {};
    }
    [[nodiscard]] std::uint64_t entries() const override { return entries_.size(); }
    [[nodiscard]] unsigned kept_bits() const override { return 64; }

private:
    std::vector<HashEntry> entries_;
    std::size_t at_ = 0;
};

std::uint64_t cut(std::uint64_t hash, unsigned kept) {
    return kept == 0 ? 0 : hash & ~low_bits(64 - kept);
}

}  // namespace

HashPages HashPages::layout(std::uint64_t entries, unsigned spare_bits, unsigned known_bits, std::uint32_t number_max) {
    HashPages p;
    p.number_bits = bit_width_of(number_max);
    p.page_bits = std::min({kPageBitsMax, bit_width_of(entries / kPerPage), known_bits});
    const unsigned wanted = bit_width_of(entries) + spare_bits;
    p.fingerprint_bits = std::min({40U, wanted - p.page_bits, known_bits - p.page_bits});
    return p;
}

void HashPages::append_page(std::span<const HashEntry> page_entries, std::size_t start, std::string& out) {
    const std::size_t begin = out.size();
    encode_page(page_entries, *this, out);
    const std::string_view bytes = std::string_view(out).substr(begin);
    pages.push_back({begin - start, static_cast<std::uint32_t>(bytes.size()), crc32c(bytes)});
}

HashPages build_hash_pages(std::vector<HashEntry>& entries, unsigned spare_bits, std::string& out) {
    std::uint32_t number_max = 0;
    for (const HashEntry& e : entries) number_max = std::max(number_max, e.number);
    HashPages p = HashPages::layout(entries.size(), spare_bits, 64, number_max);
    const unsigned kept = p.kept_bits();
    std::vector<HashEntry> other;
    radix_sort(entries, 64 - kept, 64, other);
    const auto same = [&](const HashEntry& a, const HashEntry& b) {
        return a.hash >> (64 - kept) == b.hash >> (64 - kept) && a.number == b.number;
    };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
    p.entries = entries.size();

    auto from = entries.begin();
    const std::size_t start = out.size();
    for (std::size_t page = 0; page < std::size_t{1} << p.page_bits; ++page) {
        const auto to =
            std::find_if(from, entries.end(), [&](const HashEntry& e) { return p.page_of(e.hash) != page; });
        p.append_page({from, to}, start, out);
        from = to;
    }
    return p;
}

void HashPages::encode(std::string& out) const {
    ByteWriter w(out);
    w.u8(static_cast<std::uint8_t>(page_bits));
    w.u8(static_cast<std::uint8_t>(fingerprint_bits));
    w.u8(static_cast<std::uint8_t>(number_bits));
    w.varint(entries);
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
    out.entries = in.bounded(std::uint64_t{1} << 48);
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
    const std::uint64_t want =
        pages.fingerprint_bits == 0 ? 0 : hash << pages.page_bits >> (64 - pages.fingerprint_bits);
    return walk_page(pages, page, [&](std::uint64_t print, std::string_view bits, std::uint64_t at) {
        if (print == want) out.push_back(static_cast<std::uint32_t>(get_bits(bits, at, pages.number_bits)));
        return print <= want;
    });
}

bool read_page(const HashPages& pages, std::size_t number, std::string_view page, std::vector<HashEntry>& out) {
    const std::uint64_t base = pages.page_bits == 0 ? 0 : std::uint64_t{number} << (64 - pages.page_bits);
    const unsigned shift = 64 - pages.kept_bits();
    bool fits = true;
    const bool ok = walk_page(pages, page, [&](std::uint64_t print, std::string_view bits, std::uint64_t at) {
        fits = pages.fingerprint_bits == 64 || print >> pages.fingerprint_bits == 0;
        const auto n = static_cast<std::uint32_t>(get_bits(bits, at, pages.number_bits));
        out.push_back({base | (shift == 64 ? 0 : print << shift), n});
        return fits;
    });
    return ok && fits;
}

std::unique_ptr<HashStream> hash_stream(std::vector<HashEntry> entries) {
    return std::make_unique<VectorStream>(std::move(entries));
}

MergedStream::MergedStream(std::vector<std::unique_ptr<HashStream>> streams) : streams_(std::move(streams)) {
    for (const auto& stream : streams_) {
        entries_ += stream->entries();
        kept_ = std::min(kept_, stream->kept_bits());
    }
}

base::Status MergedStream::pull(std::size_t stream) {
    Place place;
    place.stream = stream;
    SKUA_ASSIGN_OR_RETURN(const bool more, streams_[stream]->next(place.entry));
    if (!more) return {};
    place.entry.hash = cut(place.entry.hash, kept_);
    heap_.push_back(place);
    std::push_heap(heap_.begin(), heap_.end(), later);
    return {};
}

base::Result<bool> MergedStream::next(HashEntry& entry) {
    for (std::size_t i = 0; !started_ && i < streams_.size(); ++i) SKUA_RETURN_IF_ERROR(pull(i));
    started_ = true;
    if (heap_.empty()) return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    entry = heap_.back().entry;
    source_ = heap_.back().stream;
    heap_.pop_back();
    SKUA_RETURN_IF_ERROR(pull(source_));
    return true;
}

base::Status MergedStream::take_to(std::uint64_t last, std::vector<HashEntry>& out) {
    for (const auto& stream : streams_) SKUA_RETURN_IF_ERROR(stream->take_to(last, out));
    return {};
}

HashPagesWriter::HashPagesWriter(HashStream& stream, unsigned spare_bits, std::uint32_t number_max)
    : stream_(stream), pages_(HashPages::layout(stream.entries(), spare_bits, stream.kept_bits(), number_max)) {}

base::Result<bool> HashPagesWriter::write_page(std::string& out) {
    const std::size_t number = pages_.pages.size();
    if (number == std::size_t{1} << pages_.page_bits) return false;
    const std::uint64_t last =
        pages_.page_bits == 0 ? ~std::uint64_t{0} : ((std::uint64_t{number} + 1) << (64 - pages_.page_bits)) - 1;
    page_.clear();
    SKUA_RETURN_IF_ERROR(stream_.take_to(last, page_));
    const unsigned kept = pages_.kept_bits();
    for (HashEntry& entry : page_) entry.hash = cut(entry.hash, kept);
    // Streams come one after the other, each with ascending numbers.
    radix_sort(page_, 64 - kept, 64 - pages_.page_bits, other_);
    const auto same = [](const HashEntry& a, const HashEntry& b) { return a.hash == b.hash && a.number == b.number; };
    page_.erase(std::unique(page_.begin(), page_.end(), same), page_.end());
    const std::size_t begin = out.size();
    encode_page(page_, pages_, out);
    const std::string_view bytes = std::string_view(out).substr(begin);
    pages_.pages.push_back({offset_, static_cast<std::uint32_t>(bytes.size()), crc32c(bytes)});
    pages_.entries += page_.size();
    offset_ += bytes.size();
    return true;
}

}  // namespace skua::store::embedded
