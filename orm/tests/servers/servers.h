// SPDX-License-Identifier: Apache-2.0
// Real PostgreSQL and MariaDB servers for tests: Debian's, in a temporary directory, on Unix sockets, without any
// service of the system's. One of each is shared by all test processes that run at the same time or shortly after
// another; a supervisor process stops them and removes the directory a few seconds after the last of them has gone,
// however it went: what it looks at is a file lock, which the kernel takes back.
#pragma once

#include <string>

#include <sys/types.h>

namespace skua::orm_tests {

// A fresh schema (PostgreSQL) or database (MariaDB) of its own for each caller. Throws std::runtime_error that says
// what is missing when a server cannot be started: a test that needs it fails.
std::string postgres_dsn();  // key=value, as libpq takes it
std::string mariadb_dsn();   // key=value, as orm::mariadb takes it

enum class server_kind { postgres, mariadb };

// A server for one test that wants to stop, kill or restart it.
class private_server {
public:
    explicit private_server(server_kind kind);
    private_server(const private_server&) = delete;
    private_server& operator=(const private_server&) = delete;
    ~private_server();

    [[nodiscard]] std::string dsn() const;
    // As a power failure would.
    void kill();
    // Ends it in order.
    void stop();
    void start();

private:
    server_kind kind_;
    std::string folder_;
    pid_t server_ = -1;
};

}  // namespace skua::orm_tests
