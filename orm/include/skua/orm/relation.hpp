// SPDX-License-Identifier: Apache-2.0
// Related models as members: orm::one<Company> and orm::many<Pet>. They own what they hold, copy it deeply, know
// whether it was loaded, and are type-erased, so models may refer to each other, and to themselves, in any order. As
// vectors and optionals they are for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/tag.hpp>

namespace skua::orm {

struct model_info;
struct relation_info;
template <class T>
const model_info& info_of();

// What the ORM does with objects whose type it does not know.
struct related_ops {
    std::size_t size;
    void (*make)(void* at);
    void (*copy)(void* at, const void* from);
    void (*relocate)(void* at, void* from) noexcept;  // moves, then destroys `from`
    void (*drop)(void* object) noexcept;
};

namespace detail {
template <class T>
struct related_fns {
    static void make(void* at) { ::new (at) T(); }
    static void copy(void* at, const void* from) { ::new (at) T(*static_cast<const T*>(from)); }
    static void relocate(void* at, void* from) noexcept {
        ::new (at) T(std::move(*static_cast<T*>(from)));
        static_cast<T*>(from)->~T();
    }
    static void drop(void* object) noexcept { static_cast<T*>(object)->~T(); }
};
template <class T>
inline constexpr related_ops related_ops_of{sizeof(T), &related_fns<T>::make, &related_fns<T>::copy,
                                            &related_fns<T>::relocate, &related_fns<T>::drop};

[[noreturn]] void wrong_access();

// An object or none, on the heap.
class one_state {
public:
    one_state() noexcept = default;
    one_state(const one_state& other);
    one_state(one_state&& other) noexcept;
    one_state& operator=(one_state other) noexcept;
    ~one_state() { clear(); }

    [[nodiscard]] void* object() const noexcept { return object_; }
    [[nodiscard]] bool is_loaded() const noexcept { return loaded_; }
    void set_loaded(bool loaded) noexcept { loaded_ = loaded; }
    // Takes an object made in memory of operator new; what was there is gone. Loaded.
    void adopt(const related_ops& ops, void* object) noexcept;
    void set_copy(const related_ops& ops, const void* from);
    // `from` is destroyed by it.
    void set_moved(const related_ops& ops, void* from);
    // A default-made one.
    void* emplace_default(const related_ops& ops);
    void clear() noexcept;

private:
    void* object_ = nullptr;
    const related_ops* ops_ = nullptr;
    bool loaded_ = false;
};

// Objects side by side.
class many_state {
public:
    many_state() noexcept = default;
    many_state(const many_state& other);
    many_state(many_state&& other) noexcept;
    many_state& operator=(many_state other) noexcept;
    ~many_state() { release(); }

    [[nodiscard]] void* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t count() const noexcept { return size_; }
    [[nodiscard]] bool is_loaded() const noexcept { return loaded_; }
    void set_loaded(bool loaded) noexcept { loaded_ = loaded; }
    [[nodiscard]] void* at(std::size_t i) const noexcept { return data_ + i * ops_->size; }
    void reserve(const related_ops& ops, std::size_t count);
    // Room behind the last; the caller makes an object there, then calls added().
    void* room(const related_ops& ops);
    void added() noexcept { ++size_; }
    // A default-made one.
    void* append(const related_ops& ops);
    void append_copy(const related_ops& ops, const void* from);
    // `from` is destroyed by it.
    void append_moved(const related_ops& ops, void* from);
    // The others close up.
    void erase(std::size_t i) noexcept;
    void pop() noexcept;
    void clear() noexcept;
    // All of them were moved away (append_moved): nothing is destroyed.
    void forget() noexcept { size_ = 0; }

private:
    void release() noexcept;

    char* data_ = nullptr;
    const related_ops* ops_ = nullptr;
    std::uint32_t size_ = 0, capacity_ = 0;
    bool loaded_ = false;
};
}  // namespace detail

// A related object: belongs to, has one. Assigned ones are saved with their owner; loaded() says whether the ORM or the
// user has put something in, "there is none" included.
template <class T>
class one : private detail::one_state {
public:
    using related = T;

    one() noexcept = default;
    one(T value) { emplace(std::move(value)); }  // NOLINT(google-explicit-constructor): reads as the object itself
    one(std::nullopt_t) noexcept {}              // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool loaded() const noexcept { return is_loaded(); }
    [[nodiscard]] bool has_value() const noexcept { return object(); }
    [[nodiscard]] explicit operator bool() const noexcept { return object(); }
    // REQUIRES: has_value().
    [[nodiscard]] T& operator*() { return *checked(); }
    [[nodiscard]] const T& operator*() const { return *checked(); }
    [[nodiscard]] T* operator->() { return checked(); }
    [[nodiscard]] const T* operator->() const { return checked(); }
    [[nodiscard]] T& value() { return *checked(); }
    [[nodiscard]] const T& value() const { return *checked(); }
    // Null when there is none.
    [[nodiscard]] T* get() noexcept { return static_cast<T*>(object()); }
    [[nodiscard]] const T* get() const noexcept { return static_cast<const T*>(object()); }

    template <class... Args>
    T& emplace(Args&&... args) {
        adopt(detail::related_ops_of<T>, new T{std::forward<Args>(args)...});
        return *get();
    }
    // Nothing, and not loaded.
    void reset() noexcept {
        clear();
        set_loaded(false);
    }
    friend bool operator==(const one& a, const one& b) {
        return a.has_value() == b.has_value() && (!a.has_value() || *a == *b);
    }

private:
    T* checked() const {
        if (!object()) detail::wrong_access();
        return static_cast<T*>(object());
    }
};

// Related objects: has many, many to many. Link names the model of the link table, where that has columns of its own:
// orm::many<Address, PersonAddress>.
template <class T, class Link = void>
class many : private detail::many_state {
public:
    using related = T;
    using link = Link;
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    many() noexcept = default;
    many(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
    template <class A>
    many(const std::vector<T, A>& values) {  // NOLINT(google-explicit-constructor)
        assign(values.begin(), values.end());
    }
    template <class A>
    many(std::vector<T, A>&& values) {  // NOLINT(google-explicit-constructor)
        for (T& v : values) push_back(std::move(v));
        set_loaded(true);
    }

    [[nodiscard]] bool loaded() const noexcept { return is_loaded(); }
    [[nodiscard]] std::size_t size() const noexcept { return count(); }
    [[nodiscard]] bool empty() const noexcept { return count() == 0; }
    [[nodiscard]] T* begin() noexcept { return data(); }
    [[nodiscard]] T* end() noexcept { return data() + count(); }
    [[nodiscard]] const T* begin() const noexcept { return data(); }
    [[nodiscard]] const T* end() const noexcept { return data() + count(); }
    [[nodiscard]] T* data() noexcept { return static_cast<T*>(many_state::data()); }
    [[nodiscard]] const T* data() const noexcept { return static_cast<const T*>(many_state::data()); }
    // REQUIRES: i < size().
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data()[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data()[i]; }
    [[nodiscard]] T& at(std::size_t i) { return data()[checked(i)]; }
    [[nodiscard]] const T& at(std::size_t i) const { return data()[checked(i)]; }
    // REQUIRES: not empty.
    [[nodiscard]] T& front() noexcept { return data()[0]; }
    [[nodiscard]] T& back() noexcept { return data()[count() - 1]; }
    [[nodiscard]] const T& front() const noexcept { return data()[0]; }
    [[nodiscard]] const T& back() const noexcept { return data()[count() - 1]; }

    void push_back(T value) {
        ::new (room(detail::related_ops_of<T>)) T(std::move(value));
        added();
    }
    template <class... Args>
    T& emplace_back(Args&&... args) {
        push_back(T{std::forward<Args>(args)...});
        return back();
    }
    T* erase(const T* which) noexcept {
        const auto i = static_cast<std::size_t>(which - data());
        many_state::erase(i);
        return data() + i;
    }
    void reserve(std::size_t count) { many_state::reserve(detail::related_ops_of<T>, count); }
    // No objects; as loaded as before.
    void clear() noexcept { many_state::clear(); }
    // No objects, and not loaded.
    void reset() noexcept {
        many_state::clear();
        set_loaded(false);
    }
    friend bool operator==(const many& a, const many& b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!(a[i] == b[i])) return false;
        return true;
    }

private:
    template <class It>
    void assign(It from, It to) {
        for (; from != to; ++from) push_back(*from);
        set_loaded(true);
    }
    [[nodiscard]] std::size_t checked(std::size_t i) const {
        if (i >= count()) detail::wrong_access();
        return i;
    }
};

// One relation, as the macro describes it.
struct relation_desc {
    bool is_many;
    const related_ops& (*ops)();  // functions: the related type may be incomplete where this is made
    const model_info& (*target)();
    const model_info& (*link)();  // null: the link table, if there is one, is ours
    const related_ops& (*link_ops)();
    void (*check)();  // compiled for its messages, never called
};

// Says which relation is meant; resolved when a statement runs. One static object per relation.
struct relation_ref {
    const relation_info& (*resolve)();
};

namespace detail {
template <class M>
struct relation_member : std::false_type {};
template <class T>
struct relation_member<one<T>> : std::true_type {
    using link = void;
    static constexpr bool is_many = false;
};
template <class T, class Link>
struct relation_member<many<T, Link>> : std::true_type {
    using link = Link;
    static constexpr bool is_many = true;
};

template <class T>
const related_ops& get_related_ops() {
    return related_ops_of<T>;
}
template <class T>
constexpr auto link_info_of() -> const model_info& (*)() {
    if constexpr (std::is_void_v<T>)
        return nullptr;
    else
        return &info_of<T>;
}
template <class T>
constexpr auto link_ops_of() -> const related_ops& (*)() {
    if constexpr (std::is_void_v<T>)
        return nullptr;
    else
        return &get_related_ops<T>;
}
template <class Owner, auto Member>
void check_relation();
template <class M, class Owner, auto Member>
inline constexpr relation_desc relation_desc_of{relation_member<M>::is_many,
                                                &get_related_ops<typename M::related>,
                                                &info_of<typename M::related>,
                                                link_info_of<typename relation_member<M>::link>(),
                                                link_ops_of<typename relation_member<M>::link>(),
                                                &check_relation<Owner, Member>};

// `member`: a pointer to member, as an object.
std::size_t offset_of(const void* member) noexcept;
const relation_info& relation_of(const model_info& owner, std::size_t offset);
}  // namespace detail

}  // namespace skua::orm
