// SPDX-License-Identifier: Apache-2.0
// The column of summaries. Format: docs/formats/segment.md, "Summaries".
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/int_column.h"
#include "store/embedded/segment/granule_tables.h"

#include <numeric>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 24;  // a row of a granule has one service

// The chunks of the column one after the other, of each only what is asked for.
class Chunks {
public:
    explicit Chunks(std::string_view bytes) : in_(bytes) {}
    // The values [first, first + out.size()) of the next chunk, which has `count`.
    bool next(std::size_t count, std::size_t first, std::span<std::uint64_t> out) {
        IntReader reader;
        if (!reader.open(in_.string(), count) || !in_.ok() || first + out.size() > count) return false;
        reader.read(first, out);
        return true;
    }
    bool one(std::size_t count, std::size_t at, std::uint64_t& out) { return next(count, at, {&out, 1}); }
    std::size_t entries() { return static_cast<std::size_t>(in_.bounded(kEntriesMax)); }
    [[nodiscard]] bool at_end() const { return in_.ok() && in_.remaining() == 0; }

private:
    ByteReader in_;
};

}  // namespace

bool decode_summary(std::string_view bytes, std::size_t traces, std::uint64_t granule_start_ns, std::size_t number,
                    StoredSummary& out) {
    Chunks chunks(bytes);
    std::vector<std::uint64_t> values(number + 1);
    if (!chunks.next(traces, 0, values)) return false;
    out.start_ns = std::accumulate(values.begin(), values.end(), granule_start_ns);
    std::uint64_t root = 0;
    if (!chunks.one(traces, number, out.end_ns) || !chunks.one(traces, number, out.errors) ||
        !chunks.one(traces, number, out.orphans) || !chunks.one(traces, number, root)) {
        return false;
    }
    out.end_ns += out.start_ns;
    out.root = static_cast<std::uint32_t>(root);
    values.resize(traces);
    if (!chunks.next(traces, 0, values)) return false;
    const std::size_t entries = chunks.entries();
    std::uint64_t first = 0;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < traces; ++i) {
        if (values[i] > entries - total) return false;
        if (i == number) first = total;
        total += values[i];
    }
    if (total != entries) return false;
    const auto count = static_cast<std::size_t>(values[number]);
    out.services.assign(count, {});
    values.resize(count);
    const auto each = [&](auto&& set) {
        if (!chunks.next(entries, static_cast<std::size_t>(first), values)) return false;
        for (std::size_t i = 0; i < count; ++i) set(out.services[i], values[i]);
        return true;
    };
    return each([](auto& s, std::uint64_t v) { s.service = static_cast<std::uint32_t>(v); }) &&
           each([](auto& s, std::uint64_t v) { s.spans = v; }) &&
           each([](auto& s, std::uint64_t v) { s.errors = v; }) && chunks.at_end();
}

void encode_summaries(std::span<const StoredSummary> all, std::uint64_t granule_start_ns, std::string& out) {
    std::vector<std::uint64_t> values;
    std::string chunk;
    ByteWriter w(out);
    const auto put = [&](IntHint hint) {
        chunk.clear();
        encode_ints(values, hint, chunk);
        w.string(chunk);
        values.clear();
    };
    std::uint64_t before = granule_start_ns;
    for (const StoredSummary& s : all) {
        values.push_back(s.start_ns - before);
        before = s.start_ns;
    }
    put(IntHint::kTimes);
    for (const StoredSummary& s : all) values.push_back(s.end_ns - s.start_ns);
    put(IntHint::kTimes);
    for (const StoredSummary& s : all) values.push_back(s.errors);
    put(IntHint::kIds);
    for (const StoredSummary& s : all) values.push_back(s.orphans);
    put(IntHint::kIds);
    for (const StoredSummary& s : all) values.push_back(s.root);
    put(IntHint::kIds);
    std::uint64_t entries = 0;
    for (const StoredSummary& s : all) {
        values.push_back(s.services.size());
        entries += s.services.size();
    }
    put(IntHint::kIds);
    w.varint(entries);
    const auto each = [&](auto&& part) {
        for (const StoredSummary& s : all) {
            for (const auto& service : s.services) values.push_back(part(service));
        }
        put(IntHint::kIds);
    };
    each([](const StoredSummary::Service& s) { return s.service; });
    each([](const StoredSummary::Service& s) { return s.spans; });
    each([](const StoredSummary::Service& s) { return s.errors; });
}

bool decode_summaries(std::string_view bytes, std::size_t traces, std::uint64_t granule_start_ns,
                      std::vector<StoredSummary>& out) {
    ByteReader in(bytes);
    std::vector<std::uint64_t> values;
    const auto get = [&](std::size_t count) {
        IntReader reader;
        if (!reader.open(in.string(), count)) return false;
        values.resize(count);
        reader.read(0, values);
        return true;
    };
    out.assign(traces, {});
    const auto each = [&](auto&& set) {
        if (!get(traces)) return false;
        for (std::size_t i = 0; i < traces; ++i) set(out[i], values[i]);
        return true;
    };
    std::uint64_t before = granule_start_ns;
    if (!each([&](StoredSummary& s, std::uint64_t v) { before = s.start_ns = before + v; })) return false;
    if (!each([](StoredSummary& s, std::uint64_t v) { s.end_ns = s.start_ns + v; })) return false;
    if (!each([](StoredSummary& s, std::uint64_t v) { s.errors = v; })) return false;
    if (!each([](StoredSummary& s, std::uint64_t v) { s.orphans = v; })) return false;
    if (!each([](StoredSummary& s, std::uint64_t v) { s.root = static_cast<std::uint32_t>(v); })) return false;
    std::vector<std::uint64_t> counts;
    if (!each([&](StoredSummary&, std::uint64_t v) { counts.push_back(v); })) return false;
    const auto entries = static_cast<std::size_t>(in.bounded(kEntriesMax));
    std::uint64_t total = 0;
    for (const std::uint64_t n : counts) {
        if (n > entries - total) return false;
        total += n;
    }
    if (!in.ok() || total != entries) return false;
    const auto flat = [&](auto&& set) {
        if (!get(entries)) return false;
        std::size_t at = 0;
        for (std::size_t i = 0; i < traces; ++i) {
            out[i].services.resize(static_cast<std::size_t>(counts[i]));
            for (auto& service : out[i].services) set(service, values[at++]);
        }
        return true;
    };
    if (!flat([](auto& s, std::uint64_t v) { s.service = static_cast<std::uint32_t>(v); })) return false;
    if (!flat([](auto& s, std::uint64_t v) { s.spans = v; })) return false;
    return flat([](auto& s, std::uint64_t v) { s.errors = v; }) && in.ok() && in.remaining() == 0;
}

}  // namespace skua::store::embedded
