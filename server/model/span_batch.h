// SPDX-License-Identifier: Apache-2.0
// Spans together with the memory they point into. What readers get, and what adjusters work on.
//
// Threads: confined to one at a time. Move-only; moving keeps all views valid.
#pragma once

#include "model/span.h"

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace skua::model {

class SpanBatch {
public:
    SpanBatch();
    SpanBatch(SpanBatch&&) noexcept;
    SpanBatch& operator=(SpanBatch&&) noexcept;
    ~SpanBatch();

    // Deep copies into this batch; the result's pointers live as long as the batch.
    std::string_view copy(std::string_view text);
    Attributes copy(Attributes attributes);
    const Resource* copy(const Resource& resource);
    const Scope* copy(const Scope& scope);
    // Copies all but resource and scope, which are taken as given (copied into this batch before).
    void append(const Span& span, const Resource* resource, const Scope* scope);
    // An array of n value-initialised T in the arena; T must be trivially destructible.
    template <class T>
    std::span<T> allocate(std::size_t n) {
        static_assert(std::is_trivially_destructible_v<T>);
        if (n == 0) return {};
        T* first = static_cast<T*>(arena_->allocate(n * sizeof(T), alignof(T)));
        std::uninitialized_value_construct_n(first, n);
        return {first, n};
    }

    // Spans in the order appended; those of one resource and scope usually stand together.
    std::vector<Span>& spans() { return spans_; }
    [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
    // Bytes of the copies made (not of the vector).
    [[nodiscard]] std::size_t copied_bytes() const { return copied_bytes_; }

private:
    std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_;
    std::vector<Span> spans_;
    std::size_t copied_bytes_ = 0;
};

}  // namespace skua::model
