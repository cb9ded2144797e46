// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <algorithm>
#include <new>
#include <utility>

namespace skua::orm::detail {
namespace {
constexpr std::size_t first_block = 4;
constexpr std::size_t block_bytes_max = 1U << 18U;  // blocks grow up to that
}  // namespace

struct row_blocks::block {
    block* next;
    std::size_t used, capacity;
    char* rows;
};

row_blocks::~row_blocks() {
    while (first_) {
        for (std::size_t i = 0; i < first_->used; ++i) kind_.drop(first_->rows + i * kind_.size);
        block* gone = std::exchange(first_, first_->next);
        ::operator delete(gone, std::align_val_t(std::max(alignof(block), kind_.align)));
    }
}

void row_blocks::grow() {
    std::size_t rows = last_ ? last_->capacity * 2 : expected_ ? expected_ : first_block;
    rows = std::clamp<std::size_t>(rows, 1, std::max<std::size_t>(1, block_bytes_max / kind_.size));
    const std::size_t align = std::max(alignof(block), kind_.align);
    const std::size_t head = (sizeof(block) + kind_.align - 1) / kind_.align * kind_.align;
    char* memory = static_cast<char*>(::operator new(head + rows * kind_.size, std::align_val_t(align)));
    block* made = ::new (memory) block{nullptr, 0, rows, memory + head};
    (last_ ? last_->next : first_) = made;
    last_ = made;
}

void* row_blocks::add() {
    if (!last_ || last_->used == last_->capacity) grow();
    void* at = last_->rows + last_->used * kind_.size;
    kind_.make(at);
    ++last_->used;
    ++count_;
    return at;
}

// REQUIRES: the last call was add().
void row_blocks::drop_last() {
    --last_->used;
    --count_;
    kind_.drop(last_->rows + last_->used * kind_.size);
}

void* row_blocks::next() noexcept {
    if (!read_) {
        read_ = first_;
        if (!read_) return nullptr;
    }
    while (read_in_block_ == read_->used) {
        if (!read_->next) return nullptr;
        read_ = read_->next;
        read_in_block_ = 0;
    }
    return read_->rows + read_in_block_++ * kind_.size;
}

void describe_target(row_target& target, const row_kind& kind) {
    if (kind.model) {
        const model_info& info = kind.model();
        target.fields = info.targets;
        target.model = info.desc->is_shape ? nullptr : &info;
        target.by_name = true;
    } else if (kind.fields) {
        target.fields = kind.fields();
    } else {
        target.take = &row::take;
    }
}

vector_target::vector_target(rows_wanted into, std::size_t expected) : rows_(into.kind, expected), into_(into) {
    self = this;
    next = [](void* s) { return static_cast<vector_target*>(s)->rows_.add(); };
    drop = [](void* s) { static_cast<vector_target*>(s)->rows_.drop_last(); };
    objects = [](void* s, std::size_t& count) {
        count = static_cast<vector_target*>(s)->rows_.count();
        return static_cast<vector_target*>(s)->collect();
    };
    describe_target(*this, into.kind);
}

vector_target::~vector_target() {
    if (collected_ && !finished_) into_.kind.discard(into_.vector);
}

void vector_target::finish() {
    collect();
    finished_ = true;
}

void* vector_target::collect() {
    if (!collected_) first_ = into_.kind.collect(into_.vector, rows_);
    collected_ = true;
    return first_;
}

object_target::object_target(row_wanted into) : object_(nullptr) {
    take_one(into.object);
    describe_target(*this, into.kind);
}

object_target::object_target(const model_info& info, void* object) : object_(nullptr) {
    take_one(object);
    fields = info.targets;
    model = &info;
    by_name = true;
}

void object_target::take_one(void* object) {
    object_ = object;
    self = this;
    max_rows = 1;
    next = [](void* s) {
        static_cast<object_target*>(s)->there = true;
        return static_cast<object_target*>(s)->object_;
    };
    drop = [](void* s) { static_cast<object_target*>(s)->there = false; };
    objects = [](void* s, std::size_t& count) {
        count = static_cast<object_target*>(s)->there ? 1 : 0;
        return static_cast<object_target*>(s)->object_;
    };
}

}  // namespace skua::orm::detail
