// SPDX-License-Identifier: Apache-2.0
#include "chain.h"
#include "core.h"

#include <skua/orm/database.hpp>

namespace skua::orm {
namespace detail {

database_core::database_core(std::shared_ptr<driver> through, open_options with)
    : drv(std::move(through)),
      options(std::move(with)),
      log(options.logger ? options.logger : stderr_logger(level::warn)),
      pool(std::make_shared<detail::pool>(drv, options)) {}

database_core::~database_core() {
    for (const auto& source : sources) source->close();
    pool->close();
    while (!plugins.empty()) plugins.pop_back();
    pool->hooks().clear();  // a listener may hold a pool_monitor, which holds the pool
}

}  // namespace detail

result<database> open(std::shared_ptr<driver> through, open_options options) {
    if (!through) return detail::make_error(errc::cannot_open, "cannot open a database: no driver");
    auto core = std::make_shared<detail::database_core>(std::move(through), std::move(options));
    detail::register_built_ins(*core);
    auto on = std::make_shared<detail::handle>();
    on->core = core;
    auto first = core->pool->acquire(on->context, {}, nullptr);
    if (!first) {
        first.error().operation = "open";
        return std::move(first.error());
    }
    core->pool->describe(*(*first)->link);
    return database(std::move(on));
}

database database::session(session_options options) const {
    auto made = std::make_shared<detail::handle>(*on_);
    session_options& s = made->session;
    if (options.logger) s.logger = std::move(options.logger);
    if (options.now) s.now = options.now;
    s.dry_run = s.dry_run || options.dry_run;
    s.skip_hooks = s.skip_hooks || options.skip_hooks;
    s.skip_default_transaction = s.skip_default_transaction || options.skip_default_transaction;
    s.allow_global_update = s.allow_global_update || options.allow_global_update;
    s.full_save_associations = s.full_save_associations || options.full_save_associations;
    s.skip_prepared = s.skip_prepared || options.skip_prepared;
    s.disable_nested_transaction = s.disable_nested_transaction || options.disable_nested_transaction;
    if (options.batch_size) s.batch_size = options.batch_size;
    return database(std::move(made));
}

database database::with(const context& extra) const {
    auto made = std::make_shared<detail::handle>(*on_);
    made->context = made->context.merged_with(extra);
    return database(std::move(made));
}

database database::debug() const {
    return session({.logger = stderr_logger(level::info)});
}

result<database> database::pinned(location at) const {
    if (on_->tx || on_->pinned) return *this;
    auto held = on_->core->pool->acquire(on_->context, at, nullptr);
    if (!held) {
        held.error().operation = "connection";
        held.error().at = at;
        return std::move(held.error());
    }
    auto made = std::make_shared<detail::handle>(*on_);
    made->pinned = std::make_shared<detail::lease>(std::move(*held));
    return database(std::move(made));
}

const context& database::current_context() const noexcept {
    return on_->context;
}
callbacks database::callbacks() const {
    return orm::callbacks(on_->core);
}
driver_hooks database::driver_hooks() const {
    return orm::driver_hooks(on_->core);
}
result<connection_source> database::add_source(std::shared_ptr<driver> through, const open_options& options) const {
    detail::database_core& core = *on_->core;
    if (!through || through->dialect().name() != core.drv->dialect().name())
        return detail::make_error(errc::invalid_value, "a source must be a database of the same kind");
    auto made = std::make_shared<detail::pool>(std::move(through), options, core.pool);
    {
        auto first = made->acquire(on_->context, {}, nullptr);
        if (!first) return std::move(first.error());
        made->describe(*(*first)->link);
    }
    const std::lock_guard lock(core.mutex);
    core.sources.push_back(made);
    return connection_source(std::move(made), &core);
}
void database::close() const noexcept {
    {
        const std::lock_guard lock(on_->core->mutex);
        for (const auto& source : on_->core->sources) source->close();
    }
    on_->core->pool->close();
}
const database_info& database::info() const noexcept {
    return on_->core->pool->info();
}
pool_monitor database::pool() const {
    return pool_monitor(on_->core->pool);
}

status database::use_plugin(std::unique_ptr<plugin> which) {
    if (!which) return fail(errc::invalid_value, "cannot use a plugin: there is none");
    detail::database_core& core = *on_->core;
    const std::string name(which->name());
    {
        const std::lock_guard lock(core.mutex);
        for (const auto& p : core.plugins)
            if (p->name() == name) return fail(errc::already_registered, "plugin \"" + name + "\" is in use already");
    }
    SKUA_TRY(which->initialize(*this));
    const std::lock_guard lock(core.mutex);
    core.plugins.push_back(std::move(which));
    return ok;
}

}  // namespace skua::orm
