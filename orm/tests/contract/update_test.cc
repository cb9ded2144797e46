// SPDX-License-Identifier: Apache-2.0
// Changing and deleting.
#include "contract.h"

namespace contract {
namespace {

orm::database with_three(orm::database db) {
    auto three = users({"ann", "bob", "cid"});
    db.create(three).or_throw();
    return db;
}

TEST_P(Contract, TestUpdate) {
    auto db = with_three(with<User>());
    User ann = db.from<User>().where(User::c.name == "ann").first().or_throw();
    const orm::time before = ann.updated_at;
    EXPECT_EQ(db.of(ann).update(User::c.age = 30).or_throw().rows_affected, 1);
    EXPECT_EQ(ann.age, 30) << "the object, too";
    const User read = db.find<User>(ann.id).or_throw();
    EXPECT_EQ(read.age, 30);
    EXPECT_GE(read.updated_at, before);
    EXPECT_EQ(db.from<User>().where(User::c.age == 30).count().or_throw(), 1) << "nobody else";
    EXPECT_EQ(db.from<User>().where(User::c.age < 30).update(User::c.active = true).or_throw().rows_affected, 2);
    EXPECT_EQ(db.from<User>().where(User::c.name == "nobody").update(User::c.age = 1).or_throw().rows_affected, 0);
}

TEST_P(Contract, TestUpdateWithExpression) {
    auto db = with_three(with<User>());
    db.from<User>().where(User::c.name == "bob").update(User::c.age = User::c.age * 2 + 1).or_throw();
    EXPECT_EQ(db.from<User>().where(User::c.name == "bob").first().or_throw().age, 39);
    db.from<User>().where(User::c.name == "bob").update(User::c.email = nullptr).or_throw();
}

TEST_P(Contract, TestUpdates) {
    auto db = with_three(with<User>());
    EXPECT_EQ(db.from<User>()
                  .where(User::c.name != "ann")
                  .update(User::c.age = 1, User::c.active = true, User::c.birthday = orm::from_unix_ns(0))
                  .or_throw()
                  .rows_affected,
              2);
    const auto changed = db.from<User>().where(User::c.active == true).find().or_throw();
    ASSERT_EQ(changed.size(), 2U);
    EXPECT_EQ(changed[0].age, 1);
    EXPECT_EQ(changed[0].birthday, orm::from_unix_ns(0));
}

TEST_P(Contract, TestBlockGlobalUpdate) {
    auto db = with_three(with<User>());
    EXPECT_EQ(db.from<User>().update(User::c.age = 1).error().code, orm::errc::missing_where);
    EXPECT_EQ(db.from<User>().all().update(User::c.age = 1).or_throw().rows_affected, 3);
    EXPECT_EQ(db.session({.allow_global_update = true}).from<User>().update(User::c.age = 2).or_throw().rows_affected,
              3);
}

TEST_P(Contract, TestBlockGlobalDelete) {
    auto db = with_three(with<User>());
    EXPECT_EQ(db.from<User>().remove().error().code, orm::errc::missing_where);
    EXPECT_EQ(db.from<User>().count().or_throw(), 3);
    EXPECT_EQ(db.from<User>().all().remove().or_throw().rows_affected, 3);
}

TEST_P(Contract, TestSave) {
    auto db = with<User>();
    User u = user("save");
    db.save(u).or_throw();
    EXPECT_GT(u.id, 0) << "without a key it is created";
    u.age = 0;
    u.active = true;
    EXPECT_EQ(db.save(u).or_throw().rows_affected, 1);
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.age, 0) << "every column, zero or not";
    EXPECT_TRUE(read.active);
}

TEST_P(Contract, TestSaveWithPrimaryValue) {
    auto db = with<Language>();
    Language lang{.code = "save", .name = "save"};
    db.save(lang).or_throw();
    EXPECT_EQ(db.find<Language>("save").or_throw().name, "save") << "no such row: it is created";
    lang.name = "save2";
    db.save(lang).or_throw();
    EXPECT_EQ(db.find<Language>("save").or_throw().name, "save2");
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
}

TEST_P(Contract, TestIdempotentSave) {
    auto db = with<Language>();
    Language lang{.code = "same", .name = "same"};
    db.create(lang).or_throw();
    db.save(lang).or_throw();
    db.save(lang).or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
}

TEST_P(Contract, TestSelectWithUpdate) {
    auto db = with_three(with<User>());
    User ann = db.from<User>().where(User::c.name == "ann").first().or_throw();
    ann.name = "changed";
    ann.age = 0;
    ann.active = true;
    db.changes(ann, User::c.age, User::c.active).or_throw();
    const User read = db.find<User>(ann.id).or_throw();
    EXPECT_EQ(read.name, "ann") << "not among the columns";
    EXPECT_EQ(read.age, 0);
    EXPECT_TRUE(read.active);
}

TEST_P(Contract, TestDelete) {
    auto db = with<Language>();
    for (const char* code : {"a", "b", "c"}) {
        Language lang{.code = code, .name = code};
        db.create(lang).or_throw();
    }
    Language b = db.find<Language>("b").or_throw();
    EXPECT_EQ(db.of(b).remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.find<Language>("b").error().code, orm::errc::record_not_found);
    EXPECT_EQ(db.from<Language>().where(Language::c.code == "a").remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
    Language nobody;
    EXPECT_EQ(db.of(nobody).remove().error().code, orm::errc::primary_key_required);
}

TEST_P(Contract, TestSoftDelete) {
    auto db = with_three(with<User>());
    User ann = db.from<User>().where(User::c.name == "ann").first().or_throw();
    EXPECT_EQ(db.of(ann).remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<User>().count().or_throw(), 2);
    EXPECT_EQ(db.find<User>(ann.id).error().code, orm::errc::record_not_found);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 3);
    EXPECT_TRUE(db.from<User>().unscoped().where(User::c.id == ann.id).first().or_throw().deleted_at);
    EXPECT_EQ(db.of(ann).unscoped().remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 2) << "gone for good";
}

TEST_P(Contract, TestUpsert) {
    auto db = with<Language>();
    Language lang{.code = "upsert", .name = "one"};
    const orm::on_conflict on_code(Language::c.code);
    EXPECT_EQ(db.create(lang, on_code.do_nothing()).or_throw().rows_affected, 1);
    lang.name = "two";
    EXPECT_EQ(db.create(lang, on_code.do_nothing()).or_throw().rows_affected, 0);
    EXPECT_EQ(db.find<Language>("upsert").or_throw().name, "one");
    EXPECT_EQ(db.create(lang, on_code.update(Language::c.name)).or_throw().rows_affected, 1);
    EXPECT_EQ(db.find<Language>("upsert").or_throw().name, "two");
    lang.name = "three";
    db.create(lang, on_code.update_all()).or_throw();
    EXPECT_EQ(db.find<Language>("upsert").or_throw().name, "three");
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
}

TEST_P(Contract, TestUpsertUpdateAllKeepsCreatedAt) {
    auto db = with<User>();
    auto at = [&](std::int64_t s) {
        static std::int64_t seconds = 0;
        seconds = s;
        return db.session({.now = [] { return orm::from_unix_ns(seconds * 1'000'000'000); }});
    };
    User u = user("x");
    u.email = "x@y";
    at(1'000'000'000).create(u).or_throw();
    User other = user("z");
    other.email = "x@y";
    at(1'000'000'100).create(other, orm::on_conflict(User::c.email).update_all()).or_throw();
    EXPECT_EQ(other.id, u.id) << "the row's key";
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.name, "z");
    EXPECT_EQ(read.created_at, orm::from_unix_ns(1'000'000'000'000'000'000));
    EXPECT_EQ(read.updated_at, orm::from_unix_ns(1'000'000'100'000'000'000));
}

TEST_P(Contract, TestUpsertSlice) {
    auto db = with<Language>();
    std::vector<Language> some{{"a", "a1"}, {"b", "b1"}};
    const orm::on_conflict on_code(Language::c.code);
    db.create(some, on_code.do_nothing()).or_throw();
    std::vector<Language> more{{"b", "b2"}, {"c", "c2"}};
    EXPECT_EQ(db.create(more, on_code.update(Language::c.name)).or_throw().rows_affected, 2);
    const auto all = db.from<Language>().order(Language::c.code).pluck(Language::c.name).or_throw();
    EXPECT_EQ(all, (std::vector<std::string>{"a1", "b2", "c2"}));
}

TEST_P(Contract, TestCompositeKey) {
    auto db = with<CouponProduct>();
    CouponProduct a{.coupon_id = "c", .product_id = "p1", .desc = "one"};
    CouponProduct b{.coupon_id = "c", .product_id = "p2", .desc = "two"};
    db.create(a).or_throw();
    db.create(b).or_throw();
    b.desc = "changed";
    db.save(b).or_throw();
    EXPECT_EQ(db.from<CouponProduct>().where(CouponProduct::c.product_id == "p1").first().or_throw().desc, "one");
    EXPECT_EQ(db.of(b).remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<CouponProduct>().count().or_throw(), 1);
    EXPECT_EQ(db.create(a).error().code, orm::errc::duplicated_key);
}

}  // namespace
}  // namespace contract
