// SPDX-License-Identifier: Apache-2.0
#include "shop_requests.h"

#include <vector>

#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/tracer.h>

namespace shop {
namespace trace = opentelemetry::trace;
namespace {

struct CartLine {
    std::int64_t product_id;
    std::int64_t quantity;
};

constexpr CartLine cart[] = {{3, 2}, {7, 1}, {12, 4}, {18, 1}, {21, 3}};

// A span of the program's own between the request and the database.
class step {
public:
    explicit step(const char* name)
        : span_(trace::Provider::GetTracerProvider()->GetTracer("shop")->StartSpan(name)), current_(span_) {}
    ~step() { span_->End(); }
    step(const step&) = delete;
    step& operator=(const step&) = delete;

private:
    opentelemetry::nostd::shared_ptr<trace::Span> span_;
    trace::Scope current_;
};

orm::result<std::int64_t> price(const orm::database& db) {
    const step pricing("price cart");
    std::int64_t total_cents = 0;
    for (const CartLine& line : cart) {
        const auto product = db.find<Product>(line.product_id);
        if (!product) return product.error();
        total_cents += product->price_cents * line.quantity;
    }
    return total_cents;
}

orm::status reserve(const orm::database& db, std::int64_t order_id) {
    for (const CartLine& line : cart) {
        OrderItem item{.order_id = order_id, .product_id = line.product_id, .quantity = line.quantity};
        SKUA_TRY(db.create(item));
        SKUA_TRY(db.from<Product>()
                     .where(Product::c.id == line.product_id)
                     .update(Product::c.stock = Product::c.stock - line.quantity));
    }
    return orm::ok;
}

}  // namespace

int stock_up(const orm::database& db) {
    db.auto_migrate<Customer, Product, Order, OrderItem>().or_throw();
    std::vector<Customer> customers;
    for (int i = 1; i <= 40; ++i) {
        const std::string number = std::to_string(i);
        customers.push_back({.name = "customer " + number, .email = "customer" + number + "@example.org"});
    }
    std::vector<Product> products;
    for (int i = 1; i <= 25; ++i) {
        const std::string number = std::to_string(i);
        products.push_back(
            {.sku = "SKU-" + number, .name = "product " + number, .price_cents = 100 * i + 99, .stock = 1000});
    }
    db.create(customers).or_throw();
    db.create(products).or_throw();
    return 201;
}

int list_products(const orm::database& db) {
    const auto cheap = db.from<Product>().where(Product::c.price_cents < 1500);
    const auto count = cheap.count();
    const auto page = cheap.order(Product::c.price_cents.desc()).limit(10).find();
    return count && page ? 200 : 500;
}

int checkout(const orm::database& db, std::int64_t customer_id, std::int64_t& order_id) {
    const auto total_cents = price(db);
    if (!total_cents) return 500;
    const orm::status done = db.transaction([&](orm::tx& tx) -> orm::status {
        Order order{.customer_id = customer_id, .total_cents = *total_cents, .status = "new"};
        SKUA_TRY(tx.create(order));
        order_id = static_cast<std::int64_t>(order.id);
        SKUA_TRY(reserve(tx, order_id));
        // A coupon that has run out costs the coupon, not the order.
        const orm::status coupon = tx.transaction([&](orm::tx& inner) -> orm::status {
            SKUA_TRY(inner.of(order).update(Order::c.total_cents = *total_cents / 2));
            return orm::fail("coupon has run out");
        });
        if (coupon) return orm::fail("the coupon should have run out");
        return tx.of(order).update(Order::c.status = std::string("paid"));
    });
    return done ? 201 : 500;
}

int show_order(const orm::database& db, std::int64_t order_id) {
    const auto items = db.from<OrderItem>().where(OrderItem::c.order_id == order_id).find();
    if (!items) return 500;
    for (const OrderItem& item : *items) {
        if (!db.find<Product>(item.product_id)) return 500;
    }
    return items->empty() ? 404 : 200;
}

int register_twice(const orm::database& db) {
    Customer again{.name = "somebody else", .email = "customer7@example.org"};
    const auto created = db.create(again);
    if (created) return 201;
    return created.error().code == orm::errc::duplicated_key ? 409 : 500;
}

int broken_report(const orm::database& db) {
    return db.raw<std::int64_t>("SELECT sum(margin_cents) FROM orders WHERE status = 'paid'").first() ? 200 : 500;
}

int slow_report(const orm::database& db) {
    const auto days = db.raw<std::int64_t>(
                            "WITH RECURSIVE days(day) AS (SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < ?) "
                            "SELECT sum(day % 7) FROM days",
                            1'500'000)
                          .first();
    return days ? 200 : 500;
}

int pack_order(const orm::database& db, std::int64_t order_id) {
    const auto order = db.find<Order>(order_id);
    if (!order) return 500;
    const auto items = db.from<OrderItem>().where(OrderItem::c.order_id == order_id).count();
    const auto packed = db.from<Order>().where(Order::c.id == order_id).update(Order::c.status = std::string("packed"));
    return items && packed ? 200 : 500;
}

}  // namespace shop
