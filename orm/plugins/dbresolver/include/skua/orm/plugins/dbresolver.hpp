// SPDX-License-Identifier: Apache-2.0
// Reads from replicas, writes to sources.
//
//     namespace resolver = skua::orm::dbresolver;
//     db.use(resolver::plugin(resolver::config{.replicas = {orm::postgres(a), orm::postgres(b)}})
//                .with<Order, Invoice>({.sources = {orm::postgres(c)}, .replicas = {orm::postgres(d)}})
//                .named("archive", {.sources = {orm::postgres(e)}})).or_throw();
//
//     db.from<User>().clauses(resolver::write).first();          // reads where it is written
//     db.from<User>().clauses(resolver::on("archive")).find();
//     db.with(resolver::write.in_context()).create(user);        // for what is no query
//
// Where a statement goes: in a transaction, where the transaction is. Else to the resolver it names; else to the one of
// its table; else to the one for everything; else to the database itself. There, reads go to a replica (FOR UPDATE does
// not), all else to a source. A resolver without sources writes to the database itself, one without replicas reads from
// its sources. Raw SQL is a read when its first word is SELECT and it does not end in FOR UPDATE. A transaction begun
// with begin() or transaction() is on the database itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skua/orm/database.hpp>
#include <skua/orm/model.hpp>
#include <skua/orm/plugin.hpp>

namespace skua::orm::dbresolver {

// Picks one of `count` (> 0) places. Any thread, several at once.
class policy {
public:
    virtual ~policy() = default;
    virtual std::size_t pick(std::size_t count) noexcept = 0;
};
std::shared_ptr<policy> random();
std::shared_ptr<policy> round_robin();

struct config {
    std::vector<std::shared_ptr<driver>> sources{}, replicas{};
    std::shared_ptr<dbresolver::policy> policy{};  // null: random
    open_options pool{};                           // of each of them
};

enum class mode : unsigned char { by_statement, read, write };

// A word of the query's own, or of a handle's.
class choice {
public:
    constexpr explicit choice(mode which) noexcept : mode_(which) {}
    explicit choice(std::string resolver, mode which = mode::by_statement)
        : mode_(which), resolver_(std::make_shared<const std::string>(std::move(resolver))) {}
    void apply(ast::query& q) const;
    [[nodiscard]] context in_context() const;
    [[nodiscard]] mode what() const noexcept { return mode_; }
    // Empty: not said.
    [[nodiscard]] std::string_view resolver() const noexcept {
        return resolver_ ? std::string_view(*resolver_) : std::string_view();
    }

private:
    mode mode_;
    std::shared_ptr<const std::string> resolver_;
};
inline const choice read{mode::read};
inline const choice write{mode::write};
inline choice on(std::string resolver, mode which = mode::by_statement) {
    return choice(std::move(resolver), which);
}

class plugin final : public orm::plugin {
public:
    plugin();
    // For everything that has no resolver of its own.
    explicit plugin(config all);
    plugin(plugin&&) noexcept;
    plugin& operator=(plugin&&) noexcept;
    ~plugin() override;

    template <a_model... Models>
    plugin&& with(config of) && {
        std::vector<std::string> names{info_of<Models>().table...};
        return std::move(*this).tables(std::move(names), std::move(of));
    }
    plugin&& tables(std::vector<std::string> names, config of) &&;
    plugin&& named(std::string name, config of) &&;

    [[nodiscard]] std::string_view name() const override { return "skua:dbresolver"; }
    // Opens every source and replica: one that cannot be opened is the failure.
    status initialize(database& db) override;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace skua::orm::dbresolver
