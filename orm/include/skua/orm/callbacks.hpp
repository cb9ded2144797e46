// SPDX-License-Identifier: Apache-2.0
// gorm's callback chains. A database has six processors; each runs its callbacks in an order made of before and after
// rules, exactly as gorm orders them:
// - without rule: in the order of registration; before(x): just before x; after(x): at the end, when x is placed
// already;
// - before("*"): first, the later registered the earlier; after("*"): last; contradictions: conflicting_callbacks.
// The same name twice: the later callback at the earlier one's place, and a warning. "gorm:" is "orm:".
// A callback that fails ends the run; the transaction is rolled back. Registration is safe at any time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/statement.hpp>

namespace skua::orm {
namespace detail {
struct database_core;
struct chain_link;

// A copyable callable without <functional>.
template <class Signature>
class shared_function;
template <class R, class... Args>
class shared_function<R(Args...)> {
public:
    shared_function() noexcept = default;
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, shared_function>)
        shared_function(F f)  // NOLINT(google-explicit-constructor)
        : self_(std::make_shared<F>(std::move(f))),
          call_([](void* self, Args... args) -> R { return (*static_cast<F*>(self))(static_cast<Args>(args)...); }) {}
    R operator()(Args... args) const { return call_(self_.get(), static_cast<Args>(args)...); }
    explicit operator bool() const noexcept { return call_; }

private:
    std::shared_ptr<void> self_;
    R (*call_)(void*, Args...) = nullptr;
};
}  // namespace detail

// What an around callback goes on with; call it once, or not at all.
class next {
public:
    next(const detail::chain_link& link, std::size_t depth) noexcept : link_(link), depth_(depth) {}
    status operator()(statement& run) const;

private:
    const detail::chain_link& link_;
    std::size_t depth_;
};

using callback = detail::shared_function<status(statement&)>;
using around_callback = detail::shared_function<status(statement&, next)>;

// db.callbacks().create().before("orm:create").add("audit", fn)
class processor {
public:
    processor(std::shared_ptr<detail::database_core> core, processor_kind kind) noexcept
        : core_(std::move(core)), kind_(kind) {}

    [[nodiscard]] processor before(std::string_view name) const;
    [[nodiscard]] processor after(std::string_view name) const;
    status add(std::string_view name, callback fn) const;
    // Runs instead of `which`, which it can go on with; the last added is the outermost. "*": the whole chain.
    status around(std::string_view which, std::string_view name, around_callback fn) const;
    // Keeps the place.
    status replace(std::string_view name, callback fn) const;
    // A callback, or an around of that name.
    status erase(std::string_view name) const;
    [[nodiscard]] callback get(std::string_view name) const;
    // Names in the order in which they run.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    std::shared_ptr<detail::database_core> core_;
    processor_kind kind_;
    std::string before_, after_;
};

class callbacks {
public:
    explicit callbacks(std::shared_ptr<detail::database_core> core) noexcept : core_(std::move(core)) {}
    [[nodiscard]] processor create() const { return {core_, processor_kind::create}; }
    [[nodiscard]] processor query() const { return {core_, processor_kind::query}; }
    [[nodiscard]] processor update() const { return {core_, processor_kind::update}; }
    [[nodiscard]] processor remove() const { return {core_, processor_kind::remove}; }
    [[nodiscard]] processor row() const { return {core_, processor_kind::row}; }
    [[nodiscard]] processor raw() const { return {core_, processor_kind::raw}; }

private:
    std::shared_ptr<detail::database_core> core_;
};

}  // namespace skua::orm
