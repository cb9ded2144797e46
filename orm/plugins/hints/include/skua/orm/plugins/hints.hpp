// SPDX-License-Identifier: Apache-2.0
// Words for the planner, and for who reads the log.
//
//     db.from<User>().clauses(hints::use_index("idx_users_name")).find();   // FROM `users` USE INDEX
//     (`idx_users_name`) db.from<User>().clauses(hints::optimizer("SeqScan(users)")).find();   // SELECT /*+
//     SeqScan(users) */ … db.from<User>().clauses(hints::comment("from the report")).find();    // … /* from the report
//     */
//
// USE, FORCE and IGNORE INDEX are words of MariaDB and MySQL, INDEXED BY and NOT INDEXED of SQLite; another database
// refuses them. A planner that does not know an optimizer hint takes it for a comment. A text that changes from call
// to call makes a statement of its own each time.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <skua/orm/ast.hpp>

namespace skua::orm::hints {

class hint {
public:
    explicit hint(ast::hint what) : what_(std::move(what)) {}
    void apply(ast::query& q) const { q.more.write().hints.push_back(what_); }

private:
    ast::hint what_;
};

// Behind the statement's verb. In no text a "*/" ends the comment, and no control character stays.
hint optimizer(std::string_view text);
// Behind, or before, the whole statement.
hint comment(std::string_view text);
hint comment_before(std::string_view text);

// MariaDB. Names are quoted.
hint use_index(std::initializer_list<std::string_view> names);
hint force_index(std::initializer_list<std::string_view> names);
hint ignore_index(std::initializer_list<std::string_view> names);
inline hint use_index(std::string_view name) {
    return use_index({name});
}
inline hint force_index(std::string_view name) {
    return force_index({name});
}
inline hint ignore_index(std::string_view name) {
    return ignore_index({name});
}

// SQLite, which must use it then.
hint indexed_by(std::string_view name);
hint not_indexed();

}  // namespace skua::orm::hints
