// SPDX-License-Identifier: Apache-2.0
// The shop's requests, as a web server would handle them. Each returns the HTTP status it would answer with.
#pragma once

#include "shop_models.h"

namespace shop {

// Tables, 40 customers, 25 products. Deterministic, as everything here.
int stock_up(const orm::database& db);
// Two plain queries.
int list_products(const orm::database& db);
// A transaction: order, items, stock; a coupon is tried in a savepoint and taken back. `order_id`: of the new order.
int checkout(const orm::database& db, std::int64_t customer_id, std::int64_t& order_id);
// One query per item where one for all of them would do.
int show_order(const orm::database& db, std::int64_t order_id);
// An e-mail address that is taken.
int register_twice(const orm::database& db);
// A column that is not there.
int broken_report(const orm::database& db);
// A question that takes the database most of a second.
int slow_report(const orm::database& db);
// The worker: packs what was ordered.
int pack_order(const orm::database& db, std::int64_t order_id);

}  // namespace shop
