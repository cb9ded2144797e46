// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <new>

#include <skua/orm/relation.hpp>

namespace skua::orm::detail {

namespace {
// Memory of operator new, given back unless released: copying may throw.
struct raw_memory {
    explicit raw_memory(std::size_t size) : at(::operator new(size)) {}
    raw_memory(const raw_memory&) = delete;
    raw_memory& operator=(const raw_memory&) = delete;
    ~raw_memory() { ::operator delete(at); }
    void* release() noexcept { return std::exchange(at, nullptr); }
    void* at;
};
}  // namespace

one_state::one_state(const one_state& other) : loaded_(other.loaded_) {
    if (!other.object_) return;
    set_copy(*other.ops_, other.object_);
    loaded_ = other.loaded_;
}
one_state::one_state(one_state&& other) noexcept
    : object_(std::exchange(other.object_, nullptr)), ops_(other.ops_), loaded_(std::exchange(other.loaded_, false)) {}
one_state& one_state::operator=(one_state other) noexcept {
    std::swap(object_, other.object_);
    std::swap(ops_, other.ops_);
    std::swap(loaded_, other.loaded_);
    return *this;
}

void one_state::adopt(const related_ops& ops, void* object) noexcept {
    clear();
    object_ = object;
    ops_ = &ops;
    loaded_ = true;
}
void one_state::set_copy(const related_ops& ops, const void* from) {
    raw_memory fresh(ops.size);
    ops.copy(fresh.at, from);
    adopt(ops, fresh.release());
}
void one_state::set_moved(const related_ops& ops, void* from) {
    raw_memory fresh(ops.size);
    ops.relocate(fresh.at, from);
    adopt(ops, fresh.release());
}
void* one_state::emplace_default(const related_ops& ops) {
    raw_memory fresh(ops.size);
    ops.make(fresh.at);
    adopt(ops, fresh.release());
    return object_;
}
void one_state::clear() noexcept {
    if (!object_) return;
    ops_->drop(object_);
    ::operator delete(object_);
    object_ = nullptr;
}

many_state::many_state(const many_state& other) : loaded_(other.loaded_) {
    if (other.size_ == 0) return;
    try {
        reserve(*other.ops_, other.size_);
        for (std::size_t i = 0; i < other.size_; ++i) append_copy(*other.ops_, other.at(i));
    } catch (...) {
        release();
        throw;
    }
}
many_state::many_state(many_state&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      ops_(other.ops_),
      size_(std::exchange(other.size_, 0U)),
      capacity_(std::exchange(other.capacity_, 0U)),
      loaded_(std::exchange(other.loaded_, false)) {}
many_state& many_state::operator=(many_state other) noexcept {
    std::swap(data_, other.data_);
    std::swap(ops_, other.ops_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(loaded_, other.loaded_);
    return *this;
}

void many_state::reserve(const related_ops& ops, std::size_t count) {
    ops_ = &ops;
    if (count <= capacity_) return;
    if (count > UINT32_MAX) throw std::bad_alloc();
    char* fresh = static_cast<char*>(::operator new(count* ops.size));
    for (std::size_t i = 0; i < size_; ++i) ops.relocate(fresh + i * ops.size, data_ + i * ops.size);
    ::operator delete(data_);
    data_ = fresh;
    capacity_ = static_cast<std::uint32_t>(count);
}
void* many_state::room(const related_ops& ops) {
    ops_ = &ops;
    if (size_ == capacity_) reserve(ops, std::max<std::size_t>(4, std::size_t{capacity_} * 2));
    return data_ + size_ * ops.size;
}
void* many_state::append(const related_ops& ops) {
    void* at = room(ops);
    ops.make(at);
    ++size_;
    return at;
}
void many_state::append_copy(const related_ops& ops, const void* from) {
    ops.copy(room(ops), from);
    ++size_;
}
void many_state::append_moved(const related_ops& ops, void* from) {
    ops.relocate(room(ops), from);
    ++size_;
}
void many_state::erase(std::size_t i) noexcept {
    ops_->drop(at(i));
    for (; i + 1 < size_; ++i) ops_->relocate(at(i), at(i + 1));
    --size_;
}
void many_state::pop() noexcept {
    ops_->drop(at(--size_));
}
void many_state::clear() noexcept {
    while (size_ > 0) pop();
}
void many_state::release() noexcept {
    clear();
    ::operator delete(data_);
    data_ = nullptr;
    capacity_ = 0;
}

}  // namespace skua::orm::detail
