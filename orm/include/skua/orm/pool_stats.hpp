// SPDX-License-Identifier: Apache-2.0
// What a database is called, and how its pool does. For plugins, and for people.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace skua::orm {
namespace detail {
class pool;
}

// Constant after open.
struct database_info {
    std::string system;          // "sqlite", "postgresql", "mariadb", "mysql"
    std::string name_space;      // SQLite: base name of the file, "main" for an unnamed one in memory
    std::string server_address;  // host, or path of the socket; empty: no server
    int server_port = 0;         // 0: none, or the default
    std::string server_version;
    std::string pool_name;  // option pool_name, else address:port/namespace or the namespace
};

// One moment. Counters never fall.
struct pool_stats {
    int max_open = 0;
    int open = 0;  // in_use + idle
    int in_use = 0;
    int idle = 0;
    int max_idle = 0;
    int min_idle = 0;
    int pending = 0;  // waiting for a connection now
    std::uint64_t wait_count = 0;
    std::int64_t wait_duration_ns = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t created = 0;
    std::uint64_t closed_idle = 0;      // over max_idle, or idle for too long
    std::uint64_t closed_lifetime = 0;  // too old
    std::uint64_t closed_broken = 0;    // poisoned by an error, or the server has gone
    std::uint64_t round_trips = 0;      // answers of the server that were waited for; 0: no server
};

// Reads a pool, also after the database was closed, and does not keep it open: what a metrics callback holds on to.
// Any thread.
class pool_monitor {
public:
    explicit pool_monitor(std::shared_ptr<detail::pool> pool) noexcept : pool_(std::move(pool)) {}
    [[nodiscard]] pool_stats stats() const;
    [[nodiscard]] const database_info& info() const;

private:
    std::shared_ptr<detail::pool> pool_;
};

}  // namespace skua::orm
