// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/manifest/manifest.h"

#include "store/embedded/io/little_endian.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

namespace skua::store::embedded {

namespace {

constexpr char kMagic[8] = {'S', 'K', 'U', 'A', 'M', 'A', 'N', '\n'};
constexpr std::uint64_t kSeed = 0x736B7561'6D616E31ULL;
constexpr std::size_t kHeadBytes = 24;  // magic, version, zero, bytes in all
constexpr char kTemporary[] = "manifest/next";

void append_text(std::string& to, std::string_view text) {
    append_int(to, static_cast<std::uint32_t>(text.size()));
    to += text;
}

void append_entry(std::string& to, const SegmentEntry& entry) {
    append_int(to, entry.id);
    append_int(to, entry.format_version);
    append_int(to, entry.level);
    append_int(to, entry.generation_min);
    append_int(to, entry.generation_max);
    append_int(to, entry.arrival_min_ns);
    append_int(to, entry.arrival_max_ns);
    append_int(to, entry.start_min_ns);
    append_int(to, entry.start_max_ns);
    append_int(to, entry.rows);
    append_int(to, entry.traces);
    append_int(to, static_cast<std::uint32_t>(entry.files.size()));
    for (const SegmentFile& file : entry.files) {
        append_text(to, file.name);
        append_int(to, file.bytes);
    }
    append_text(to, entry.extra);
}

// Reads what append_* wrote; past the end everything is zero and ok() is false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    template <class T>
    T get() {
        if (rest_.size() < sizeof(T)) {
            ok_ = false;
            rest_ = {};
            return T{};
        }
        const T value = load<T>(rest_.data());
        rest_.remove_prefix(sizeof(T));
        return value;
    }
    std::string text() {
        const auto n = get<std::uint32_t>();
        if (rest_.size() < n) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        std::string out(rest_.substr(0, n));
        rest_.remove_prefix(n);
        return out;
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

SegmentEntry read_entry(Reader& in) {
    SegmentEntry entry;
    entry.id = in.get<std::uint64_t>();
    entry.format_version = in.get<std::uint32_t>();
    entry.level = in.get<std::uint32_t>();
    entry.generation_min = in.get<std::uint64_t>();
    entry.generation_max = in.get<std::uint64_t>();
    entry.arrival_min_ns = in.get<std::int64_t>();
    entry.arrival_max_ns = in.get<std::int64_t>();
    entry.start_min_ns = in.get<std::uint64_t>();
    entry.start_max_ns = in.get<std::uint64_t>();
    entry.rows = in.get<std::uint64_t>();
    entry.traces = in.get<std::uint64_t>();
    const auto files = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < files && in.ok(); ++i) {
        SegmentFile file;
        file.name = in.text();
        file.bytes = in.get<std::uint64_t>();
        entry.files.push_back(std::move(file));
    }
    entry.extra = in.text();
    return entry;
}

base::Error corrupt(const std::string& name, const std::string& why) {
    return {base::Code::kCorruption, "cannot read " + name + ": " + why};
}

std::uint64_t manifest_number(const std::string& name) {
    constexpr std::string_view kSuffix = ".manifest";
    if (name.size() != 16 + kSuffix.size() || !name.ends_with(kSuffix)) return 0;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 16, number, 16);
    return error == std::errc() && end == name.data() + 16 ? number : 0;
}

}  // namespace

std::string manifest_name(std::uint64_t number) {
    return fmt::format("{}/{:016x}.manifest", kManifestFolder, number);
}

std::string encode_manifest(const Manifest& manifest) {
    std::string out(kMagic, sizeof kMagic);
    append_int(out, kManifestVersion);
    append_int(out, std::uint32_t{0});
    append_int(out, std::uint64_t{0});  // bytes in all, below
    append_int(out, manifest.number);
    out.append(reinterpret_cast<const char*>(manifest.store_id.data()), manifest.store_id.size());
    append_int(out, manifest.released_generation);
    append_int(out, manifest.next_segment_id);
    append_int(out, static_cast<std::uint32_t>(manifest.segments.size()));
    for (const SegmentEntry& entry : manifest.segments) append_entry(out, entry);
    append_int(out, static_cast<std::uint32_t>(manifest.dropped.size()));
    for (const std::string& name : manifest.dropped) append_text(out, name);
    append_int(out, std::uint32_t{0});  // tombstones
    append_int(out, std::uint32_t{0});  // retention per service
    store_at(out.data() + 16, static_cast<std::uint64_t>(out.size() + 8));
    append_int(out, static_cast<std::uint64_t>(XXH3_64bits_withSeed(out.data(), out.size(), kSeed)));
    return out;
}

base::Result<Manifest> decode_manifest(std::string_view bytes, const std::string& name) {
    if (bytes.size() < kHeadBytes + 8 || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) {
        return corrupt(name, "it is no manifest");
    }
    if (load<std::uint64_t>(bytes.data() + 16) != bytes.size()) {
        return corrupt(name,
                       fmt::format("got {} bytes; want {}", bytes.size(), load<std::uint64_t>(bytes.data() + 16)));
    }
    const std::size_t checked = bytes.size() - 8;
    if (load<std::uint64_t>(bytes.data() + checked) != XXH3_64bits_withSeed(bytes.data(), checked, kSeed)) {
        return corrupt(name, "its checksum is wrong");
    }
    // After the checksum: a version that does not come from a flipped bit.
    if (const auto version = load<std::uint32_t>(bytes.data() + 8); version != kManifestVersion) {
        return base::Error{base::Code::kInvalidArgument, fmt::format("cannot read {}: got format version {}; want {}",
                                                                     name, version, kManifestVersion)};
    }
    Reader in(bytes.substr(kHeadBytes, checked - kHeadBytes));
    Manifest manifest;
    manifest.number = in.get<std::uint64_t>();
    for (unsigned char& byte : manifest.store_id) byte = in.get<unsigned char>();
    manifest.released_generation = in.get<std::uint64_t>();
    manifest.next_segment_id = in.get<std::uint64_t>();
    const auto segments = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < segments && in.ok(); ++i) manifest.segments.push_back(read_entry(in));
    const auto dropped = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < dropped && in.ok(); ++i) manifest.dropped.push_back(in.text());
    const auto tombstones = in.get<std::uint32_t>();
    const auto retentions = in.get<std::uint32_t>();
    if (!in.ok() || !in.at_end() || tombstones != 0 || retentions != 0) {
        return corrupt(name, "its contents do not fit their lengths");
    }
    return manifest;
}

base::Result<std::uint64_t> newest_manifest_number(Disk& disk) {
    SKUA_ASSIGN_OR_RETURN(const auto entries, disk.list(kManifestFolder));
    std::uint64_t newest = 0;
    for (const DirEntry& entry : entries) newest = std::max(newest, manifest_number(entry.name));
    return newest;
}

base::Result<std::optional<Manifest>> load_manifest(Disk& disk) {
    SKUA_ASSIGN_OR_RETURN(const std::uint64_t newest, newest_manifest_number(disk));
    if (newest == 0) return std::optional<Manifest>();
    const std::string name = manifest_name(newest);
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_whole(disk, name, kManifestBytesMax));
    auto decoded = decode_manifest(bytes, disk.path() + "/" + name);
    if (!decoded.ok()) {
        base::Error error = std::move(decoded).error();
        if (error.code == base::Code::kCorruption) error.message += "; `skua verify --rebuild` makes a new one";
        return error;
    }
    if (decoded->number != newest) {
        return corrupt(disk.path() + "/" + name,
                       "its name and its number differ; `skua verify --rebuild` makes a new one");
    }
    return std::optional<Manifest>(std::move(decoded).value());
}

base::Status save_manifest(Disk& disk, Manifest& manifest, bool* in_doubt) {
    Manifest next = manifest;
    ++next.number;
    SKUA_RETURN_IF_ERROR(write_whole(disk, kTemporary, encode_manifest(next)));
    if (in_doubt != nullptr) *in_doubt = true;
    SKUA_RETURN_IF_ERROR(disk.rename(kTemporary, manifest_name(next.number)));
    SKUA_RETURN_IF_ERROR(disk.sync_dir(kManifestFolder));
    if (in_doubt != nullptr) *in_doubt = false;
    manifest.number = next.number;
    // Older ones only help people; that they are there or not harms nobody.
    if (next.number > 3) (void)disk.unlink(manifest_name(next.number - 3));
    return {};
}

}  // namespace skua::store::embedded
