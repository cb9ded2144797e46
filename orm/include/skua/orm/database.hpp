// SPDX-License-Identifier: Apache-2.0
// A handle on an opened database. Handles share ownership of the pool; copying one is cheap, using one from several
// threads is safe. This header has what plugins need; <skua/orm.hpp> has the finishers.
#pragma once

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <skua/orm/context.hpp>
#include <skua/orm/driver_hooks.hpp>
#include <skua/orm/plugin.hpp>
#include <skua/orm/pool_stats.hpp>
#include <skua/orm/result.hpp>

namespace skua::orm {

class database {
public:
    explicit database(std::shared_ptr<detail::database_core> core) noexcept : core_(std::move(core)) {}

    // Initialises the plugin and keeps it. The same name twice: already_registered.
    template <class P>
    requires std::is_base_of_v<plugin, std::remove_cvref_t<P>> status use(P&& which) {
        return use_plugin(std::make_unique<std::remove_cvref_t<P>>(std::forward<P>(which)));
    }
    status use(std::unique_ptr<plugin> which) { return use_plugin(std::move(which)); }

    [[nodiscard]] orm::driver_hooks driver_hooks() const { return orm::driver_hooks(core_); }
    [[nodiscard]] const database_info& info() const noexcept;
    [[nodiscard]] pool_monitor pool() const;
    [[nodiscard]] pool_stats stats() const { return pool().stats(); }

    // The same database; every statement made with the new handle has this context on top of the present one.
    [[nodiscard]] database with(context extra) const;
    [[nodiscard]] const orm::context& current_context() const noexcept { return context_; }

private:
    status use_plugin(std::unique_ptr<plugin> which);

    std::shared_ptr<detail::database_core> core_;
    orm::context context_;
};

}  // namespace skua::orm
