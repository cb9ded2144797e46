// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/sim_disk.h"

#include "store/embedded/io/aligned_buffer.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

namespace skua::store::embedded {

namespace {

constexpr std::size_t kSector = 512;

std::string folder_of(const std::string& name) {
    const auto slash = name.find_last_of('/');
    return slash == std::string::npos ? "" : name.substr(0, slash);
}

std::string_view verb(DiskOp op) {
    constexpr std::string_view kVerbs[] = {"open",     "read",   "write",  "sync",   "truncate",
                                           "allocate", "rename", "remove", "create", "sync the folder"};
    return kVerbs[static_cast<std::size_t>(op)];
}

}  // namespace

struct SimInode {
    struct SectorWrite {
        std::size_t sector;
        std::array<char, kSector> bytes;
    };
    bool is_folder = false;
    std::string now;      // as the running system reads it
    std::string durable;  // as it surely is after a crash
    std::vector<SectorWrite> pending;

    void write(std::uint64_t offset, std::string_view bytes) {
        const auto at = static_cast<std::size_t>(offset);
        if (now.size() < at + bytes.size()) now.resize(at + bytes.size());
        std::memcpy(now.data() + at, bytes.data(), bytes.size());
        if (bytes.empty()) return;
        for (std::size_t s = at / kSector; s <= (at + bytes.size() - 1) / kSector; ++s) {
            SectorWrite& write = pending.emplace_back();
            write.sector = s;
            write.bytes.fill(0);
            std::memcpy(write.bytes.data(), now.data() + s * kSector, std::min(kSector, now.size() - s * kSector));
        }
    }
    void sync() {
        durable.resize(now.size());
        for (const SectorWrite& write : pending) put(durable, write, kSector);
        pending.clear();
    }
    void crash(std::mt19937_64& random) {
        std::size_t size = durable.size();
        if (now.size() != size && random() % 2 == 0) {
            size = now.size();
        } else if (now.size() > size && random() % 2 == 0) {
            size += static_cast<std::size_t>(random() % (now.size() - size));
        }
        durable.resize(size);
        // All, none, or a coin for each sector: the extremes are likely in life and rare with coins alone.
        const std::uint64_t style = random() % 4;
        for (const SectorWrite& write : pending) {
            if (style == 0 || (style > 1 && random() % 2 == 0)) continue;
            const bool torn = style == 3 && random() % 16 == 0;
            put(durable, write, torn ? static_cast<std::size_t>(random() % kSector) : kSector);
        }
        pending.clear();
        now = durable;
    }
    static void put(std::string& to, const SectorWrite& write, std::size_t bytes) {
        const std::size_t at = write.sector * kSector;
        if (at >= to.size()) return;
        std::memcpy(to.data() + at, write.bytes.data(), std::min(bytes, to.size() - at));
    }
};

class SimFile final : public File {
public:
    SimFile(SimDisk& disk, std::string path, std::shared_ptr<SimInode> inode, bool direct, bool writable)
        : disk_(disk),
          path_(std::move(path)),
          inode_(std::move(inode)),
          boot_(disk.boot_),
          direct_(direct),
          writable_(writable) {}

    [[nodiscard]] const std::string& path() const override { return path_; }
    [[nodiscard]] WriteMode write_mode() const override {
        return direct_ ? WriteMode::kDirectSync : WriteMode::kBuffered;
    }
    [[nodiscard]] std::size_t alignment() const override { return direct_ ? kIoAlignment : 1; }

    base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const override {
        const std::lock_guard lock(disk_.mutex_);
        SKUA_RETURN_IF_ERROR(begin(DiskOp::kRead));
        if (direct_ && !aligned(out.data(), offset, out.size())) return misaligned("read");
        if (offset >= inode_->now.size()) return std::size_t{0};
        const std::size_t n = std::min(out.size(), inode_->now.size() - static_cast<std::size_t>(offset));
        std::memcpy(out.data(), inode_->now.data() + offset, n);
        return n;
    }
    base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(disk_.mutex_);
        if (!writable_) return base::Error{base::Code::kIo, "cannot write " + path_ + ": opened for reading"};
        if (direct_ && !aligned(bytes.data(), offset, bytes.size())) return misaligned("write");
        if (auto status = begin(DiskOp::kWrite); !status.ok()) {
            // Cut off or failed: any part may be on its way, and not one byte of it is promised.
            if (boot_ == disk_.boot_ && disk_.cutting_) inode_->write(offset, bytes);
            if (boot_ == disk_.boot_ && !disk_.off_) inode_->write(offset, bytes.substr(0, bytes.size() / 2));
            return status;
        }
        const std::uint64_t end = offset + bytes.size();
        const std::uint64_t grows = end > inode_->now.size() ? end - inode_->now.size() : 0;
        SKUA_RETURN_IF_ERROR(check_space(grows));
        inode_->write(offset, bytes);
        if (direct_ && !disk_.options_.ignore_sync) inode_->sync();
        return {};
    }
    base::Status sync() override {
        const std::lock_guard lock(disk_.mutex_);
        SKUA_RETURN_IF_ERROR(begin(DiskOp::kSync));
        if (!disk_.options_.ignore_sync) inode_->sync();
        return {};
    }
    [[nodiscard]] base::Result<std::uint64_t> size() const override {
        const std::lock_guard lock(disk_.mutex_);
        if (disk_.off_ || boot_ != disk_.boot_) return disk_.powered_off(path_);
        return std::uint64_t{inode_->now.size()};
    }
    base::Status truncate(std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        SKUA_RETURN_IF_ERROR(begin(DiskOp::kTruncate));
        return resize(size);
    }
    base::Status preallocate(std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        SKUA_RETURN_IF_ERROR(begin(DiskOp::kAllocate));
        return size > inode_->now.size() ? resize(size) : base::Status{};
    }

private:
    base::Status begin(DiskOp op) const {
        if (boot_ != disk_.boot_) return disk_.powered_off(path_);
        return disk_.begin(op, path_);
    }
    base::Status check_space(std::uint64_t grows) const {
        if (grows != 0 && disk_.used_bytes() + grows > disk_.options_.capacity_bytes) {
            return base::Error{base::Code::kResourceExhausted, "cannot write " + path_ + ": No space left on device"};
        }
        return {};
    }
    base::Status resize(std::uint64_t size) {
        if (size > inode_->now.size()) SKUA_RETURN_IF_ERROR(check_space(size - inode_->now.size()));
        inode_->now.resize(static_cast<std::size_t>(size));
        return {};
    }
    static bool aligned(const void* address, std::uint64_t offset, std::size_t length) {
        return reinterpret_cast<std::uintptr_t>(address) % kIoAlignment == 0 && offset % kIoAlignment == 0 &&
               length % kIoAlignment == 0;
    }
    base::Error misaligned(std::string_view what) const {
        return {base::Code::kIo, "cannot " + std::string(what) + " " + path_ + ": Invalid argument (alignment)"};
    }

    SimDisk& disk_;
    const std::string path_;
    const std::shared_ptr<SimInode> inode_;
    const std::uint64_t boot_;
    const bool direct_;
    const bool writable_;
};

SimDisk::SimDisk() : SimDisk(Options()) {}
SimDisk::SimDisk(Options options) : options_(options) {}
SimDisk::~SimDisk() = default;

base::Error SimDisk::powered_off(const std::string& what) const {
    return {base::Code::kIo, "cannot use " + what + ": the simulated machine has crashed"};
}

base::Status SimDisk::begin(DiskOp op, const std::string& what) {
    cutting_ = false;
    if (off_) return powered_off(what);
    const std::uint64_t count = ++counts_[static_cast<std::size_t>(op)];
    const bool changes = op != DiskOp::kRead && op != DiskOp::kOpen;
    if (changes && ++operations_ >= crash_at_) {
        off_ = true;
        cutting_ = true;
        return powered_off(what);
    }
    for (const Fault& fault : faults_) {
        if (fault.op == op && (fault.at == 0 || fault.at == count)) {
            return base::Error{fault.code, "cannot " + std::string(verb(op)) + " " + what + ": simulated fault"};
        }
    }
    return {};
}

void SimDisk::apply(Names& names, const DirOp& op) {
    for (const NameChange& change : op.changes) {
        if (change.inode) {
            names[change.name] = change.inode;
        } else {
            names.erase(change.name);
        }
    }
}

void SimDisk::change_names(const std::string& dir, std::vector<NameChange> changes) {
    pending_.push_back({dir, std::move(changes)});
    apply(names_, pending_.back());
}

std::uint64_t SimDisk::used_bytes() const {
    std::uint64_t used = 0;
    for (const auto& [name, inode] : names_) used += inode->now.size();
    return used;
}

base::Result<std::unique_ptr<File>> SimDisk::open(const std::string& name, OpenOptions options) {
    const std::lock_guard lock(mutex_);
    SKUA_RETURN_IF_ERROR(begin(DiskOp::kOpen, path_ + name));
    const auto found = names_.find(name);
    const bool create = options.access == Access::kCreate;
    std::shared_ptr<SimInode> inode;
    if (create) {
        if (found != names_.end())
            return base::Error{base::Code::kIo, "cannot create " + path_ + name + ": File exists"};
        const std::string folder = folder_of(name);
        if (!folder.empty() && !names_.contains(folder)) {
            return base::Error{base::Code::kNotFound, "cannot create " + path_ + name + ": No such file or directory"};
        }
        inode = std::make_shared<SimInode>();
        change_names(folder, {{name, inode}});
    } else {
        if (found == names_.end() || found->second->is_folder) {
            return base::Error{base::Code::kNotFound, "cannot open " + path_ + name + ": No such file or directory"};
        }
        inode = found->second;
    }
    const bool direct = options.want_direct_sync && options_.direct_sync;
    return std::unique_ptr<File>(
        std::make_unique<SimFile>(*this, path_ + name, std::move(inode), direct, options.access != Access::kRead));
}

base::Status SimDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(from);
    auto status = begin(DiskOp::kRename, path_ + from + " to " + path_ + to);
    if (!status.ok() && !cutting_) return status;
    if (found == names_.end()) {
        return base::Error{base::Code::kNotFound, "cannot rename " + path_ + from + ": No such file or directory"};
    }
    change_names(folder_of(to), {{from, nullptr}, {to, found->second}});
    return status;
}

base::Status SimDisk::unlink(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto status = begin(DiskOp::kUnlink, path_ + name);
    if (!status.ok() && !cutting_) return status;
    if (!names_.contains(name)) {
        return base::Error{base::Code::kNotFound, "cannot remove " + path_ + name + ": No such file or directory"};
    }
    change_names(folder_of(name), {{name, nullptr}});
    return status;
}

base::Status SimDisk::make_dir(const std::string& name) {
    const std::lock_guard lock(mutex_);
    SKUA_RETURN_IF_ERROR(begin(DiskOp::kMakeDir, path_ + name));
    if (names_.contains(name)) return {};
    auto inode = std::make_shared<SimInode>();
    inode->is_folder = true;
    change_names(folder_of(name), {{name, std::move(inode)}});
    return {};
}

base::Result<std::vector<DirEntry>> SimDisk::list(const std::string& dir) {
    const std::lock_guard lock(mutex_);
    if (off_) return powered_off(path_ + dir);
    if (!dir.empty() && !names_.contains(dir)) {
        return base::Error{base::Code::kNotFound, "cannot list " + path_ + dir + ": No such file or directory"};
    }
    std::vector<DirEntry> entries;
    for (const auto& [name, inode] : names_) {
        if (folder_of(name) != dir) continue;
        entries.push_back({dir.empty() ? name : name.substr(dir.size() + 1), inode->now.size(), inode->is_folder});
    }
    return entries;
}

base::Status SimDisk::sync_dir(const std::string& dir) {
    const std::lock_guard lock(mutex_);
    SKUA_RETURN_IF_ERROR(begin(DiskOp::kSyncDir, path_ + dir));
    if (options_.ignore_sync_dir) return {};
    std::erase_if(pending_, [&](const DirOp& op) {
        if (op.dir == dir) apply(durable_names_, op);
        return op.dir == dir;
    });
    return {};
}

base::Result<SpaceInfo> SimDisk::space() {
    const std::lock_guard lock(mutex_);
    if (off_) return powered_off(path_);
    const std::uint64_t used = used_bytes();
    return SpaceInfo{options_.capacity_bytes - std::min(used, options_.capacity_bytes), options_.capacity_bytes};
}

base::Result<std::unique_ptr<DiskLock>> SimDisk::lock(const std::string& name) {
    class Holder final : public DiskLock {
    public:
        explicit Holder(std::shared_ptr<DiskLock> token) : token_(std::move(token)) {}

    private:
        std::shared_ptr<DiskLock> token_;
    };
    const std::lock_guard lock(mutex_);
    if (off_) return powered_off(path_ + name);
    if (!locks_[name].expired()) {
        return base::Error{base::Code::kUnavailable,
                           "cannot lock " + path_ + name + ": another process uses this folder"};
    }
    auto token = std::make_shared<DiskLock>();
    locks_[name] = token;
    return std::unique_ptr<DiskLock>(std::make_unique<Holder>(std::move(token)));
}

void SimDisk::fail(DiskOp op, std::uint64_t nth, base::Code code) {
    const std::lock_guard lock(mutex_);
    faults_.push_back({op, counts_[static_cast<std::size_t>(op)] + nth, code});
}

void SimDisk::fail_always(DiskOp op, base::Code code) {
    const std::lock_guard lock(mutex_);
    faults_.push_back({op, 0, code});
}

void SimDisk::clear_faults() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

void SimDisk::set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    options_.capacity_bytes = bytes;
}

void SimDisk::crash_after(std::uint64_t operations) {
    const std::lock_guard lock(mutex_);
    crash_at_ = operations_ + operations;
}

std::uint64_t SimDisk::operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
}

std::uint64_t SimDisk::count(DiskOp op) const {
    const std::lock_guard lock(mutex_);
    return counts_[static_cast<std::size_t>(op)];
}

bool SimDisk::crashed() const {
    const std::lock_guard lock(mutex_);
    return off_;
}

void SimDisk::crash(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    std::mt19937_64 random(seed);
    const std::uint64_t style = random() % 3;  // no name change, all of them, or a coin for each
    for (const DirOp& op : pending_) {
        if (style == 1 || (style == 2 && random() % 2 == 0)) apply(durable_names_, op);
    }
    pending_.clear();
    // A file whose folder did not survive is out of reach.
    std::erase_if(durable_names_, [this](const auto& entry) {
        const std::string folder = folder_of(entry.first);
        return !folder.empty() && !durable_names_.contains(folder);
    });
    names_ = durable_names_;
    for (const auto& [name, inode] : names_) inode->crash(random);
    faults_.clear();
    locks_.clear();
    crash_at_ = std::numeric_limits<std::uint64_t>::max();
    off_ = false;
    ++boot_;
}

std::unique_ptr<SimDisk> SimDisk::clone() const {
    const std::lock_guard lock(mutex_);
    auto copy = std::make_unique<SimDisk>(options_);
    std::map<const SimInode*, std::shared_ptr<SimInode>> inodes;
    const auto twin = [&inodes](const std::shared_ptr<SimInode>& inode) -> std::shared_ptr<SimInode> {
        if (!inode) return nullptr;
        auto& slot = inodes[inode.get()];
        if (!slot) slot = std::make_shared<SimInode>(*inode);
        return slot;
    };
    for (const auto& [name, inode] : names_) copy->names_[name] = twin(inode);
    for (const auto& [name, inode] : durable_names_) copy->durable_names_[name] = twin(inode);
    for (const DirOp& op : pending_) {
        DirOp& twin_op = copy->pending_.emplace_back();
        twin_op.dir = op.dir;
        for (const NameChange& change : op.changes) twin_op.changes.push_back({change.name, twin(change.inode)});
    }
    copy->off_ = off_;
    return copy;
}

void SimDisk::flip_bit(const std::string& name, std::uint64_t offset_bits) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(name);
    if (found == names_.end()) return;
    SimInode& inode = *found->second;
    const auto byte = static_cast<std::size_t>(offset_bits / 8);
    if (byte >= inode.now.size()) return;
    inode.sync();
    inode.now[byte] = static_cast<char>(inode.now[byte] ^ (1 << (offset_bits % 8)));
    inode.durable = inode.now;
}

void SimDisk::put(const std::string& name, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    auto inode = std::make_shared<SimInode>();
    inode->now = inode->durable = std::string(bytes);
    names_[name] = durable_names_[name] = std::move(inode);
}

std::optional<std::string> SimDisk::get(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(name);
    if (found == names_.end() || found->second->is_folder) return std::nullopt;
    return found->second->now;
}

}  // namespace skua::store::embedded
