// SPDX-License-Identifier: Apache-2.0
// The MariaDB driver (MySQL servers too): orm::open(orm::mariadb("host=localhost user=shop database=shop")).
//
// A DSN is "key=value …" with host, port, socket, user, password, database (values with spaces in single quotes), or
// "mariadb://user:password@host:port/database". Every session is UTC, strict and in utf8mb4. DDL commits by itself in
// this database: a migration that fails half way stays half done.
#pragma once

#include <memory>
#include <string>

#include <skua/orm/time.hpp>

namespace skua::orm {

class driver;

struct mariadb_options {
    std::chrono::nanoseconds connect_timeout = std::chrono::seconds(10);
    // After a deadline or stop: how long the server may take to give the killed statement up. Then the connection is
    // closed.
    std::chrono::nanoseconds cancel_grace = std::chrono::seconds(5);
};
std::shared_ptr<driver> mariadb(const std::string& dsn, mariadb_options options = {});

}  // namespace skua::orm
