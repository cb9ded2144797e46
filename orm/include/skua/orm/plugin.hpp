// SPDX-License-Identifier: Apache-2.0
// A plugin gets the database once, when it is used, and registers what it wants: callbacks, driver hooks.
//
// db.use(my_plugin{}) keeps the plugin until the last handle of the database is gone: its connections are closed first
// (the plugin's listeners hear it), then plugins are destroyed, the latest first. A plugin must not keep a `database`:
// the two would keep one another alive. db.pool() may be kept.
#pragma once

#include <string_view>

#include <skua/orm/result.hpp>

namespace skua::orm {

class database;

class plugin {
public:
    plugin() = default;
    plugin(const plugin&) = default;
    plugin(plugin&&) = default;
    plugin& operator=(const plugin&) = default;
    plugin& operator=(plugin&&) = default;
    virtual ~plugin() = default;
    // Unique within a database.
    [[nodiscard]] virtual std::string_view name() const = 0;
    // A failure is what db.use() returns; the plugin is destroyed then.
    virtual status initialize(database& db) = 0;
};

}  // namespace skua::orm
