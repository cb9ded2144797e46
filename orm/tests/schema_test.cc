// SPDX-License-Identifier: Apache-2.0
// Names, times, values, migration of a table that is there.
#include "../src/sha1.h"
#include "fixture.h"

#include <gtest/gtest.h>

enum class Mood : std::int16_t { good = 1, bad = 2 };
struct Everything {
    std::int64_t id = 0;
    bool flag = false;
    std::int8_t tiny = 0;
    std::uint64_t big = 0;
    double real = 0;
    std::string text;
    std::vector<std::byte> bytes;
    orm::time when{};
    Mood mood = Mood::good;
    std::optional<double> maybe;
    int level = 0;
    std::string code;
    std::int64_t touched = 0;
    SKUA_TABLE("all_of_it")
    SKUA_MODEL(Everything, (id), (flag), (tiny), (big), (real), (text, "column:words"), (bytes), (when), (mood),
               (maybe), (level, "default:18"), (code, "default:(upper('abc'))"), (touched, "autoUpdateTime:milli"))
};
namespace shop {
struct Foreign {
    std::string key;
    int c = 0;
};
}  // namespace shop
SKUA_DESCRIBE(shop::Foreign, (key, "primaryKey"), (c, "column:price;index:,sort:desc,where:price > 0"))
struct UserV2 {
    std::int64_t id = 0;
    std::string name;
    int stars = 0;
    std::optional<std::string> note;
    SKUA_TABLE("users")
    SKUA_MODEL(UserV2, (id), (name, "index:idx_name_stars,priority:2"), (stars, "index:idx_name_stars,priority:1"),
               (note, "unique"))
};

namespace {

TEST(Naming, ColumnsAsGorm) {
    const struct {
        const char *from, *want;
    } cases[] = {{"", ""},
                 {"x", "x"},
                 {"X", "x"},
                 {"userRestrictions", "user_restrictions"},
                 {"ThisIsATest", "this_is_a_test"},
                 {"PFAndESI", "pf_and_esi"},
                 {"AbcAndJkl", "abc_and_jkl"},
                 {"EmployeeID", "employee_id"},
                 {"SKU_ID", "sku_id"},
                 {"FieldX", "field_x"},
                 {"HTTPAndSMTP", "http_and_smtp"},
                 {"HTTPServerHandlerForURLID", "http_server_handler_for_url_id"},
                 {"UUID", "uuid"},
                 {"HTTPURL", "http_url"},
                 {"HTTP_URL", "http_url"},
                 {"SHA256Hash", "sha256_hash"},
                 {"SHA256HASH", "sha256_hash"},
                 {"ThisIsActuallyATestSoWeMayBeAbleToUseThisCodeInGormPackageAlsoIdCanBeUsedAtTheEndAsID",
                  "this_is_actually_a_test_so_we_may_be_able_to_use_this_code_in_gorm_package_also_id_can_be_used_at_"
                  "the_end_as_id"},
                 {"already_snake", "already_snake"}};
    for (const auto& c : cases) EXPECT_EQ(orm::naming::column(c.from), c.want);
}

TEST(Naming, TablesArePlural) {
    const struct {
        const char *from, *want;
    } cases[] = {{"User", "users"},    {"Company", "companies"},  {"UserProfile", "user_profiles"},
                 {"Person", "people"}, {"Box", "boxes"},          {"Status", "statuses"},
                 {"Sheep", "sheep"},   {"shop::Order", "orders"}, {"Day", "days"},
                 {"Leaf", "leafs"},    {"Wolf", "wolves"},        {"Knife", "knives"},
                 {"Mouse", "mice"},    {"Series", "series"},      {"Child", "children"}};
    for (const auto& c : cases) EXPECT_EQ(orm::naming::table(c.from), c.want);
}

TEST(Naming, OtherRules) {
    const orm::naming::rules prefixed{.table_prefix = "shop_", .singular_table = true};
    EXPECT_EQ(orm::naming::table("OrderLine", prefixed), "shop_order_line");
    EXPECT_EQ(orm::naming::column("OrderLine", prefixed), "order_line");
    const orm::naming::rules as_is{.table_prefix = "public.", .no_lower_case = true};
    EXPECT_EQ(orm::naming::table("OrderLine", as_is), "public.OrderLines");
    EXPECT_EQ(orm::naming::column("OrderLine", as_is), "OrderLine");
    const orm::naming::rules replacing{.replaced = {{"CID", "Cid"}, {"V2", ""}}};
    EXPECT_EQ(orm::naming::column("CIDOfUserV2", replacing), "cid_of_user");
    EXPECT_EQ(orm::naming::table("UserV2", replacing), "users");
}

struct Letter : orm::model<Letter> {
    std::string ReplyTo;
    SKUA_MODEL(Letter, (ReplyTo, "index"))
};
struct Envelope : orm::model<Envelope> {
    SKUA_TABLE("envelopes")
    orm::many<Letter> letters;
    SKUA_MODEL(Envelope, (letters, "many2many:envelope_letters"))
};

// In a process of its own: models are described once.
TEST(NamingDeathTest, RulesOfTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto rules_hold = [] {
        using orm::naming::use;
        if (!use({.table_prefix = "t_", .singular_table = true, .no_lower_case = true})) return 1;
        if (use({}).error().message.find("set already") == std::string::npos) return 2;
        auto db = orm::open(orm::sqlite(":memory:")).or_throw();
        if (!db.auto_migrate<Letter, Envelope>()) return 3;
        if (use({}).error().message.find("in use") == std::string::npos) return 4;
        Envelope e;
        e.letters.emplace_back().ReplyTo = "ann";
        if (!db.create(e)) return 5;
        const auto tables = db.migrator().tables().or_throw();
        if (tables != std::vector<std::string>{"envelopes", "sqlite_sequence", "t_Letter", "t_envelope_letters"} &&
            tables != std::vector<std::string>{"envelopes", "t_Letter", "t_envelope_letters"})
            return 6;
        if (db.raw<std::string>("SELECT ReplyTo FROM t_Letter").first().or_throw() != "ann") return 7;
        return db.from<Envelope>().preload(Envelope::c.letters).first().or_throw().letters.size() == 1 ? 0 : 8;
    };
    EXPECT_EXIT(std::_Exit(rules_hold()), ::testing::ExitedWithCode(0), "");
}

TEST(Naming, LongNamesEndInADigest) {
    EXPECT_EQ(orm::detail::sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    const std::string name =
        orm::naming::constraint("prefix", "table", "thisIsAVeryVeryVeryVeryVeryVeryVeryVeryVeryLongString");
    EXPECT_EQ(name, "prefix_table_thisIsAVeryVeryVeryVeryVeryVeryVeryVeryVeryLongString") << "in full";
    EXPECT_EQ(orm::naming::cut(name, {.most = 63}), "prefix_table_thisIsAVeryVeryVeryVeryVeryVeryVeryVeryVer180f2c67")
        << "gorm's";
    EXPECT_EQ(orm::naming::cut(name, {.most = 64}), "prefix_table_thisIsAVeryVeryVeryVeryVeryVeryVeryVeryVery180f2c67");
    EXPECT_EQ(orm::naming::cut(name, {.most = 66}), name);
    std::string umlauts;
    for (int i = 0; i < 40; ++i) umlauts += "\xC3\xA4";
    EXPECT_EQ(orm::naming::cut(umlauts, {.most = 40}), umlauts) << "characters";
    EXPECT_EQ(orm::naming::cut(umlauts, {.most = 63, .in_bytes = true}).size(), 62U) << "none is split";
    EXPECT_EQ(orm::naming::constraint("idx", "shop.users", "email"), "idx_shop_users_email");
}

TEST(Time, TextForthAndBack) {
    char text[orm::time_text_max];
    const auto show = [&](std::int64_t ns) { return std::string(text, orm::format_time(text, ns)); };
    EXPECT_EQ(show(0), "1970-01-01 00:00:00+00:00");
    EXPECT_EQ(show(-1), "1969-12-31 23:59:59.999999999+00:00");
    EXPECT_EQ(show(951782400'500000000), "2000-02-29 00:00:00.5+00:00");
    for (const std::int64_t ns :
         {INT64_MIN / 2, std::int64_t{-1}, std::int64_t{123456789}, std::int64_t{1700000000'000000001}}) {
        std::int64_t back = 0;
        EXPECT_TRUE(orm::parse_time(show(ns), back));
        EXPECT_EQ(back, ns);
    }
    const struct {
        const char* text;
        std::int64_t seconds;
    } good[] = {{"1970-01-01", 0},
                {"1970-01-01T00:00:01Z", 1},
                {"1970-01-01 02:00:00+02:00", 0},
                {"1970-01-01 00:01", 60},
                {"1969-12-31 19:00:00-05", 0}};
    for (const auto& g : good) {
        std::int64_t ns = -1;
        EXPECT_TRUE(orm::parse_time(g.text, ns)) << g.text;
        EXPECT_EQ(ns, g.seconds * 1'000'000'000) << g.text;
    }
    std::int64_t ns = 0;
    for (const char* bad : {"", "x", "1970", "1970-13-01", "1970-01-01 25:00", "1970-01-01 00:00:00.",
                            "1970-01-01 00:00:00+", "1970-01-01 00:00:00Zz", "9999-01-01 00:00:00"})
        EXPECT_FALSE(orm::parse_time(bad, ns)) << bad;
}

// The form that is written is read by another way, eight characters at once: with a T in it, it is not.
TEST(Time, BothReadersAgree) {
    constexpr std::size_t between = 10;
    const auto read = [](std::string text, char separator) {
        text[between] = separator;
        std::int64_t ns = 0;
        return orm::parse_time(text, ns) ? std::optional(ns) : std::nullopt;
    };
    std::size_t good = 0;
    for (const std::string text : {"2026-11-22 22:07:59.123456789+00:00", "1999-02-28 00:59:00.5+00:00",
                                   "2000-02-29 23:00:09.000000001+00:00", "1970-01-01 00:00:00+00:00"})
        for (std::size_t at = 0; at < text.size(); ++at)
            for (int ch = 0; ch < 256 && at != between; ++ch) {
                std::string changed = text;
                changed[at] = static_cast<char>(ch);
                const auto whole = read(changed, ' ');
                EXPECT_EQ(whole, read(changed, 'T')) << changed;
                good += whole.has_value();
            }
    EXPECT_GT(good, 500U) << "most digits may be others";
}

TEST(Values, EveryTypeComesBackEqual) {
    auto db = memory();
    db.auto_migrate<Everything>().or_throw();
    Everything e;
    e.flag = true;
    e.tiny = -128;
    e.big = ~std::uint64_t{0};
    e.real = 0.1;
    e.text = std::string("nul\0inside", 10);
    e.bytes = {std::byte{0}, std::byte{255}};
    e.when = orm::from_unix_ns(1'700'000'000'123'456'789);
    e.mood = Mood::bad;
    db.create(e).or_throw();
    EXPECT_EQ(e.level, 18);
    EXPECT_EQ(e.code, "ABC");
    EXPECT_GT(e.touched, 1'000'000'000'000);
    const Everything r = db.find<Everything>(e.id).or_throw();
    EXPECT_EQ(r.flag, e.flag);
    EXPECT_EQ(r.tiny, e.tiny);
    EXPECT_EQ(r.big, e.big);
    EXPECT_EQ(r.real, e.real);
    EXPECT_EQ(r.text, e.text);
    EXPECT_EQ(r.bytes, e.bytes);
    EXPECT_EQ(r.when, e.when);
    EXPECT_EQ(r.mood, e.mood);
    EXPECT_FALSE(r.maybe);
    EXPECT_EQ(r.level, 18);
    EXPECT_EQ(
        db.from<Everything>().where(Everything::c.when == e.when && Everything::c.mood == Mood::bad).count().or_throw(),
        1);
    EXPECT_EQ(db.from<Everything>().pluck(Everything::c.flag).or_throw(), std::vector<bool>{true});
    EXPECT_EQ(db.raw<std::string>("SELECT typeof(\"when\") || typeof(flag) || words FROM all_of_it")
                  .first()
                  .or_throw()
                  .substr(0, 11),
              "textinteger");
}

TEST(Values, ATypeFromOutsideHasTextKeys) {
    auto db = memory();
    db.auto_migrate<shop::Foreign>().or_throw();
    shop::Foreign f{"007", 5};
    db.create(f).or_throw();
    EXPECT_EQ(f.key, "007");
    EXPECT_EQ(db.find<shop::Foreign>("007").or_throw().c, 5);
    EXPECT_EQ(db.from<shop::Foreign>().where(orm::c<shop::Foreign>.c > 4).count().or_throw(), 1);
    EXPECT_EQ(db.raw<std::string>("SELECT sql FROM sqlite_master WHERE name = 'idx_foreigns_price'").first().or_throw(),
              R"(CREATE INDEX "idx_foreigns_price" ON "foreigns" ("price" desc) WHERE price > 0)");
}

TEST(Migrate, AddsWhatIsMissingAndNothingTwice) {
    auto db = with_users();
    User u = make_user("kept");
    db.create(u).or_throw();
    const auto plan = db.plan_migration<UserV2>().or_throw();
    ASSERT_EQ(plan.size(), 4U);
    EXPECT_EQ(plan[0].sql, R"(ALTER TABLE "users" ADD COLUMN "stars" integer NOT NULL DEFAULT 0)");
    EXPECT_EQ(plan[3].sql, R"(CREATE INDEX "idx_name_stars" ON "users" ("stars", "name"))");
    db.auto_migrate<UserV2>().or_throw();
    EXPECT_EQ(db.find<UserV2>(1).or_throw().name, "kept");
    heard log{orm::bit(orm::driver_event::execute)};
    db.driver_hooks().add("log", listener{&log}).or_throw();
    db.auto_migrate<UserV2>().or_throw();
    for (const std::string& line : log.lines) EXPECT_EQ(line, "execute SELECT");
    log.events = 0;
}

}  // namespace
