// SPDX-License-Identifier: Apache-2.0
// The SQLite driver: orm::open(orm::sqlite("shop.db")).
//
// A DSN is a path, or a URI ("file:shop.db?mode=ro", "file::memory:?cache=shared", ":memory:"). A database in memory
// gets one connection, kept until it is closed. Foreign keys are enforced. A file that we create is switched to WAL
// with synchronous=NORMAL; one that was there keeps its mode.
#pragma once

#include <memory>
#include <string>

#include <skua/orm/time.hpp>

namespace skua::orm {

class driver;

struct sqlite_options {
    std::chrono::nanoseconds busy_timeout = std::chrono::seconds(5);  // waiting for another writer's lock
    bool foreign_keys = true;
};
std::shared_ptr<driver> sqlite(std::string dsn, sqlite_options options = {});

}  // namespace skua::orm
