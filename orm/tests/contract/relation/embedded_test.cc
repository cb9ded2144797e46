// SPDX-License-Identifier: Apache-2.0
// Relations of embedded structs: found by the columns beside them, each struct's by its own.
#include "relation.h"

namespace embedded_relations {
namespace {

using namespace rel;

struct Country : orm::model<Country> {
    std::string name;
    SKUA_MODEL(Country, (name, "size:64"))
};
struct Badge : orm::model<Badge> {
    std::optional<std::int64_t> org_id;
    std::string text;
    SKUA_MODEL(Badge, (org_id), (text, "size:64"))
};
struct Topic : orm::model<Topic> {
    std::string word;
    SKUA_MODEL(Topic, (word, "size:64"))
};
struct Spot {
    std::optional<std::int64_t> country_id;
    orm::one<Country> country;
    SKUA_COLUMNS(Spot, (country_id), (country))
};
struct Address {
    std::string street;
    std::optional<std::int64_t> country_id;
    orm::one<Country> country;
    Spot origin;
    SKUA_COLUMNS(Address, (street, "size:64"), (country_id), (country, "constraint:OnDelete:SET NULL"),
                 (origin, "embedded;embeddedPrefix:origin_"))
};
// Its keys are the model's.
struct Extras {
    orm::many<Badge> badges;
    orm::many<Topic> topics;
    SKUA_COLUMNS(Extras, (badges), (topics, "many2many:org_topics"))
};
struct Org : orm::model<Org> {
    std::string name;
    std::optional<std::int64_t> country_id;
    orm::one<Country> country;
    Address postal, visiting;
    Extras extras;
    SKUA_MODEL(Org, (name, "size:64"), (country_id), (country), (postal, "embedded;embeddedPrefix:postal_"),
               (visiting, "embedded;embeddedPrefix:visiting_"), (extras, "embedded"))
};
const auto& postal_country = Org::c.postal[Address::c.country];
const auto& visiting_country = Org::c.visiting[Address::c.country];
const auto& origin_country = Org::c.postal[Address::c.origin[Spot::c.country]];

struct EmbeddedRelations : contract::Contract {
    orm::database db = with<Country, Badge, Topic, Org>();
    statements sent{db};

    static Country country(const char* name) {
        Country made;
        made.name = name;
        return made;
    }
    static Org org() {
        Org o;
        o.name = "skua";
        o.country = country("home");
        o.postal.street = "P";
        o.postal.country = country("post");
        o.postal.origin.country = country("origin");
        o.visiting.country = country("visit");
        o.extras.badges.push_back({{}, {}, "gold"});
        o.extras.badges.push_back({{}, {}, "silver"});
        o.extras.topics.push_back({{}, "birds"});
        return o;
    }
};

TEST_P(EmbeddedRelations, TestEmbedPreload) {
    Org made = org();
    db.create(made).or_throw();
    ASSERT_TRUE(made.postal.country_id && made.visiting.country_id && made.postal.origin.country_id);
    EXPECT_EQ(*made.postal.country_id, made.postal.country->id);
    EXPECT_EQ(*made.visiting.country_id, made.visiting.country->id);
    EXPECT_EQ(*made.postal.origin.country_id, made.postal.origin.country->id);
    EXPECT_EQ(*made.country_id, made.country->id);

    const Org bare = db.find<Org>(made.id).or_throw();
    EXPECT_FALSE(bare.postal.country.loaded());
    EXPECT_EQ(bare.visiting.country_id, made.visiting.country_id);

    const Org two = db.from<Org>().preload(visiting_country).preload(origin_country).first().or_throw();
    EXPECT_FALSE(two.postal.country.loaded());
    EXPECT_FALSE(two.country.loaded());
    EXPECT_EQ(two.visiting.country->name, "visit");
    EXPECT_EQ(two.postal.origin.country->name, "origin");

    const Org all = db.from<Org>().preload(orm::associations).first().or_throw();
    EXPECT_EQ(all.country->name, "home");
    EXPECT_EQ(all.postal.country->name, "post");
    EXPECT_EQ(all.postal.origin.country->name, "origin");
    EXPECT_TRUE(all.visiting.origin.country.loaded());
    EXPECT_FALSE(all.visiting.origin.country);
    ASSERT_EQ(all.extras.badges.size(), 2U);
    EXPECT_EQ(all.extras.badges[1].text, "silver");
    ASSERT_EQ(all.extras.topics.size(), 1U);
    EXPECT_EQ(all.extras.topics[0].word, "birds");
}

TEST_P(EmbeddedRelations, AreJoinedUnderTheirPrefix) {
    Org made = org();
    db.create(made).or_throw();
    const auto asked = db.from<Org>()
                           .joins(postal_country)
                           .joins(visiting_country)
                           .where(visiting_country[Country::c.name] == "visit");
    const std::string sql = asked.to_sql().or_throw().sql;
    EXPECT_NE(sql.find("postal_country"), std::string::npos) << sql;
    EXPECT_NE(sql.find("visiting_country"), std::string::npos) << sql;
    const auto found = asked.find().or_throw();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].postal.country->name, "post");
    EXPECT_EQ(found[0].visiting.country->name, "visit");
    EXPECT_FALSE(found[0].country.loaded());
    EXPECT_EQ(db.from<Org>().joins(postal_country).where(postal_country[Country::c.name] == "visit").count().or_throw(),
              0);
}

TEST_P(EmbeddedRelations, AssociationMode) {
    Org made = org();
    db.create(made).or_throw();
    Country other = country("other");
    db.of(made, visiting_country).replace(other).or_throw();
    EXPECT_EQ(made.visiting.country_id, other.id);
    EXPECT_EQ(db.find<Org>(made.id).or_throw().visiting.country_id, other.id);
    EXPECT_EQ(db.find<Org>(made.id).or_throw().postal.country_id, made.postal.country_id);
    EXPECT_EQ(db.of(made, Org::c.extras[Extras::c.badges]).count().or_throw(), 2);
    db.of(made, Org::c.extras[Extras::c.topics]).clear().or_throw();
    EXPECT_EQ(db.of(made, Org::c.extras[Extras::c.topics]).count().or_throw(), 0);
}

TEST_P(EmbeddedRelations, EachHasItsForeignKey) {
    EXPECT_TRUE((db.plan_migration<Country, Badge, Topic, Org>().or_throw().empty()));
    Org made = org();
    db.create(made).or_throw();
    const std::int64_t gone = made.postal.country->id;
    db.from<Country>().unscoped().where(Country::c.id == gone).remove().or_throw();
    EXPECT_FALSE(db.find<Org>(made.id).or_throw().postal.country_id);
    EXPECT_TRUE(db.find<Org>(made.id).or_throw().visiting.country_id);
}

struct EmbeddedRelationsPlan : contract::Contract {};
TEST_P(EmbeddedRelationsPlan, ConstraintsAreNamedByPrefix) {
    const orm::database db = open();
    std::string sql;
    for (const auto& step : db.plan_migration<Country, Badge, Topic, Org>().or_throw()) sql += step.sql + "\n";
    for (const char* name : {"fk_orgs_country", "fk_orgs_postal_country", "fk_orgs_visiting_country",
                             "fk_orgs_postal_origin_country", "fk_orgs_badges"})
        EXPECT_NE(sql.find(name), std::string::npos) << name << "\n" << sql;
}

// omit() and select() name them, too.
TEST_P(EmbeddedRelations, AreLeftOutOfASave) {
    Org made = org();
    db.omit(postal_country).create(made).or_throw();
    EXPECT_FALSE(db.find<Org>(made.id).or_throw().postal.country_id);
    EXPECT_TRUE(db.find<Org>(made.id).or_throw().visiting.country_id);
    EXPECT_EQ(db.from<Country>().count().or_throw(), 3);
}

SKUA_ON_EVERY_DATABASE(EmbeddedRelations);
SKUA_ON_EVERY_DATABASE(EmbeddedRelationsPlan);

}  // namespace
}  // namespace embedded_relations
