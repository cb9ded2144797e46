// SPDX-License-Identifier: Apache-2.0
#include "relation.h"

namespace rel {
namespace {

struct Remove : RelationTest {
    User make(const char* name) {
        User u = named<User>(name);
        u.account = Account{};
        u.pets = {named<Pet>("rex"), named<Pet>("tom")};
        u.pets[0].tags = {Tag{}};
        u.tools = {named<Tool>("saw")};
        u.company = named<Company>("acme");
        u.languages.emplace_back();
        u.languages[0].code = name;
        db.create(u).or_throw();
        sent.take();
        return u;
    }
    template <class M>
    std::int64_t rows() {
        return db.from<M>().count().or_throw();
    }
    std::int64_t links() { return db.raw<std::int64_t>("SELECT count(*) FROM user_speaks").first().or_throw(); }
};

// What is selected goes first.
TEST_P(Remove, TestDeleteWithAssociations) {
    User u = make("u");
    make("other");
    db.of(u).select(User::c.account, User::c.pets, User::c.languages, User::c.tools).remove().or_throw();
    EXPECT_EQ(sent.take(),
              (lines{"UPDATE accounts", "UPDATE pets", "DELETE user_speaks", "UPDATE tools", "UPDATE users"}));
    EXPECT_EQ(rows<User>(), 1);
    EXPECT_EQ(rows<Account>(), 1);
    EXPECT_EQ(rows<Pet>(), 2);
    EXPECT_EQ(rows<Tool>(), 1);
    EXPECT_EQ(rows<Company>(), 2);
    EXPECT_EQ(rows<Language>(), 2);
    EXPECT_EQ(links(), 1);
    EXPECT_EQ(rows<Tag>(), 2) << "relations of relations stay unless said";
}

TEST_P(Remove, NestedAndAll) {
    User u = make("u");
    db.of(u).select(orm::associations, User::c.pets[Pet::c.tags]).remove().or_throw();
    EXPECT_EQ(rows<Pet>() + rows<Account>() + rows<Tag>() + rows<Tool>() + links(), 0);
    EXPECT_EQ(rows<Company>(), 1);
}

TEST_P(Remove, TestDeleteAssociationsWithUnscoped) {
    User u = make("u");
    db.of(u)
        .select(User::c.account, User::c.pets[Pet::c.tags], User::c.pets, User::c.languages)
        .unscoped()
        .remove()
        .or_throw();
    EXPECT_EQ(db.from<Pet>().unscoped().count().or_throw(), 0);
    EXPECT_EQ(db.from<Tag>().unscoped().count().or_throw(), 0);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 0);
}

TEST_P(Remove, TestDeleteSliceWithAssociations) {
    make("a");
    make("b");
    make("c");
    db.from<User>()
        .where(User::c.name.in({"a", "b"}))
        .select(User::c.pets, User::c.pets[Pet::c.tags], User::c.languages)
        .remove()
        .or_throw();
    EXPECT_EQ(rows<User>(), 1);
    EXPECT_EQ(rows<Pet>(), 2);
    EXPECT_EQ(rows<Tag>(), 1);
    EXPECT_EQ(rows<Account>(), 3);
    EXPECT_EQ(links(), 1);
    EXPECT_EQ(db.from<User>().select(User::c.pets).remove().error().code, orm::errc::missing_where);
    EXPECT_EQ(rows<Pet>(), 2);
}

TEST_P(Remove, FailureUndoesAll) {
    User u = make("u");
    const auto r = db.of(u).select(User::c.languages, User::c.company).remove();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::unsupported_relation);
    EXPECT_EQ(links(), 1);
    const auto bound = db.of(u).select(User::c.languages).unscoped().remove();
    ASSERT_FALSE(bound) << "pets still refer to the user";
    EXPECT_EQ(bound.error().code, orm::errc::foreign_key_violated);
    EXPECT_EQ(links(), 1);
}

// TestForeignKeyConstraints, TestForeignKeyConstraintsBelongsTo
struct Leaf;
struct Root {
    std::int64_t id = 0;
    orm::many<Leaf> leaves;
    SKUA_MODEL(Root, (id), (leaves, "constraint:OnUpdate:CASCADE,OnDelete:CASCADE"))
};
struct Leaf {
    std::int64_t id = 0, root_id = 0;
    SKUA_MODEL(Leaf, (id), (root_id))
};

TEST_P(Remove, ConstraintsCascadeInTheDatabase) {
    db.auto_migrate<Root, Leaf>().or_throw();
    Root r;
    r.leaves = {Leaf{}, Leaf{}};
    db.create(r).or_throw();
    db.from<Root>().where(Root::c.id == r.id).update(Root::c.id = 77).or_throw();
    EXPECT_EQ(db.from<Leaf>().where(Leaf::c.root_id == 77).count().or_throw(), 2);
    r.id = 77;
    db.of(r).remove().or_throw();
    EXPECT_EQ(rows<Leaf>(), 0);
    Company acme = named<Company>("acme");
    db.create(acme).or_throw();
    User u = named<User>("u");
    u.company_id = acme.id;
    db.create(u).or_throw();
    db.of(acme).unscoped().remove().or_throw();
    EXPECT_FALSE(db.find<User>(u.id).or_throw().company_id) << "OnDelete:SET NULL";
    User wrong = named<User>("wrong");
    wrong.company_id = 12345;
    EXPECT_EQ(db.create(wrong).error().code, orm::errc::foreign_key_violated);
}

SKUA_ON_EVERY_DATABASE(Remove);

}  // namespace
}  // namespace rel
