// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/tools/verify.h"

#include "base/hex.h"
#include "store/embedded/engine/segment_files.h"
#include "store/embedded/io/lost.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/tools/rebuild.h"
#include "store/embedded/wal/ring.h"
#include "store/embedded/wal/wal_reader.h"

#include <set>

#include <fmt/format.h>

namespace skua::store::embedded {
namespace {

constexpr char kTenants[] = "tenants";
constexpr char kLockName[] = "LOCK";

class TenantCheck {
public:
    TenantCheck(Disk& disk, VerifyReport& report) : disk_(disk), report_(report), data_(SpanDataOptions{{}, 1 << 20}) {}

    base::Status run(bool rebuild) {
        if (rebuild) SKUA_RETURN_IF_ERROR(rebuild_manifest(disk_, data_, report_.lines));
        auto manifest = load_manifest(disk_);
        if (!manifest && manifest.error().code != base::Code::kCorruption) return std::move(manifest).error();
        if (!manifest) {
            damaged(manifest.error().message);
            return {};
        }
        if (!manifest->has_value()) {
            damaged(disk_.path() + " has no manifest; `skua verify --rebuild` makes a new one");
            return {};
        }
        SKUA_RETURN_IF_ERROR(segments(**manifest));
        SKUA_RETURN_IF_ERROR(log(**manifest));
        return lost();
    }

private:
    void say(std::string text) { report_.lines.push_back(std::move(text)); }
    void damaged(const std::string& what) {
        report_.lines.push_back("DAMAGED: " + what);
        report_.is_sound = false;
    }

    base::Status segments(const Manifest& manifest) {
        std::set<std::string> named(manifest.dropped.begin(), manifest.dropped.end());
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        for (const SegmentEntry& entry : manifest.segments) {
            rows += entry.rows;
            for (const SegmentFile& file : entry.files) {
                if (named.insert(file.name).second) bytes += file.bytes;
            }
            auto status = data_.verify(disk_, entry);
            if (!status.ok() && status.error().code == base::Code::kInvalidArgument) return status;
            if (!status.ok()) damaged(fmt::format("segment {:016x}: {}", entry.id, status.error().message));
        }
        say(fmt::format("{}: manifest {}, {} segments, {} spans, {} bytes", disk_.path(), manifest.number,
                        manifest.segments.size(), rows, bytes));
        SKUA_ASSIGN_OR_RETURN(const auto files, disk_.list(kSegmentFolder));
        for (const DirEntry& file : files) {
            const std::string name = std::string(kSegmentFolder) + "/" + file.name;
            if (!named.contains(name)) say(name + " is not named by the manifest: the next start looks after it");
        }
        return {};
    }

    base::Status log(const Manifest& manifest) {
        SKUA_ASSIGN_OR_RETURN(WalScan scan, scan_wal(disk_, manifest.store_id, manifest.released_generation));
        std::uint64_t records = 0;
        std::uint64_t torn = 0;
        for (RecoveredGeneration& generation : scan.generations) {
            SKUA_RETURN_IF_ERROR(replay_wal(disk_, generation, [&](const WalRecord&, std::uint64_t) {
                ++records;
                return base::Status();
            }));
            torn += generation.torn_chunks;
            for (const WalDamage& one : generation.damage) {
                damaged(fmt::format("{} at {}, {} bytes, generation {}: {}", one.file, one.offset, one.bytes,
                                    one.generation, one.what));
            }
        }
        for (const UnreadableFile& file : scan.unreadable) damaged(file.name + ": " + file.why);
        say(fmt::format("log: {} generations not yet in segments, {} requests, {} chunks of a torn end, {} free files",
                        scan.generations.size(), records, torn, scan.free_files.size()));
        return {};
    }

    base::Status lost() {
        const auto files = disk_.list(kLostFolder);
        if (!files && files.error().code == base::Code::kNotFound) return {};
        if (!files) return files.error();
        for (const DirEntry& file : *files)
            say(fmt::format("lost/{}: {} bytes, set aside before", file.name, file.size));
        return {};
    }

    Disk& disk_;
    VerifyReport& report_;
    SpanData data_;
};

base::Status check_tenant(const std::string& path, bool rebuild, VerifyReport& report) {
    SKUA_ASSIGN_OR_RETURN(const auto disk, PosixDisk::open_existing(path));
    if (const auto there = disk->list(kManifestFolder); !there.ok()) {
        if (there.error().code != base::Code::kNotFound) return there.error();
        if (!rebuild || !disk->list(kSegmentFolder).ok()) {
            return base::Error{base::Code::kNotFound, "cannot verify " + path + ": there is no store in it"};
        }
    }
    SKUA_ASSIGN_OR_RETURN(const auto lock, disk->lock(kLockName));
    return TenantCheck(*disk, report).run(rebuild);
}

base::Result<VerifyReport> check(const std::string& path, bool rebuild) {
    VerifyReport report;
    SKUA_RETURN_IF_ERROR(check_tenant(path, rebuild, report));
    SKUA_ASSIGN_OR_RETURN(const auto disk, PosixDisk::open_existing(path));
    const auto tenants = disk->list(kTenants);
    if (!tenants && tenants.error().code == base::Code::kNotFound) return report;
    if (!tenants) return tenants.error();
    for (const DirEntry& folder : *tenants) {
        if (!folder.is_folder || !base::from_hex(folder.name)) continue;
        SKUA_RETURN_IF_ERROR(check_tenant(path + "/" + kTenants + "/" + folder.name, rebuild, report));
    }
    return report;
}

}  // namespace

base::Result<VerifyReport> verify_store(const std::string& path) {
    return check(path, false);
}

base::Result<VerifyReport> rebuild_store(const std::string& path) {
    return check(path, true);
}

}  // namespace skua::store::embedded
