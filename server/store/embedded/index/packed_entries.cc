// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/index/packed_entries.h"

#include "store/embedded/codec/bits.h"

#include <algorithm>
#include <array>
#include <utility>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kNumberMask = low_bits(PackedEntries::kNumberBits);
constexpr unsigned kDigitBits = 11;
constexpr std::size_t kPassesMax = (PackedEntries::kHashBits + kDigitBits - 1) / kDigitBits;

class PackedStream final : public HashStream {
public:
    explicit PackedStream(std::vector<std::uint64_t> sorted) : words_(std::move(sorted)) {}
    base::Result<bool> next(HashEntry& entry) override {
        if (at_ == words_.size()) return false;
        entry = entry_of(words_[at_++]);
        return true;
    }
    base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) override {
        for (; at_ < words_.size(); ++at_) {
            const HashEntry entry = entry_of(words_[at_]);
            if (entry.hash > last) break;
            out.push_back(entry);
        }
        return {};
    }
    [[nodiscard]] std::uint64_t entries() const override { return words_.size(); }
    [[nodiscard]] unsigned kept_bits() const override { return PackedEntries::kHashBits; }

private:
    static HashEntry entry_of(std::uint64_t word) {
        return {word & ~kNumberMask, static_cast<std::uint32_t>(word & kNumberMask)};
    }
    std::vector<std::uint64_t> words_;
    std::size_t at_ = 0;
};

}  // namespace

void PackedEntries::shift_numbers(unsigned shift) {
    if (shift == 0) return;
    for (std::uint64_t& word : words_) word = (word & ~kNumberMask) | (word & kNumberMask) >> shift;
}

void PackedEntries::sort(unsigned bits) {
    const std::size_t passes = (bits + kDigitBits - 1) / kDigitBits;
    if (passes == 0) return;
    const auto digit = static_cast<unsigned>((bits + passes - 1) / passes);
    // All digits are counted in one reading.
    std::array<std::array<std::uint32_t, 1U << kDigitBits>, kPassesMax> places{};
    const std::uint64_t mask = low_bits(digit);
    const unsigned low = 64 - bits;
    for (const std::uint64_t word : words_) {
        for (std::size_t p = 0; p < passes; ++p) ++places[p][word >> (low + p * digit) & mask];
    }
    const auto other = std::make_unique_for_overwrite<std::uint64_t[]>(words_.size());
    std::uint64_t* from = words_.data();
    std::uint64_t* to = other.get();
    for (std::size_t p = 0; p < passes; ++p) {
        std::uint32_t place = 0;
        for (std::size_t i = 0; i <= mask; ++i) place += std::exchange(places[p][i], place);
        for (std::size_t i = 0; i < words_.size(); ++i) to[places[p][from[i] >> (low + p * digit) & mask]++] = from[i];
        std::swap(from, to);
    }
    if (from != words_.data()) std::copy_n(from, words_.size(), words_.data());
}

HashPages PackedEntries::build_pages(unsigned spare_bits, std::string& out) {
    std::uint64_t number_max = 0;
    for (const std::uint64_t word : words_) number_max = std::max(number_max, word & kNumberMask);
    HashPages pages = HashPages::layout(words_.size(), spare_bits, kHashBits, static_cast<std::uint32_t>(number_max));
    const unsigned kept = pages.kept_bits();
    sort(kept);
    const std::uint64_t kept_mask = kept == 0 ? 0 : ~low_bits(64 - kept);
    const auto same = [&](std::uint64_t a, std::uint64_t b) { return ((a ^ b) & (kept_mask | kNumberMask)) == 0; };
    words_.erase(std::unique(words_.begin(), words_.end(), same), words_.end());
    pages.entries = words_.size();

    const std::size_t start = out.size();
    std::vector<HashEntry> page;
    auto from = words_.begin();
    for (std::size_t number = 0; number < std::size_t{1} << pages.page_bits; ++number) {
        page.clear();
        for (; from != words_.end() && pages.page_of(*from) == number; ++from)
            page.push_back({*from & ~kNumberMask, static_cast<std::uint32_t>(*from & kNumberMask)});
        pages.append_page(page, start, out);
    }
    return pages;
}

std::unique_ptr<HashStream> PackedEntries::stream(PackedEntries entries) {
    entries.sort(kHashBits);
    return std::make_unique<PackedStream>(std::move(entries.words_));
}

}  // namespace skua::store::embedded
