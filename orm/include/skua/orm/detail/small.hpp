// SPDX-License-Identifier: Apache-2.0
// A vector whose first N elements need no allocation. What a query is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace skua::orm::detail {

template <class T, std::size_t N>
class small {
public:
    small() noexcept : data_(inline_data()) {}
    small(const small& other) : small() { append(other.begin(), other.end()); }
    small(small&& other) noexcept : small() { take(other); }
    small& operator=(const small& other) {
        if (this != &other) {
            clear();
            append(other.begin(), other.end());
        }
        return *this;
    }
    small& operator=(small&& other) noexcept {
        if (this != &other) {
            release();
            take(other);
        }
        return *this;
    }
    ~small() { release(); }

    [[nodiscard]] T* begin() noexcept { return data_; }
    [[nodiscard]] T* end() noexcept { return data_ + size_; }
    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    T& operator[](std::size_t i) noexcept { return data_[i]; }
    const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    T& back() noexcept { return data_[size_ - 1]; }

    template <class... Args>
    T& emplace_back(Args&&... args) {
        if (size_ == capacity_) grow(size_ + 1U);
        T* made = new (data_ + size_) T(std::forward<Args>(args)...);
        ++size_;
        return *made;
    }
    void reserve(std::size_t wanted) {
        if (wanted > capacity_) grow(wanted);
    }
    void push_back(const T& v) { emplace_back(v); }
    void push_back(T&& v) { emplace_back(std::move(v)); }
    void append(const T* from, const T* to) {
        if constexpr (std::is_trivially_copyable_v<T>) {
            const auto count = static_cast<std::uint32_t>(to - from);
            if (size_ + count > capacity_) grow(size_ + count);
            if (count) std::memcpy(static_cast<void*>(data_ + size_), from, count * sizeof(T));
            size_ += count;
        } else {
            for (; from != to; ++from) emplace_back(*from);
        }
    }
    void append_moved(small& other) {
        for (T& v : other) emplace_back(std::move(v));
    }
    void clear() noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>)
            for (std::size_t i = 0; i < size_; ++i) data_[i].~T();
        size_ = 0;
    }

private:
    T* inline_data() noexcept { return reinterpret_cast<T*>(buffer_); }
    bool is_inline() const noexcept { return capacity_ == N; }
    void grow(std::size_t wanted) {
        std::size_t capacity = capacity_ * 2U;
        if (capacity < wanted) capacity = wanted;
        T* fresh = static_cast<T*>(::operator new(capacity * sizeof(T)));
        for (std::size_t i = 0; i < size_; ++i) {
            new (fresh + i) T(std::move(data_[i]));
            data_[i].~T();
        }
        if (!is_inline()) ::operator delete(data_);
        data_ = fresh;
        capacity_ = static_cast<std::uint32_t>(capacity);
    }
    void release() noexcept {
        clear();
        if (!is_inline()) ::operator delete(data_);
        data_ = inline_data();
        capacity_ = N;
    }
    // REQUIRES: this is empty and inline.
    void take(small& other) noexcept {
        if (!other.is_inline()) {
            data_ = std::exchange(other.data_, other.inline_data());
            capacity_ = std::exchange(other.capacity_, static_cast<std::uint32_t>(N));
            size_ = std::exchange(other.size_, 0U);
            return;
        }
        if constexpr (std::is_trivially_copyable_v<T>) {
            std::memcpy(static_cast<void*>(buffer_), other.buffer_, other.size_ * sizeof(T));
            size_ = std::exchange(other.size_, 0U);
        } else {
            for (T& v : other) new (data_ + size_++) T(std::move(v));
            other.clear();
        }
    }

    T* data_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = N;
    alignas(T) unsigned char buffer_[N * sizeof(T)];
};

// A T that is mostly not there: a pointer wide, copied deeply. Reads as T{} until it is written to.
template <class T>
class rare {
public:
    rare() noexcept = default;
    rare(const rare& other) : made_(other.made_ ? new T(*other.made_) : nullptr) {}
    rare(rare&& other) noexcept : made_(std::exchange(other.made_, nullptr)) {}
    rare& operator=(rare other) noexcept {
        std::swap(made_, other.made_);
        return *this;
    }
    ~rare() { delete made_; }
    [[nodiscard]] explicit operator bool() const noexcept { return made_; }
    [[nodiscard]] const T& get() const noexcept {
        static const T nothing{};
        return made_ ? *made_ : nothing;
    }
    [[nodiscard]] const T* operator->() const noexcept { return &get(); }
    [[nodiscard]] const T& operator*() const noexcept { return get(); }
    [[nodiscard]] T& write() {
        if (!made_) made_ = new T();
        return *made_;
    }

private:
    T* made_ = nullptr;
};

}  // namespace skua::orm::detail
