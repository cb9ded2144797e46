// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/engine/testing_data.h"

#include "store/embedded/io/little_endian.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <sstream>
#include <utility>

namespace skua::store::embedded::testing {

namespace {

std::vector<std::string> split(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

// One line with the entry, one with the words, and their hash in front.
std::string to_file(const Lineage& lineage, std::uint64_t id, const std::vector<std::string>& words) {
    std::ostringstream out;
    out << id << ' ' << lineage.level << ' ' << lineage.generation_min << ' ' << lineage.generation_max << ' '
        << lineage.arrival_min_ns << ' ' << lineage.arrival_max_ns << ' ' << lineage.replaces.size();
    for (const std::uint64_t replaced : lineage.replaces) out << ' ' << replaced;
    out << ' ' << std::hash<std::string_view>{}({reinterpret_cast<const char*>(lineage.store_id.data()), 16}) << '\n';
    for (const std::string& word : words) out << word << ' ';
    const std::string body = out.str();
    return std::to_string(std::hash<std::string>{}(body)) + "\n" + body;
}

struct Parsed {
    SegmentEntry entry;
    std::size_t store_hash = 0;
    std::vector<std::string> words;
};

std::optional<Parsed> from_file(const std::string& bytes) {
    const auto end = bytes.find('\n');
    if (end == std::string::npos) return std::nullopt;
    const std::string body = bytes.substr(end + 1);
    if (bytes.substr(0, end) != std::to_string(std::hash<std::string>{}(body))) return std::nullopt;
    std::istringstream in(body);
    Parsed parsed;
    std::size_t replaced = 0;
    SegmentEntry& entry = parsed.entry;
    in >> entry.id >> entry.level >> entry.generation_min >> entry.generation_max >> entry.arrival_min_ns >>
        entry.arrival_max_ns >> replaced;
    for (std::size_t i = 0; i < replaced; ++i) in >> entry.replaces.emplace_back();
    in >> parsed.store_hash;
    for (std::string word; in >> word;) parsed.words.push_back(word);
    return parsed;
}

base::Result<std::vector<SegmentEntry>> write(const Lineage& lineage, const std::vector<std::string>& words,
                                              SegmentFiles& files) {
    const std::uint64_t id = files.new_id();
    SKUA_ASSIGN_OR_RETURN(const SegmentFiles::Created created, files.create(id, "seg"));
    const std::string bytes = to_file(lineage, id, words);
    // In two pieces, so that there is a crash point in the middle.
    SKUA_RETURN_IF_ERROR(created.file->write_at(0, std::string_view(bytes).substr(0, bytes.size() / 2)));
    SKUA_RETURN_IF_ERROR(created.file->write_at(bytes.size() / 2, std::string_view(bytes).substr(bytes.size() / 2)));
    SegmentEntry entry;
    entry.id = id;
    entry.format_version = 1;
    entry.rows = words.size();
    entry.traces = words.size();
    entry.files = {{created.name, bytes.size()}};
    return std::vector<SegmentEntry>{entry};
}

base::Error corrupt(const std::string& name) {
    return {base::Code::kCorruption, "cannot read " + name + ": its checksum is wrong"};
}

}  // namespace

base::Result<StagedRows> WordHead::stage(std::size_t shard, const model::RawBody& body, const model::Decoder&) {
    if (body.bytes.find('!') != std::string_view::npos) {
        return base::Error{base::Code::kInvalidArgument, "cannot decode the body: got !"};
    }
    if (bytes_ + body.bytes.size() > bytes_max_) return base::Error{base::Code::kResourceExhausted, "the head is full"};
    const std::lock_guard lock(mutex_);
    StagedRows rows;
    rows.begin = static_cast<std::uint32_t>(rows_[shard].size());
    for (std::string& word : split(body.bytes)) rows_[shard].push_back(std::move(word));
    rows.end = static_cast<std::uint32_t>(rows_[shard].size());
    rows.counts.accepted_spans = rows.end - rows.begin;
    bytes_ += body.bytes.size();
    return rows;
}

void WordHead::unstage(std::size_t shard, const StagedRows& rows) {
    const std::lock_guard lock(mutex_);
    rows_[shard].resize(rows.begin);
}

void WordHead::commit(std::size_t /*shard*/, const StagedRows& /*rows*/) {}

void WordHead::kill(std::size_t shard, const StagedRows& rows) {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) killed_[shard].insert(row);
}

std::vector<std::string> WordHead::words(const HeadView& view) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> words;
    for (std::size_t shard = 0; shard < kHeadShards; ++shard) {
        for (std::uint32_t row = 0; row < view.rows[shard]; ++row) {
            if (!killed_[shard].contains(row)) words.push_back(rows_[shard][row]);
        }
    }
    return words;
}

base::Result<std::shared_ptr<Head>> WordData::new_head(std::uint64_t /*generation*/) {
    return std::shared_ptr<Head>(std::make_shared<WordHead>(head_bytes_max));
}

base::Result<std::vector<SegmentEntry>> WordData::seal(const SealInput& input, SegmentFiles& files) {
    return write(input.lineage, static_cast<const WordHead&>(*input.head.head).words(input.head), files);
}

base::Result<std::vector<SegmentEntry>> WordData::compact(const CompactInput& input, SegmentFiles& files) {
    std::vector<std::string> words;
    for (const auto& segment : input.inputs) {
        if (damaged.contains(segment->entry().id)) return corrupt(segment->entry().files.front().name);
        const auto& some = static_cast<const WordSegment&>(*segment).words();
        words.insert(words.end(), some.begin(), some.end());
    }
    return write(input.lineage, words, files);
}

std::uint64_t WordData::compaction_bytes_max(std::span<const SegmentEntry* const> inputs) const {
    std::uint64_t bytes = 0;
    for (const SegmentEntry* entry : inputs) bytes += entry->files.front().bytes;
    return bytes;
}

base::Result<std::shared_ptr<const Segment>> WordData::open(Disk& disk, const SegmentEntry& entry) {
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_whole(disk, entry.files.front().name, 1 << 30));
    auto parsed = from_file(bytes);
    if (!parsed) return corrupt(entry.files.front().name);
    return std::shared_ptr<const Segment>(std::make_shared<WordSegment>(entry, std::move(parsed->words)));
}

base::Result<std::optional<SegmentEntry>> WordData::describe(Disk& disk, const std::string& name,
                                                             const StoreId& store_id) {
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_whole(disk, name, 1 << 30));
    auto parsed = from_file(bytes);
    if (!parsed) return corrupt(name);
    const auto store_hash = std::hash<std::string_view>{}({reinterpret_cast<const char*>(store_id.data()), 16});
    if (parsed->store_hash != store_hash) return corrupt(name);
    SegmentEntry entry = parsed->entry;
    entry.format_version = 1;
    entry.rows = entry.traces = parsed->words.size();
    entry.files = {{name, bytes.size()}};
    return std::optional<SegmentEntry>(entry);
}

base::Status WordData::verify(Disk& disk, const SegmentEntry& entry) {
    if (damaged.contains(entry.id)) return corrupt(entry.files.front().name);
    const auto opened = open(disk, entry);
    if (!opened.ok()) return opened.error();
    return {};
}

std::vector<std::string> words_of(const View& view) {
    std::vector<std::string> words;
    for (const HeadView& head : view.heads) {
        const auto some = static_cast<const WordHead&>(*head.head).words(head);
        words.insert(words.end(), some.begin(), some.end());
    }
    for (const auto& segment : *view.segments) {
        const auto& some = static_cast<const WordSegment&>(*segment).words();
        words.insert(words.end(), some.begin(), some.end());
    }
    std::sort(words.begin(), words.end());
    return words;
}

}  // namespace skua::store::embedded::testing
