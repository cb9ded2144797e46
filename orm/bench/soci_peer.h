// SPDX-License-Identifier: Apache-2.0
// What a program with SOCI does on the table of the SQLite benchmark: statements held by the program, and (plain_…)
// those that are made for each call, which is how most of it is written. Built where Debian's libsoci-dev is installed.
#pragma once

#include <memory>

namespace peer {

class soci_users {
public:
    // The table is made of this text.
    explicit soci_users(const char* create);
    soci_users(const soci_users&) = delete;
    soci_users& operator=(const soci_users&) = delete;
    ~soci_users();

    void insert();
    void update(int id);
    void select(int id);
    void plain_select(int id);
    int scan();  // rows

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace peer
