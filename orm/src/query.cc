// SPDX-License-Identifier: Apache-2.0
// What all queries and handles have in common.
#include <skua/orm/database.hpp>

namespace skua::orm {
namespace ast {
query::query() noexcept = default;
query::query(const query& other) = default;
query::query(query&& other) noexcept = default;
query& query::operator=(const query& other) = default;
query& query::operator=(query&& other) noexcept = default;
query::~query() = default;
}  // namespace ast

database::database(detail::handle_ptr on) noexcept : on_(std::move(on)) {}
database::database(const database& other) noexcept = default;
database::database(database&& other) noexcept = default;
database& database::operator=(const database& other) noexcept = default;
database& database::operator=(database&& other) noexcept = default;
database::~database() = default;

namespace detail {

query_core::query_core(const handle_ptr& on, const model_info& model, const char* alias) : on_(on) {
    ast_.model = &model;
    ast_.alias = alias;
}
query_core::query_core(const query_core& other) = default;
query_core::query_core(query_core&& other) noexcept = default;
query_core& query_core::operator=(const query_core& other) = default;
query_core& query_core::operator=(query_core&& other) noexcept = default;
query_core::~query_core() = default;

void query_core::add(expr&& condition, bool with_or) {
    ast_.add_where(std::move(condition), with_or);
}

void query_core::add_having(expr&& condition) {
    expr& all = ast_.more.write().having;
    const bool first = all.empty();
    all.append(std::move(condition));
    if (!first) all.push(node_kind::where_and);
}

void query_core::add_order(std::string text) {
    ast_.order.push_back(order_term{nullptr, false, {}, std::make_shared<const std::string>(std::move(text))});
}

void query_core::join(ast::join more) {
    ast_.related = with_join(ast_.related, std::move(more));
}

void query_core::lock(row_lock::strength how) {
    ast_.lock.how = how;
}

void query_core::lock_taken(row_lock::when_taken taken) {
    if (ast_.lock.how == row_lock::strength::none) ast_.lock.how = row_lock::strength::update;
    ast_.lock.taken = taken;
}

ast::saved_part query_core::written() const {
    ast::saved_part part;
    part.restricted = !ast_.columns.empty();
    part.select = ast_.columns;
    if (ast_.more) part.omit = ast_.more->omit;
    return part;
}

}  // namespace detail
}  // namespace skua::orm
