// SPDX-License-Identifier: Apache-2.0
// A database file written by gorm itself (tests/gorm/main.go): opened, read, migrated without a change, extended.
#include "contract.h"

#include <filesystem>

#include <skua/orm/sqlite.hpp>

namespace by_gorm {

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100;uniqueIndex"))
};
struct Language {
    std::string code, name;
    SKUA_MODEL(Language, (code, "primaryKey;size:20"), (name))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<orm::time> birthday;
    std::optional<std::string> email;
    std::optional<std::int64_t> company_id;
    bool active = false;
    double weight = 0;
    std::optional<std::vector<std::byte>> photo;
    SKUA_MODEL(User, (name, "size:255;index"), (age, "check:age >= 0"), (birthday), (email, "size:100;uniqueIndex"),
               (company_id), (active), (weight), (photo))
};
struct Pet : orm::model<Pet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    SKUA_MODEL(Pet, (user_id, "index"), (name))
};
struct UserLanguage {
    std::int64_t user_id = 0;
    std::string language_code;
    SKUA_MODEL(UserLanguage, (user_id, "primaryKey"), (language_code, "primaryKey"))
};
// The member names of the Go struct: the naming rules must make the same columns and indexes of them.
struct HTTPRequestLog {
    std::int64_t ID = 0;
    std::string RequestURL;
    std::int64_t ClientID = 0;
    std::vector<std::byte> SHA256Hash;
    std::int32_t TookMS = 0;
    std::string Note;
    SKUA_MODEL(HTTPRequestLog, (ID), (RequestURL, "index:,unique,composite:who"),
               (ClientID, "index:,unique,composite:who"), (SHA256Hash), (TookMS, "default:5"), (Note))
};
struct WiderPet : orm::model<WiderPet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    std::string colour;
    SKUA_TABLE("pets")
    SKUA_MODEL(WiderPet, (user_id, "index"), (name), (colour, "index"))
};

namespace {

class GormFile : public ::testing::Test {
protected:
    GormFile() : path_(::testing::TempDir() + "skua_gorm_" + std::to_string(getpid()) + ".db") {
        std::filesystem::copy_file(SKUA_SOURCE_DIR "/tests/gorm/kept/users.db", path_,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    ~GormFile() override {
        for (const char* tail : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_ + tail);
    }
    orm::database open() { return orm::open(orm::sqlite(path_), {.logger = orm::silent()}).or_throw(); }
    std::string path_;
};

TEST_F(GormFile, IsRead) {
    auto db = open();
    const auto users = db.from<User>().order(User::c.id).find().or_throw();
    ASSERT_EQ(users.size(), 3U) << "user 2 is deleted softly";
    EXPECT_EQ(users[0].name, "user 0");
    EXPECT_EQ(users[0].age, 20);
    EXPECT_EQ(users[0].email, "user0@example.org");
    EXPECT_EQ(users[2].email, std::nullopt);
    EXPECT_FALSE(users[0].active);
    EXPECT_TRUE(users[1].active);
    EXPECT_EQ(users[1].weight, 71.5);
    EXPECT_EQ(users[0].photo, (std::vector<std::byte>{std::byte{0}, std::byte{1}, std::byte{2}, std::byte{255}}));
    EXPECT_EQ(users[0].birthday, orm::from_unix_ns(946'641'600'500'000'000));
    // gorm's clock stood at 2024-02-29 23:59:58.123456789 +01:00 and went on by seconds.
    EXPECT_EQ(orm::to_unix_ns(users[0].created_at) % 1'000'000'000, 123'456'789);
    EXPECT_GT(users[0].created_at, orm::from_unix_ns(1'709'247'598'000'000'000));
    EXPECT_LT(users[0].created_at, orm::from_unix_ns(1'709'247'698'000'000'000));
    EXPECT_EQ(db.from<User>().unscoped().where(User::c.deleted_at.is_not_null()).first().or_throw().name, "user 2");
    EXPECT_EQ(db.from<Pet>().where(Pet::c.user_id == users[0].id).order(Pet::c.id).pluck(Pet::c.name).or_throw(),
              (std::vector<std::string>{"Rex", "Mia"}));
    EXPECT_EQ(db.find<Language>("ja").or_throw().name, "日本語");
    EXPECT_EQ(db.from<UserLanguage>().count().or_throw(), 2);
    EXPECT_EQ(db.find<Company>(*users[0].company_id).or_throw().name, "ACME");
    const auto log = db.from<HTTPRequestLog>().first().or_throw();
    EXPECT_EQ(log.RequestURL, "/a");
    EXPECT_EQ(log.TookMS, 5);
    EXPECT_EQ(log.SHA256Hash.size(), 4U);
}

TEST_F(GormFile, IsMigratedWithoutAChange) {
    auto db = open();
    const auto schema = [&] {
        return db.raw<std::string>("SELECT group_concat(sql, ';') FROM sqlite_master").first().or_throw();
    };
    const std::string before = schema();
    contract::wire log(db);
    db.auto_migrate<Company, Language, User, Pet, UserLanguage, HTTPRequestLog>().or_throw();
    for (const std::string& sent : log.take())
        EXPECT_EQ(sent.find("execute CREATE"), std::string::npos) << "nothing to make; got " << sent;
    EXPECT_EQ(schema(), before);
}

TEST_F(GormFile, IsExtended) {
    auto db = open();
    db.auto_migrate<WiderPet>().or_throw();
    EXPECT_EQ(db.from<WiderPet>().first().or_throw().colour, "");
    WiderPet pet;
    pet.name = "new";
    pet.colour = "red";
    db.create(pet).or_throw();
    EXPECT_EQ(pet.id, 3) << "gorm's counter goes on";
    User u;
    u.name = "from here";
    u.age = 1;
    db.create(u).or_throw();
    EXPECT_EQ(u.id, 5);
    User twice;
    twice.email = "user1@example.org";
    EXPECT_EQ(db.create(twice).error().constraint, "idx_users_email") << "gorm's index";
    User young;
    young.age = -1;
    EXPECT_EQ(db.create(young).error().constraint, "chk_users_age") << "gorm's check";
    UserLanguage none{.user_id = 1, .language_code = "xx"};
    EXPECT_EQ(db.create(none).error().code, orm::errc::foreign_key_violated) << "gorm's foreign key";
    EXPECT_EQ(db.raw<std::string>("PRAGMA journal_mode").first().or_throw(), "delete") << "its file keeps its mode";
}

}  // namespace
}  // namespace by_gorm
