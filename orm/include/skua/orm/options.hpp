// SPDX-License-Identifier: Apache-2.0
// What orm::open and db.session take.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <skua/orm/logger.hpp>
#include <skua/orm/time.hpp>

namespace skua::orm {

struct open_options {
    std::shared_ptr<orm::logger> logger{};  // null: stderr_logger(warn)
    std::chrono::nanoseconds slow =
        std::chrono::milliseconds(200);  // a statement that takes longer is a warning; 0: never
    int max_open = 0;                    // connections; 0: the driver's choice, an in-memory database always has 1
    int max_idle = -1;                   // kept open unused; -1: max_open
    std::chrono::nanoseconds idle_time = std::chrono::minutes(30);  // unused for longer: closed at the next release
    std::chrono::nanoseconds lifetime{0};                           // older: closed when released; 0: no limit
    std::chrono::nanoseconds acquire_timeout = std::chrono::seconds(30);
    std::string pool_name{};
    std::size_t statement_cache = 128;      // prepared statements of a connection
    bool skip_default_transaction = false;  // no transaction around a write with hooks
    bool null_as_zero = false;              // NULL into a plain member gives T{}
    bool log_values = false;                // logged statements have their values written in: mind who reads the log
    std::size_t batch_size = 0;             // rows of one INSERT; 0: as many as the database takes, at most 1000
    std::chrono::nanoseconds default_timeout{0};  // of an operation whose context has no deadline; 0: none
    orm::time (*now)() = nullptr;                 // of created_at and updated_at; null: the system's clock
};

struct session_options {
    std::shared_ptr<orm::logger> logger{};  // null: as before
    bool dry_run = false;  // nothing is sent; finishers succeed with zero rows, first() with a default object
    bool skip_hooks = false;
    bool skip_default_transaction = false;
    bool allow_global_update = false;
    bool full_save_associations = false;      // related objects that are there already are updated, not only linked
    bool skip_prepared = false;               // statements are prepared anew each time
    bool disable_nested_transaction = false;  // transaction() in a transaction: a part of it, without savepoint
    std::size_t batch_size = 0;
    orm::time (*now)() = nullptr;
};

}  // namespace skua::orm
