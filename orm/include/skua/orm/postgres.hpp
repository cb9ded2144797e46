// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL driver: orm::open(orm::postgres("host=localhost dbname=shop")).
//
// A DSN is what libpq takes: "key=value …" or "postgresql://user@host:port/database". Statements that will be used
// again are prepared once per connection, their values sent and read in binary form. BEGIN goes out together with the
// first statement of its transaction. Several statements that do not need one another's answer go out together.
#pragma once

#include <memory>
#include <string>

#include <skua/orm/time.hpp>

namespace skua::orm {

class driver;

struct postgres_options {
    std::chrono::nanoseconds connect_timeout = std::chrono::seconds(10);  // a DSN's own connect_timeout wins
    // After a deadline or stop: how long the server may take to give the cancelled statement up. Then the connection
    // is closed.
    std::chrono::nanoseconds cancel_grace = std::chrono::seconds(5);
    bool prepare = true;  // false for a pooler between that does not know prepared statements
};
std::shared_ptr<driver> postgres(std::string dsn, postgres_options options = {});

}  // namespace skua::orm
