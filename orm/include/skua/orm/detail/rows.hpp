// SPDX-License-Identifier: Apache-2.0
// Rows that are being read into objects whose type the library does not know. They gather in blocks, which never move;
// once their number is known they become a vector.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <skua/orm/model.hpp>
#include <skua/orm/row.hpp>
#include <skua/orm/statement.hpp>

namespace skua::orm::detail {

class row_blocks;

// What is to be known of a type. One constant for each; everything else is compiled once.
struct row_kind {
    std::size_t size, align;
    void (*make)(void* at);
    void (*drop)(void* object);
    // Makes a vector of the rows, in their order, at `vector`, and tells where its objects are.
    void* (*collect)(void* vector, row_blocks& rows);
    void (*discard)(void* vector);              // that vector
    const model_info& (*model)();               // of a described type; or
    std::span<const target_field> (*fields)();  // of scalars and tuples; neither: orm::row
};

class row_blocks {
public:
    // `expected`: as many as will come, where that is known; 0: it is not.
    row_blocks(const row_kind& kind, std::size_t expected) noexcept : kind_(kind), expected_(expected) {}
    row_blocks(const row_blocks&) = delete;
    row_blocks& operator=(const row_blocks&) = delete;
    ~row_blocks();

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    // One more.
    void* add();
    // The last one is no row.
    void drop_last();
    // From the first on; null: that was the last.
    [[nodiscard]] void* next() noexcept;

private:
    struct block;
    void grow();

    const row_kind& kind_;
    std::size_t expected_, count_ = 0;
    block* first_ = nullptr;
    block* last_ = nullptr;
    block* read_ = nullptr;
    std::size_t read_in_block_ = 0;
};

template <class T>
void make_row(void* at) {
    ::new (at) T();
}
template <class T>
void drop_row(void* object) {
    static_cast<T*>(object)->~T();
}
template <class T>
void* collect_rows(void* vector, row_blocks& rows) {
    auto* made = ::new (vector) std::vector<T>(rows.count());
    if constexpr (std::is_same_v<T, bool>) {
        for (std::size_t i = 0; i < rows.count(); ++i) (*made)[i] = *static_cast<bool*>(rows.next());
        return nullptr;
    } else {
        T* first = made->data();
        T* into = first;
        while (void* from = rows.next()) *into++ = static_cast<T&&>(*static_cast<T*>(from));
        return first;
    }
}

template <class T>
struct tuple_targets;
template <class... E>
struct tuple_targets<std::tuple<E...>> {
    static std::span<const target_field> get() {
        static const auto all = make(std::index_sequence_for<E...>());
        return all;
    }

private:
    template <std::size_t... I>
    static std::array<target_field, sizeof...(E)> make(std::index_sequence<I...>) {
        const std::tuple<E...> probe{};
        const char* base = reinterpret_cast<const char*>(&probe);
        return {target_field{
            &ops_of<E>, static_cast<std::uint32_t>(reinterpret_cast<const char*>(&std::get<I>(probe)) - base), {}}...};
    }
};
template <class T>
inline constexpr target_field scalar_target{&ops_of<T>, 0, {}};
template <class T>
std::span<const target_field> scalar_targets() {
    return {&scalar_target<T>, 1};
}

template <class T>
constexpr row_kind make_row_kind() {
    row_kind made{sizeof(T), alignof(T), &make_row<T>, &drop_row<T>, &collect_rows<T>, &drop_row<std::vector<T>>,
                  nullptr,   nullptr};
    if constexpr (std::is_same_v<T, row>)
        return made;
    else if constexpr (described<T>)
        made.model = &info_of<T>;
    else if constexpr (has_codec<plain_t<T>>)
        made.fields = &scalar_targets<T>;
    else
        made.fields = &tuple_targets<T>::get;
    return made;
}
template <class T>
inline constexpr row_kind row_kind_of = make_row_kind<T>();

void describe_target(row_target& target, const row_kind& kind);

// Gives each row to fn(T&) -> status, and keeps none.
template <class T, class F>
struct each_target : row_target {
    T value{};
    std::remove_reference_t<F>& fn;
    status outcome;
    std::int64_t count = 0;
    explicit each_target(std::remove_reference_t<F>& to) : fn(to) {
        self = this;
        next = [](void* s) -> void* { return &(static_cast<each_target*>(s)->value = T{}); };
        drop = [](void*) {};
        ready = [](void* s) {
            auto& me = *static_cast<each_target*>(s);
            ++me.count;
            me.outcome = me.fn(me.value);
            return static_cast<bool>(me.outcome);
        };
        objects = [](void*, std::size_t& none) -> void* {
            none = 0;
            return nullptr;
        };
        describe_target(*this, row_kind_of<T>);
    }
};

}  // namespace skua::orm::detail
