// SPDX-License-Identifier: Apache-2.0
// Every type of value, there and back.
#include "contract.h"

#include <limits>

namespace contract {
namespace {

enum class Colour : std::int16_t { red = 1, green = 2 };

struct Everything {
    std::int64_t id = 0;
    bool flag = false;
    std::int8_t i8 = 0;
    std::int16_t i16 = 0;
    std::int32_t i32 = 0;
    std::int64_t i64 = 0;
    std::uint8_t u8 = 0;
    std::uint16_t u16 = 0;
    std::uint32_t u32 = 0;
    float f32 = 0;
    double f64 = 0;
    std::string text;
    std::vector<std::byte> bytes;
    Colour colour = Colour::red;
    orm::time at{};
    std::optional<bool> maybe_flag;
    std::optional<std::int64_t> maybe_int;
    std::optional<double> maybe_real;
    std::optional<std::string> maybe_text;
    std::optional<std::vector<std::byte>> maybe_bytes;
    std::optional<orm::time> maybe_at;
    SKUA_TABLE("everything")
    SKUA_MODEL(Everything, (id), (flag), (i8), (i16), (i32), (i64), (u8), (u16), (u32), (f32), (f64), (text), (bytes),
               (colour), (at), (maybe_flag), (maybe_int), (maybe_real), (maybe_text), (maybe_bytes), (maybe_at))
    bool operator==(const Everything&) const = default;
};

Everything zeros() {
    Everything e;
    e.at = orm::from_unix_ns(0);
    return e;
}
Everything highest() {
    Everything e;
    e.flag = true;
    e.i8 = std::numeric_limits<std::int8_t>::max();
    e.i16 = std::numeric_limits<std::int16_t>::max();
    e.i32 = std::numeric_limits<std::int32_t>::max();
    e.i64 = std::numeric_limits<std::int64_t>::max();
    e.u8 = std::numeric_limits<std::uint8_t>::max();
    e.u16 = std::numeric_limits<std::uint16_t>::max();
    e.u32 = std::numeric_limits<std::uint32_t>::max();
    e.f32 = 16777216.0F;
    e.f64 = std::numeric_limits<double>::max();
    e.text = std::string(1000, 'x') + " \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 '\"`\\%_$1?:";
    for (int i = 0; i < 700; ++i) e.bytes.push_back(static_cast<std::byte>(i));
    e.colour = Colour::green;
    e.at = orm::from_unix_ns(4'102'444'799'999'000'000);
    e.maybe_flag = false;
    e.maybe_int = std::numeric_limits<std::int64_t>::min();
    e.maybe_real = -0.5;
    e.maybe_text = "";
    e.maybe_bytes.emplace();
    e.maybe_at = orm::from_unix_ns(-1'000'000'000'000'000);
    return e;
}
Everything lowest() {
    Everything e = zeros();
    e.i8 = std::numeric_limits<std::int8_t>::min();
    e.i16 = std::numeric_limits<std::int16_t>::min();
    e.i32 = std::numeric_limits<std::int32_t>::min();
    e.i64 = std::numeric_limits<std::int64_t>::min();
    e.f32 = -1.5F;
    e.f64 = 5e-300;
    e.at = orm::from_unix_ns(-86'400'000'000'000);
    return e;
}

TEST_P(Contract, TestScannerValuer) {
    auto db = with<Everything>();
    std::vector<Everything> all{zeros(), highest(), lowest()};
    for (Everything& e : all) db.create(e).or_throw();
    for (const Everything& e : all) EXPECT_EQ(db.find<Everything>(e.id).or_throw(), e);
    const auto raw = db.raw<Everything>("SELECT * FROM everything ORDER BY id").find().or_throw();
    EXPECT_EQ(raw, all) << "without a prepared statement's types, too";
    std::vector<Everything> together{zeros(), highest(), lowest()};
    db.create(together).or_throw();
    for (const Everything& e : together) EXPECT_EQ(db.find<Everything>(e.id).or_throw(), e);
}

TEST_P(Contract, TestLongValues) {
    auto db = with<Everything>();
    Everything e = zeros();
    e.text.assign(1'000'000, 'y');
    e.bytes.assign(2'000'000, std::byte{0});
    db.create(e).or_throw();
    Everything small = zeros();
    small.text = "small";
    db.create(small).or_throw();
    const auto both = db.from<Everything>().order(Everything::c.id).find().or_throw();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_TRUE(both[0] == e);
    EXPECT_EQ(both[1].text, "small") << "a short value after a long one";
    EXPECT_TRUE(both[1].bytes.empty());
}

TEST_P(Contract, TestConditionsOnEveryType) {
    auto db = with<Everything>();
    Everything e = highest();
    db.create(e).or_throw();
    const auto count = [&](orm::expr condition) {
        return db.from<Everything>().where(std::move(condition)).count().or_throw();
    };
    EXPECT_EQ(count(Everything::c.flag == true), 1);
    EXPECT_EQ(count(Everything::c.i16 == e.i16), 1);
    EXPECT_EQ(count(Everything::c.i64 >= e.i64), 1);
    EXPECT_EQ(count(Everything::c.f64 > 1.0), 1);
    EXPECT_EQ(count(Everything::c.at == e.at), 1);
    EXPECT_EQ(count(Everything::c.maybe_at < orm::from_unix_ns(0)), 1);
    EXPECT_EQ(count(Everything::c.bytes == e.bytes), 1);
    EXPECT_EQ(count(Everything::c.colour == Colour::green), 1);
    EXPECT_EQ(count(Everything::c.maybe_text == ""), 1) << "an empty text is not NULL";
    EXPECT_EQ(count(Everything::c.maybe_text.is_null()), 0);
    EXPECT_EQ(count(Everything::c.text.like("%xx%")), 1);
    EXPECT_EQ(db.from<Everything>().where("maybe_int = ?", *e.maybe_int).count().or_throw(), 1);
}

}  // namespace
}  // namespace contract
