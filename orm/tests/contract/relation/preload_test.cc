// SPDX-License-Identifier: Apache-2.0
#include "relation.h"

namespace rel {
namespace {

// How many rows each statement gave back.
class rows_read {
public:
    explicit rows_read(orm::database& db) { db.driver_hooks().add("rows", listener{kept_}).or_throw(); }
    std::vector<std::int64_t> take() { return std::exchange(*kept_, {}); }

private:
    struct listener {
        static constexpr unsigned events = orm::bit(orm::driver_event::execute);
        std::shared_ptr<std::vector<std::int64_t>> into;
        void begin(orm::driver_call&, orm::hook_slot&) noexcept {}
        void end(orm::driver_call& call, orm::hook_slot&) noexcept { into->push_back(call.rows_returned); }
    };
    std::shared_ptr<std::vector<std::int64_t>> kept_ = std::make_shared<std::vector<std::int64_t>>();
};

struct Preload : RelationTest {
    User user(const char* name, std::optional<std::int64_t> company = {}, std::optional<std::int64_t> manager = {}) {
        User u = named<User>(name);
        u.company_id = company;
        u.manager_id = manager;
        db.create(u).or_throw();
        return u;
    }
    Pet pet(const char* name, std::optional<std::int64_t> owner) {
        Pet p = named<Pet>(name);
        p.user_id = owner;
        db.create(p).or_throw();
        return p;
    }
};

TEST_P(Preload, HasManyIsOneStatementAndKnowsWhatWasLoaded) {
    const User a = user("a"), b = user("b"), c = user("c");
    pet("rex", a.id);
    pet("tom", b.id);
    pet("fido", a.id);
    sent.take();
    EXPECT_FALSE(db.find<User>(a.id).or_throw().pets.loaded());
    sent.take();
    const auto users = db.from<User>().preload(User::c.pets).order(User::c.id).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users", "SELECT pets"}));
    ASSERT_EQ(users.size(), 3U);
    ASSERT_EQ(users[0].pets.size(), 2U);
    EXPECT_EQ(users[0].pets[0].name, "rex");
    EXPECT_EQ(users[0].pets[1].name, "fido");
    ASSERT_EQ(users[1].pets.size(), 1U);
    EXPECT_EQ(users[1].pets[0].name, "tom");
    EXPECT_TRUE(users[2].pets.loaded());
    EXPECT_TRUE(users[2].pets.empty());
    EXPECT_FALSE(users[0].company.loaded());
}

TEST_P(Preload, BelongsToGivesEachOwnerItsOwnCopy) {
    Company acme = named<Company>("acme");
    db.create(acme).or_throw();
    user("a", acme.id);
    user("b", acme.id);
    user("c");
    sent.take();
    auto users = db.from<User>().preload(User::c.company).order(User::c.id).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users", "SELECT companies"}));
    EXPECT_EQ(users[0].company->name, "acme");
    users[0].company->name = "changed";
    EXPECT_EQ(users[1].company->name, "acme");
    EXPECT_TRUE(users[2].company.loaded());
    EXPECT_FALSE(users[2].company);
}

TEST_P(Preload, NothingToAskForAsksNothing) {
    user("a");
    sent.take();
    const auto users = db.from<User>().preload(User::c.company).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users"}));
    EXPECT_TRUE(users[0].company.loaded());
    EXPECT_TRUE(db.from<User>().where(User::c.id < 0).preload(User::c.pets).find().or_throw().empty());
    EXPECT_EQ(sent.take(), (lines{"SELECT users"}));
}

TEST_P(Preload, SelfReferentialBothWays) {
    const User boss = user("boss");
    user("a", {}, boss.id);
    user("b", {}, boss.id);
    const auto users =
        db.from<User>().preload(User::c.manager).preload(User::c.team).order(User::c.id).find().or_throw();
    EXPECT_FALSE(users[0].manager);
    EXPECT_EQ(users[0].team.size(), 2U);
    EXPECT_EQ(users[1].manager->name, "boss");
    EXPECT_TRUE(users[1].team.empty());
    EXPECT_FALSE(users[1].manager->team.loaded());
}

TEST_P(Preload, NestedWithConditionsOnEachLevel) {
    const User a = user("a"), b = user("b");
    Pet rex = pet("rex", a.id), tom = pet("tom", b.id), cat = pet("cat", a.id);
    for (const Pet& p : {rex, tom, cat})
        for (const char* word : {"x", "y"}) {
            Tag t;
            t.pet_id = p.id;
            t.word = p.name + word;
            db.create(t).or_throw();
        }
    sent.take();
    const auto users = db.from<User>()
                           .preload(User::c.pets.where(Pet::c.name != "cat"), Pet::c.tags.where("word LIKE ?", "%y"))
                           .preload(User::c.pets, Pet::c.user)
                           .order(User::c.id)
                           .find()
                           .or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users", "SELECT pets", "SELECT tags", "SELECT users"}));
    ASSERT_EQ(users[0].pets.size(), 1U);
    ASSERT_EQ(users[0].pets[0].tags.size(), 1U);
    EXPECT_EQ(users[0].pets[0].tags[0].word, "rexy");
    EXPECT_EQ(users[0].pets[0].user->name, "a");
    EXPECT_EQ(users[1].pets[0].tags[0].word, "tomy");
    EXPECT_FALSE(users[1].pets[0].user->pets.loaded());
}

TEST_P(Preload, OrderLimitAndOffsetAreOfEachOwner) {
    const User a = user("a"), b = user("b");
    for (int i = 0; i < 5; ++i) {
        pet(("a" + std::to_string(i)).c_str(), a.id);
        pet(("b" + std::to_string(i)).c_str(), b.id);
    }
    sent.take();
    rows_read rows(db);
    const auto users = db.from<User>()
                           .preload(User::c.pets.order(Pet::c.name.desc()).offset(1).limit(2))
                           .order(User::c.id)
                           .find()
                           .or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users", "SELECT pets"}));
    EXPECT_EQ(rows.take(), (std::vector<std::int64_t>{2, 4})) << "no more are read than are wanted";
    for (const User& u : users) {
        ASSERT_EQ(u.pets.size(), 2U);
        EXPECT_EQ(u.pets[0].name, u.name + "3");
        EXPECT_EQ(u.pets[1].name, u.name + "2");
    }
    const auto names = [&](const auto& pets) {
        std::string all;
        for (const User& u : db.from<User>().preload(pets).order(User::c.id).find().or_throw())
            for (const Pet& p : u.pets) all += p.name + " ";
        return all;
    };
    EXPECT_EQ(names(User::c.pets.limit(1)), "a0 b0 ") << "by the key, unless said";
    EXPECT_EQ(names(User::c.pets.offset(4)), "a4 b4 ");
    EXPECT_EQ(names(User::c.pets.limit(0)), "");
    EXPECT_EQ(names(User::c.pets.where(Pet::c.name != "a4").order("name DESC").limit(1)), "a3 b4 ");
    EXPECT_EQ(names(User::c.pets.where(Pet::c.name.like("%1")).limit(INT64_MAX).offset(0)), "a1 b1 ");
    EXPECT_EQ(names(User::c.pets.select(Pet::c.user_id, Pet::c.name).order(Pet::c.name).limit(1)), "a0 b0 ");
}

TEST_P(Preload, ALimitOfPolymorphicAndManyToManyRelations) {
    for (const char* name : {"a", "b"}) {
        User u = named<User>(name);
        for (const char* what : {"1", "2", "3"}) {
            u.tools.push_back(named<Tool>(std::string(name) + what));
            u.friends.push_back(named<User>(std::string(name) + what));
        }
        db.create(u).or_throw();
    }
    const auto users = db.from<User>()
                           .where(User::c.name.in({"a", "b"}))
                           .preload(User::c.tools.order(Tool::c.name.desc()).limit(2))
                           .preload(User::c.friends.order(User::c.name.desc()).limit(1))
                           .order(User::c.name)
                           .find()
                           .or_throw();
    ASSERT_EQ(users.size(), 2U);
    for (const User& u : users) {
        ASSERT_EQ(u.tools.size(), 2U);
        EXPECT_EQ(u.tools[0].name, u.name + "3");
        EXPECT_EQ(u.tools[1].name, u.name + "2");
        ASSERT_EQ(u.friends.size(), 1U);
        EXPECT_EQ(u.friends[0].name, u.name + "3");
    }
}

TEST_P(Preload, ManyToManyIsTwoStatements) {
    std::vector<Language> languages(3);
    for (std::size_t i = 0; i < 3; ++i) {
        languages[i].code = std::string(1, static_cast<char>('a' + i));
        languages[i].name = "language " + languages[i].code;
    }
    db.create(languages).or_throw();
    const User u = user("u"), v = user("v");
    for (const auto& [who, code] :
         std::vector<std::pair<std::int64_t, const char*>>{{u.id, "a"}, {v.id, "a"}, {v.id, "c"}})
        db.exec("INSERT INTO user_speaks (user_id, language_code) VALUES (?, ?)", who, code).or_throw();
    sent.take();
    const auto users = db.from<User>().preload(User::c.languages).order(User::c.id).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users", "SELECT user_speaks", "SELECT languages"}));
    ASSERT_EQ(users[0].languages.size(), 1U);
    ASSERT_EQ(users[1].languages.size(), 2U);
    EXPECT_EQ(users[1].languages[0].code, "a");
    EXPECT_EQ(users[1].languages[1].name, "language c");
    const auto back = db.from<Language>().preload(Language::c.users.order(User::c.id.desc())).find().or_throw();
    EXPECT_EQ(back[0].users.size(), 2U);
    EXPECT_EQ(back[0].users[0].name, "v");
    EXPECT_TRUE(back[1].users.loaded());
    EXPECT_TRUE(back[1].users.empty());
}

TEST_P(Preload, PolymorphicLooksAtItsOwnersKindOnly) {
    const User u = user("u");
    const Pet p = pet("rex", u.id);
    ASSERT_EQ(u.id, p.id);
    for (const auto& [name, type] :
         std::vector<std::pair<const char*, const char*>>{{"saw", "owner"}, {"bone", "pets"}}) {
        Tool t = named<Tool>(name);
        t.custom_id = u.id;
        t.custom_type = type;
        db.create(t).or_throw();
    }
    const auto users = db.from<User>().preload(User::c.tools).preload(User::c.pets, Pet::c.tool).find().or_throw();
    ASSERT_EQ(users[0].tools.size(), 1U);
    EXPECT_EQ(users[0].tools[0].name, "saw");
    EXPECT_EQ(users[0].pets[0].tool->name, "bone");
}

TEST_P(Preload, DeletedRowsOnlyWhenAskedFor) {
    const User u = user("u");
    Pet gone = pet("gone", u.id);
    pet("here", u.id);
    db.of(gone).remove().or_throw();
    EXPECT_EQ(db.from<User>().preload(User::c.pets).first().or_throw().pets.size(), 1U);
    EXPECT_EQ(db.from<User>().preload(User::c.pets.unscoped()).first().or_throw().pets.size(), 2U);
}

TEST_P(Preload, AllAssociations) {
    Company acme = named<Company>("acme");
    db.create(acme).or_throw();
    const User u = user("u", acme.id);
    pet("rex", u.id);
    const User read = db.from<User>().preload(orm::associations).first().or_throw();
    EXPECT_EQ(read.company->name, "acme");
    EXPECT_EQ(read.pets.size(), 1U);
    EXPECT_TRUE(read.account.loaded() && read.manager.loaded() && read.team.loaded() && read.languages.loaded() &&
                read.friends.loaded() && read.tools.loaded());
    EXPECT_FALSE(read.pets[0].tags.loaded());
}

TEST_P(Preload, FirstFindOneAndQueriesKeptForLater) {
    const User u = user("u");
    pet("rex", u.id);
    const auto base = db.from<User>();
    const auto with_pets = base.preload(User::c.pets);
    EXPECT_EQ(with_pets.first().or_throw().pets.size(), 1U);
    EXPECT_EQ(with_pets.find_one().or_throw()->pets.size(), 1U);
    EXPECT_EQ(with_pets.preload(User::c.company).take().or_throw().pets.size(), 1U);
    EXPECT_FALSE(base.first().or_throw().pets.loaded());
    EXPECT_EQ(with_pets.count().or_throw(), 1);
}

TEST_P(Preload, NarrowedColumnsMustNameTheKeys) {
    const User u = user("u");
    pet("rex", u.id);
    const auto narrow = db.from<User>().preload(User::c.pets.select(Pet::c.user_id, Pet::c.name)).first().or_throw();
    EXPECT_EQ(narrow.pets[0].name, "rex");
    EXPECT_EQ(narrow.pets[0].id, 0);
    const auto without = db.from<User>().preload(User::c.pets.select(Pet::c.name)).find();
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, orm::errc::invalid_field);
    EXPECT_NE(without.error().message.find("pets.user_id"), std::string::npos) << without.error().message;
    const auto no_key = db.from<User>().select(User::c.name).preload(User::c.pets).find();
    ASSERT_FALSE(no_key);
    EXPECT_NE(no_key.error().message.find("users.id"), std::string::npos) << no_key.error().message;
}

TEST_P(Preload, AConditionOfAnotherTableIsAnError) {
    user("u");
    const auto wrong = db.from<User>().preload(User::c.pets.where(Company::c.name == "x")).find();
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, orm::errc::invalid_field);
}

TEST_P(Preload, MoreKeysThanAStatementBinds) {
    std::vector<User> many(40000);
    db.create(many).or_throw();
    std::vector<Pet> pets(40000);
    for (std::size_t i = 0; i < pets.size(); ++i) pets[i].user_id = many[i].id;
    db.create(pets).or_throw();
    sent.take();
    const auto users = db.from<User>().preload(User::c.pets).find().or_throw();
    const lines what = sent.take();
    EXPECT_GT(what.size(), 2U);
    EXPECT_LT(what.size(), 6U);
    std::size_t with_one = 0;
    for (const User& u : users) with_one += u.pets.size() == 1 && u.pets[0].user_id == u.id ? 1 : 0;
    EXPECT_EQ(with_one, 40000U);
}

SKUA_ON_EVERY_DATABASE(Preload);

}  // namespace
}  // namespace rel
