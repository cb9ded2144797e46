// SPDX-License-Identifier: Apache-2.0
// What the shop keeps.
#pragma once

#include <cstdint>
#include <string>

#include <skua/orm.hpp>

namespace shop {
namespace orm = skua::orm;

struct Customer : orm::model<Customer> {
    std::string name;
    std::string email;
    SKUA_MODEL(Customer, (name, "size:100"), (email, "size:200;uniqueIndex"))
};

struct Product : orm::model<Product> {
    std::string sku;
    std::string name;
    std::int64_t price_cents = 0;
    std::int64_t stock = 0;
    SKUA_MODEL(Product, (sku, "size:20;uniqueIndex"), (name, "size:100"), (price_cents), (stock, "check:stock >= 0"))
};

struct Order : orm::model<Order> {
    std::int64_t customer_id = 0;
    std::int64_t total_cents = 0;
    std::string status;
    SKUA_MODEL(Order, (customer_id, "index"), (total_cents), (status, "size:20;index"))
};

struct OrderItem : orm::model<OrderItem> {
    std::int64_t order_id = 0;
    std::int64_t product_id = 0;
    std::int64_t quantity = 0;
    std::int64_t price_cents = 0;
    SKUA_MODEL(OrderItem, (order_id, "index"), (product_id, "index"), (quantity), (price_cents))
};

}  // namespace shop
