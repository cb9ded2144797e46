// SPDX-License-Identifier: Apache-2.0
// Starts the database servers of the tests.
#pragma once

#include <string>

#include <sys/types.h>

namespace skua::orm_tests {

// Makes an empty database system in folder/postgres or folder/mariadb. Throws std::runtime_error.
void make_postgres(const std::string& folder);
void make_mariadb(const std::string& folder);

// Starts the server and waits until it answers on its socket in `folder`. It ends when the calling thread ends.
pid_t start_postgres(const std::string& folder);
pid_t start_mariadb(const std::string& folder);

// Signals and waits.
void end_process(pid_t which, int signal);

// Root may not run PostgreSQL: the folder and the servers belong to another user then.
void give_to_server_user(const std::string& folder);

std::string postgres_socket_folder(const std::string& folder);
std::string mariadb_socket(const std::string& folder);

}  // namespace skua::orm_tests
