// SPDX-License-Identifier: Apache-2.0
#include "../src/relation/constraint.h"
#include "../src/relation/relation.h"
#include "contract/relation/models.h"
#include "fixture.h"

#include <gtest/gtest.h>

namespace {

using orm::relation_kind;

std::string columns(const orm::field_list& fields) {
    std::string out;
    for (const orm::field_info* f : fields) out += (out.empty() ? "" : ",") + f->column;
    return out;
}
// "has_many id=user_id"
std::string described(const orm::relation_info& r) {
    if (!r.broken) return r.broken.error().message;
    static constexpr const char* kinds[] = {"belongs_to", "has_one", "has_many", "many_to_many"};
    std::string out = kinds[static_cast<int>(r.kind)];
    out += " " + columns(r.owner_fields);
    if (r.link)
        out += "=" + r.link->table + "(" + columns(r.link_owner_fields) + "|" + columns(r.link_target_fields) + ")";
    out += "=" + columns(r.target_fields);
    if (r.type_field) out += " " + r.type_field->column + "=" + r.type_value;
    return out;
}
template <class T>
std::string relation(std::string_view name) {
    for (const orm::relation_info& r : orm::detail::relations_of(orm::info_of<T>()))
        if (r.name == name) return described(r);
    return "none";
}

TEST(RelationInference, ByNamesTagsAndThemselves) {
    EXPECT_EQ(relation<rel::User>("account"), "has_one id=user_id");
    EXPECT_EQ(relation<rel::User>("pets"), "has_many id=user_id");
    EXPECT_EQ(relation<rel::User>("tools"), "has_many id=custom_id custom_type=owner");
    EXPECT_EQ(relation<rel::User>("company"), "belongs_to company_id=id");
    EXPECT_EQ(relation<rel::User>("manager"), "belongs_to manager_id=id");
    EXPECT_EQ(relation<rel::User>("team"), "has_many id=manager_id");
    EXPECT_EQ(relation<rel::User>("languages"), "many_to_many id=user_speaks(user_id|language_code)=code");
    EXPECT_EQ(relation<rel::User>("friends"), "many_to_many id=user_friends(user_id|friend_id)=id");
    EXPECT_EQ(relation<rel::Language>("users"), "many_to_many code=user_speaks(language_code|user_id)=id");
    EXPECT_EQ(relation<rel::Pet>("tool"), "has_one id=custom_id custom_type=pets");
    EXPECT_EQ(relation<rel::Pet>("user"), "belongs_to user_id=id");
}

struct Profile {
    std::int64_t id = 0;
    std::string refer;
    std::int64_t user_refer = 0;
    SKUA_MODEL(Profile, (id), (refer), (user_refer))
};
struct Overridden {
    std::int64_t id = 0;
    std::string profile_name;
    std::int64_t profile_number = 0;
    orm::one<Profile> by_name, by_number, has;
    orm::many<Profile> profiles, custom;
    SKUA_MODEL(Overridden, (id), (profile_name), (profile_number), (by_name, "foreignKey:ProfileName;references:Refer"),
               (by_number, "foreignKey:profile_number"), (has, "foreignKey:UserRefer"),
               (profiles, "many2many:OverriddenProfile"),
               (custom,
                "many2many:x;foreignKey:profile_name;joinForeignKey:OwnerName;references:Refer;joinReferences:"
                "ProfileRefer"))
};

TEST(RelationInference, OverriddenForeignKeysAndReferences) {
    EXPECT_EQ(relation<Overridden>("by_name"), "belongs_to profile_name=refer");
    EXPECT_EQ(relation<Overridden>("by_number"), "belongs_to profile_number=id");
    EXPECT_EQ(relation<Overridden>("has"), "has_one id=user_refer");
    EXPECT_EQ(relation<Overridden>("profiles"), "many_to_many id=overridden_profiles(overridden_id|profile_id)=id");
    EXPECT_EQ(relation<Overridden>("custom"), "many_to_many profile_name=x(owner_name|profile_refer)=refer");
}

struct Nothing {
    std::int64_t id = 0;
    SKUA_MODEL(Nothing, (id))
};

TEST(RelationInference, SingularNames) {
    for (const auto& [plural, singular] :
         std::vector<std::pair<std::string, std::string>>{{"friends", "friend"},
                                                          {"people", "person"},
                                                          {"categories", "category"},
                                                          {"boxes", "box"},
                                                          {"addresses", "address"},
                                                          {"statuses", "status"},
                                                          {"wolves", "wolf"},
                                                          {"knives", "knife"},
                                                          {"movies", "movie"},
                                                          {"children", "child"},
                                                          {"boss", "boss"},
                                                          {"close_friends", "close_friend"}})
        EXPECT_EQ(orm::detail::singular(plural), singular);
}

struct Blog {
    std::int64_t id = 0;
    std::string locale;
    std::string subject;
    orm::many<Nothing> tags;
    SKUA_MODEL(Blog, (id, "primaryKey"), (locale, "primaryKey;size:8"), (subject), (tags, "many2many:blog_tags"))
};
struct Comment {
    std::int64_t id = 0, blog_id = 0;
    std::string blog_locale;
    orm::one<Blog> blog;
    SKUA_MODEL(Comment, (id), (blog_id), (blog_locale, "size:8"), (blog))
};

TEST(RelationInference, CompositeKeys) {
    EXPECT_EQ(relation<Blog>("tags"), "many_to_many id,locale=blog_tags(blog_id,blog_locale|nothing_id)=id");
    EXPECT_EQ(relation<Comment>("blog"), "belongs_to blog_id,blog_locale=id,locale");
}

TEST(Migration, ForeignKeysAndLinkTablesComeWithTheModels) {
    auto db = memory();
    const auto plan = db.plan_migration<rel::User, rel::Account, rel::Pet, rel::Tag, rel::Language>().or_throw();
    std::vector<std::string> tables;
    std::string all;
    for (const auto& step : plan) {
        if (step.what.starts_with("create table")) tables.push_back(step.what.substr(13));
        all += step.sql + "\n";
    }
    EXPECT_EQ(tables, (std::vector<std::string>{"companies", "languages", "users", "accounts", "pets", "tags",
                                                "user_speaks", "user_friends"}));
    const auto has = [&](std::string_view text) { return all.find(text) != std::string::npos; };
    EXPECT_TRUE(has(
        R"(CONSTRAINT "fk_users_company" FOREIGN KEY ("company_id") REFERENCES "companies" ("id") ON DELETE SET NULL)"))
        << all;
    EXPECT_TRUE(has(R"(CONSTRAINT "fk_users_team" FOREIGN KEY ("manager_id") REFERENCES "users" ("id"))")) << all;
    EXPECT_FALSE(has("fk_users_manager")) << "the side that has wins: " << all;
    EXPECT_TRUE(has(R"(CONSTRAINT "fk_users_pets" FOREIGN KEY ("user_id") REFERENCES "users" ("id"))")) << all;
    EXPECT_FALSE(has("fk_pets_user")) << all;
    EXPECT_TRUE(has(R"(CONSTRAINT "fk_users_account")")) << all;
    EXPECT_TRUE(has(R"(CONSTRAINT "fk_user_speaks_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id"))")) << all;
    EXPECT_TRUE(
        has(R"(CONSTRAINT "fk_user_speaks_language" FOREIGN KEY ("language_code") REFERENCES "languages" ("code"))"))
        << all;
    EXPECT_TRUE(has(R"(CONSTRAINT "fk_user_friends_friends" FOREIGN KEY ("friend_id") REFERENCES "users" ("id"))"))
        << all;
    EXPECT_TRUE(has(R"(PRIMARY KEY ("user_id", "language_code"))")) << all;
    EXPECT_FALSE(has("\"tools\"")) << "polymorphic relations have no foreign key: " << all;
    db.auto_migrate<rel::User, rel::Account, rel::Pet, rel::Tag, rel::Language>().or_throw();
    EXPECT_TRUE((db.plan_migration<rel::User, rel::Account, rel::Pet, rel::Tag, rel::Language>().or_throw().empty()));
}

}  // namespace
