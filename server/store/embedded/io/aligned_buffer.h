// SPDX-License-Identifier: Apache-2.0
// Memory fit for direct I/O: starts at a multiple of 4,096 bytes. Contents are uninitialised.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace skua::store::embedded {

inline constexpr std::size_t kIoAlignment = 4096;

class AlignedBuffer {
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t size)
        : data_(static_cast<char*>(std::aligned_alloc(kIoAlignment, round_up(size)))), size_(round_up(size)) {
        if (data_ == nullptr && size != 0) throw std::bad_alloc();
    }

    [[nodiscard]] char* data() { return data_.get(); }
    [[nodiscard]] const char* data() const { return data_.get(); }
    // Rounded up to the alignment.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<char> bytes() { return {data_.get(), size_}; }

    static constexpr std::size_t round_up(std::size_t n) {
        return (n + kIoAlignment - 1) / kIoAlignment * kIoAlignment;
    }

private:
    struct Free {
        void operator()(char* p) const { std::free(p); }
    };
    std::unique_ptr<char, Free> data_;
    std::size_t size_ = 0;
};

}  // namespace skua::store::embedded
