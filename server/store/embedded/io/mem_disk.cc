// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/mem_disk.h"

#include <algorithm>
#include <cstring>
#include <shared_mutex>
#include <utility>

namespace skua::store::embedded {

namespace {
constexpr std::size_t kPage = 65536;
}  // namespace

struct MemInode {
    MemInode(std::shared_ptr<std::atomic<std::uint64_t>> used, std::uint64_t capacity)
        : used_bytes(std::move(used)), capacity_bytes(capacity) {}
    ~MemInode() { *used_bytes -= pages.size() * kPage; }
    MemInode(const MemInode&) = delete;
    MemInode& operator=(const MemInode&) = delete;

    base::Status grow(const std::string& path, std::uint64_t to) {
        while (pages.size() * kPage < to) {
            if ((*used_bytes += kPage) > capacity_bytes) {
                *used_bytes -= kPage;
                return base::Error{base::Code::kResourceExhausted,
                                   "cannot write " + path + ": the memory store is full"};
            }
            pages.push_back(std::make_unique<char[]>(kPage));  // zeroed
        }
        size = std::max(size, to);
        return {};
    }

    // Calls f(char* page_bytes, length) for each piece of [offset, offset + length).
    template <class F>
    void pieces(std::uint64_t offset, std::size_t length, F&& f) {
        while (length > 0) {
            const std::size_t in_page = static_cast<std::size_t>(offset % kPage);
            const std::size_t n = std::min(length, kPage - in_page);
            f(pages[static_cast<std::size_t>(offset / kPage)].get() + in_page, n);
            offset += n;
            length -= n;
        }
    }

    const std::shared_ptr<std::atomic<std::uint64_t>> used_bytes;
    const std::uint64_t capacity_bytes;
    std::shared_mutex mutex;
    // Guarded by mutex.
    std::vector<std::unique_ptr<char[]>> pages;
    std::uint64_t size = 0;
};

namespace {

class MemFile final : public File {
public:
    MemFile(std::string path, std::shared_ptr<MemInode> inode) : path_(std::move(path)), inode_(std::move(inode)) {}

    [[nodiscard]] const std::string& path() const override { return path_; }
    base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const override {
        const std::shared_lock lock(inode_->mutex);
        if (offset >= inode_->size) return std::size_t{0};
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), inode_->size - offset));
        char* to = out.data();
        inode_->pieces(offset, n, [&to](const char* bytes, std::size_t length) {
            std::memcpy(to, bytes, length);
            to += length;
        });
        return n;
    }
    base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::unique_lock lock(inode_->mutex);
        SKUA_RETURN_IF_ERROR(inode_->grow(path_, offset + bytes.size()));
        const char* from = bytes.data();
        inode_->pieces(offset, bytes.size(), [&from](char* to, std::size_t length) {
            std::memcpy(to, from, length);
            from += length;
        });
        return {};
    }
    base::Status sync() override { return {}; }
    [[nodiscard]] base::Result<std::uint64_t> size() const override {
        const std::shared_lock lock(inode_->mutex);
        return inode_->size;
    }
    base::Status truncate(std::uint64_t size) override {
        const std::unique_lock lock(inode_->mutex);
        if (size >= inode_->size) return inode_->grow(path_, size);
        const std::uint64_t pages = (size + kPage - 1) / kPage;
        *inode_->used_bytes -= (inode_->pages.size() - pages) * kPage;
        inode_->pages.resize(static_cast<std::size_t>(pages));
        // What a later growth uncovers must read as zeros.
        if (size % kPage != 0) {
            std::memset(inode_->pages.back().get() + size % kPage, 0, static_cast<std::size_t>(kPage - size % kPage));
        }
        inode_->size = size;
        return {};
    }
    base::Status preallocate(std::uint64_t size) override {
        const std::unique_lock lock(inode_->mutex);
        return inode_->grow(path_, size);
    }

private:
    const std::string path_;
    const std::shared_ptr<MemInode> inode_;
};

class NoLock final : public DiskLock {};

}  // namespace

MemDisk::MemDisk(std::uint64_t capacity_bytes)
    : capacity_bytes_(capacity_bytes), used_bytes_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}
MemDisk::~MemDisk() = default;

base::Result<std::unique_ptr<File>> MemDisk::open(const std::string& name, OpenOptions options) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(name);
    const bool create = options.access == Access::kCreate;
    if (create && found != files_.end()) {
        return base::Error{base::Code::kIo, "cannot create " + path_ + name + ": File exists"};
    }
    if (!create && found == files_.end()) {
        return base::Error{base::Code::kNotFound, "cannot open " + path_ + name + ": No such file or directory"};
    }
    auto inode = create ? std::make_shared<MemInode>(used_bytes_, capacity_bytes_) : found->second;
    if (create) files_[name] = inode;
    return std::unique_ptr<File>(std::make_unique<MemFile>(path_ + name, std::move(inode)));
}

base::Status MemDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    auto node = files_.extract(from);
    if (node.empty()) {
        return base::Error{base::Code::kNotFound, "cannot rename " + path_ + from + ": No such file or directory"};
    }
    files_[to] = std::move(node.mapped());
    return {};
}

base::Status MemDisk::unlink(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (files_.erase(name) == 0) {
        return base::Error{base::Code::kNotFound, "cannot remove " + path_ + name + ": No such file or directory"};
    }
    return {};
}

base::Status MemDisk::make_dir(const std::string& name) {
    const std::lock_guard lock(mutex_);
    folders_.insert(name);
    return {};
}

base::Result<std::vector<DirEntry>> MemDisk::list(const std::string& dir) {
    const std::lock_guard lock(mutex_);
    if (!dir.empty() && !folders_.contains(dir)) {
        return base::Error{base::Code::kNotFound, "cannot list " + path_ + dir + ": No such file or directory"};
    }
    const std::string prefix = dir.empty() ? "" : dir + "/";
    const auto inside = [&prefix](const std::string& name) {
        return name.size() > prefix.size() && name.starts_with(prefix) &&
               name.find('/', prefix.size()) == std::string::npos;
    };
    std::vector<DirEntry> entries;
    for (const auto& folder : folders_) {
        if (inside(folder)) entries.push_back({folder.substr(prefix.size()), 0, true});
    }
    for (const auto& [name, inode] : files_) {
        if (!inside(name)) continue;
        const std::shared_lock inode_lock(inode->mutex);
        entries.push_back({name.substr(prefix.size()), inode->size, false});
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
}

base::Status MemDisk::sync_dir(const std::string& /*dir*/) {
    return {};
}

base::Result<SpaceInfo> MemDisk::space() {
    const std::uint64_t used = *used_bytes_;
    return SpaceInfo{capacity_bytes_ - std::min(used, capacity_bytes_), capacity_bytes_};
}

base::Result<std::unique_ptr<DiskLock>> MemDisk::lock(const std::string& /*name*/) {
    return std::unique_ptr<DiskLock>(std::make_unique<NoLock>());  // nobody else can reach this memory
}

}  // namespace skua::store::embedded
