// SPDX-License-Identifier: Apache-2.0
// Transactions, hooks, callbacks, driver hooks, plugins, errors.
#include "fixture.h"

#include <stdexcept>

#include <gtest/gtest.h>

struct Hooked : orm::model<Hooked> {
    std::string name;
    int count = 0;
    SKUA_MODEL(Hooked, (name), (count))
    static inline std::vector<std::string> calls;
    orm::status before_save(orm::event&) { return say("before_save"); }
    orm::status before_create(orm::event& e) {
        if (name == "refused") return orm::fail("name is required");
        if (name == "set") return e.set(Hooked::c.count, 42);
        return say("before_create");
    }
    orm::status after_create(orm::event& e) {
        if (name == "fails late") return orm::fail("too late");
        if (name == "asks") calls.push_back("rows " + std::to_string(e.db().from<Hooked>().count().or_throw()));
        return say("after_create");
    }
    orm::status after_save(orm::event&) { return say("after_save"); }
    orm::status before_update(orm::event& e) {
        if (e.changed(Hooked::c.count)) calls.push_back("count changed");
        return say("before_update");
    }
    orm::status after_update(orm::event&) { return say("after_update"); }
    orm::status before_delete(orm::event&) { return say("before_delete"); }
    orm::status after_delete(orm::event&) { return say("after_delete"); }
    orm::status after_find(orm::event&) { return say("after_find " + name); }
    static orm::status say(const std::string& what) {
        calls.push_back(what);
        return orm::ok;
    }
};

namespace {
using words = std::vector<std::string>;

class Runtime : public ::testing::Test {
protected:
    Runtime() {
        db.auto_migrate<Hooked>().or_throw();
        Hooked::calls.clear();
        db.driver_hooks().add("log", listener{&log}).or_throw();
        log.events =
            orm::every_event & ~(orm::bit(orm::driver_event::acquire) | orm::bit(orm::driver_event::release) |
                                 orm::bit(orm::driver_event::prepare) | orm::bit(orm::driver_event::operation));
    }
    ~Runtime() override { log.events = 0; }
    static Hooked named(std::string name) {
        Hooked h;
        h.name = std::move(name);
        return h;
    }
    std::int64_t rows() { return db.from<Hooked>().count().or_throw(); }
    heard log;
    orm::database db = with_users();
};

TEST_F(Runtime, HooksRunInGormsOrderInsideOneTransaction) {
    Hooked h = named("x");
    db.create(h).or_throw();
    EXPECT_EQ(Hooked::calls, (words{"before_save", "before_create", "after_create", "after_save"}));
    EXPECT_EQ(log.lines, (words{"begin", "execute INSERT hookeds", "commit"}));
    Hooked::calls.clear();
    db.of(h).update(Hooked::c.count = 1).or_throw();
    EXPECT_EQ(Hooked::calls, (words{"before_save", "count changed", "before_update", "after_update", "after_save"}));
    Hooked::calls.clear();
    EXPECT_EQ(db.from<Hooked>().find().or_throw().size(), 1U);
    EXPECT_EQ(Hooked::calls, words{"after_find x"});
    Hooked::calls.clear();
    db.of(h).remove().or_throw();
    EXPECT_EQ(Hooked::calls, (words{"before_delete", "after_delete"}));
    Hooked::calls.clear();
    db.session({.skip_hooks = true}).create(h = named("quiet")).or_throw();
    EXPECT_TRUE(Hooked::calls.empty());
}

TEST_F(Runtime, HooksOfAListRunForEachObject) {
    std::vector<Hooked> two{named("a"), named("b")};
    db.create(two).or_throw();
    EXPECT_EQ(Hooked::calls.size(), 8U);
}

TEST_F(Runtime, AFailingHookRollsBack) {
    Hooked refused = named("refused");
    const auto r = db.create(refused);
    EXPECT_EQ(r.error().to_string(), "create Hooked: before_create: name is required");
    EXPECT_EQ(r.error().code, orm::errc::hook_failed);
    Hooked late = named("fails late");
    EXPECT_FALSE(db.create(late));
    EXPECT_EQ(log.lines, (words{"begin", "rollback", "begin", "execute INSERT hookeds", "rollback"}));
    EXPECT_EQ(rows(), 0);
}

TEST_F(Runtime, AHookSetsAColumnAndAsksInTheSameTransaction) {
    Hooked set = named("set");
    db.create(set).or_throw();
    EXPECT_EQ(db.session({.skip_hooks = true}).find<Hooked>(set.id).or_throw().count, 42);
    Hooked asks = named("asks");
    db.create(asks).or_throw();
    EXPECT_EQ(Hooked::calls.at(Hooked::calls.size() - 3), "rows 2");
}

TEST_F(Runtime, OneStatementNeedsNoTransaction) {
    User u = make_user("x");
    db.create(u).or_throw();
    EXPECT_EQ(log.lines, words{"execute INSERT users"});
    db.callbacks().create().after("orm:create").add("mine", [](orm::statement&) { return orm::ok; }).or_throw();
    log.lines.clear();
    db.create(u = make_user("y")).or_throw();
    EXPECT_EQ(log.lines, (words{"begin", "execute INSERT users", "commit"}));
}

TEST_F(Runtime, NestedTransactionsAreNumberedSavepoints) {
    const auto s = db.transaction([&](orm::tx& tx) -> orm::status {
        User a = make_user("a");
        SKUA_TRY(tx.create(a));
        const auto inner = tx.transaction([&](orm::tx& t) -> orm::status {
            User b = make_user("b");
            SKUA_TRY(t.create(b));
            return t.transaction([&](orm::tx&) { return orm::fail("inner says no"); });
        });
        EXPECT_EQ(inner.error().message, "inner says no");
        return tx.transaction([&](orm::tx& t) -> orm::status {
            User c = make_user("c");
            return t.create(c);
        });
    });
    EXPECT_TRUE(s);
    EXPECT_EQ(log.lines,
              (words{"begin", "execute INSERT users", "savepoint sp_1", "execute INSERT users", "savepoint sp_2",
                     "rollback_to sp_2", "release_savepoint sp_2", "rollback_to sp_1", "release_savepoint sp_1",
                     "savepoint sp_1", "execute INSERT users", "release_savepoint sp_1", "commit"}));
    EXPECT_EQ(db.from<User>().order(User::c.id).pluck(User::c.name).or_throw(), (words{"a", "c"}));
}

TEST_F(Runtime, AnExceptionRollsBackAndPasses) {
    const auto thrower = [&] {
        return db.transaction([&](orm::tx& tx) -> orm::status {
            User a = make_user("a");
            SKUA_TRY(tx.create(a));
            throw std::runtime_error("out");
        });
    };
    EXPECT_THROW(static_cast<void>(thrower()), std::runtime_error);
    EXPECT_EQ(log.lines.back(), "rollback");
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_F(Runtime, ByHandRollsBackWhenLeftAndEndsOnce) {
    {
        auto tx = db.begin().or_throw();
        User u = make_user("lost");
        tx.create(u).or_throw();
    }
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    auto tx = db.begin().or_throw();
    User u = make_user("kept");
    tx.create(u).or_throw();
    const auto kept_query = tx.from<User>();
    EXPECT_TRUE(tx.commit());
    EXPECT_EQ(tx.commit().error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(tx.rollback().error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(kept_query.find().error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(tx.create(u).error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(kept_query.on(db).count().or_throw(), 1);
}

TEST_F(Runtime, SavepointsByName) {
    auto tx = db.begin().or_throw();
    User a = make_user("a"), b = make_user("b");
    tx.create(a).or_throw();
    tx.savepoint("here").or_throw();
    tx.create(b).or_throw();
    tx.rollback_to("here").or_throw();
    EXPECT_EQ(tx.savepoint("x; DROP TABLE users").error().code, orm::errc::invalid_value);
    tx.commit().or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 1);
}

TEST_F(Runtime, ASecondConnectionOfTheSameThreadIsRefusedAtOnce) {
    auto tx = db.begin().or_throw();
    const auto r = db.from<User>().find();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::pool_exhausted);
    EXPECT_NE(r.error().message.find("runtime_test.cc"), std::string::npos) << r.error().message;
    EXPECT_EQ(db.stats().in_use, 1);
}

TEST_F(Runtime, UniqueConstraintsHaveTheirNamesFromTheModel) {
    User a = make_user("a"), b = make_user("b");
    a.email = b.email = "x@y";
    db.create(a).or_throw();
    const auto r = db.create(b);
    ASSERT_FALSE(r);
    const orm::error& e = r.error();
    EXPECT_EQ(e.to_string(),
              "create User: unique constraint \"idx_users_email\" violated (users.email), SQLSTATE 23505");
    EXPECT_EQ(e.code, orm::errc::duplicated_key);
    EXPECT_EQ(e.native_code, 2067);
    EXPECT_EQ(e.table, "users");
    EXPECT_EQ(e.column, "email");
    EXPECT_NE(e.sql.find("INSERT INTO \"users\""), std::string::npos);
    EXPECT_EQ(e.sql.find("x@y"), std::string::npos);
    EXPECT_NE(std::string(e.at.file).find("runtime_test.cc"), std::string::npos);
}

TEST_F(Runtime, OtherErrorsNameTheThingAndTheProcessGoesOn) {
    User old = make_user("x", -1);
    EXPECT_EQ(db.create(old).error().constraint, "chk_users_age");
    EXPECT_EQ(db.exec("SELEKT 1").error().sqlstate, "42601");
    EXPECT_EQ(db.exec("SELECT * FROM nowhere").error().table, "nowhere");
    EXPECT_EQ(db.exec("").error().code, orm::errc::invalid_value);
    EXPECT_EQ(db.exec("SELECT 1; SELECT 2").error().code, orm::errc::invalid_value);
    EXPECT_EQ(db.raw<int>("SELECT NULL").find().error().code, orm::errc::null_value);
    EXPECT_EQ(db.raw<std::int8_t>("SELECT 300").find().error().code, orm::errc::invalid_data);
    EXPECT_EQ(db.raw<int>("SELECT 'x'").find().error().code, orm::errc::invalid_data);
    EXPECT_EQ(db.raw<orm::time>("SELECT 'yesterday'").find().error().code, orm::errc::invalid_data);
    EXPECT_EQ(db.raw<int>("SELECT 1").first().or_throw(), 1);
    EXPECT_THROW(db.raw<int>("SELECT 1 WHERE 0").first().or_throw(), orm::exception);
    EXPECT_EQ(memory({.null_as_zero = true}).raw<int>("SELECT NULL").first().or_throw(), 0);
    EXPECT_EQ(orm::open(orm::sqlite("/nowhere/at/all.db")).error().code, orm::errc::cannot_open);
}

TEST_F(Runtime, ADeadlineAndAStopTokenEndAStatement) {
    struct stopped {
        bool stop_requested() const noexcept { return true; }
    };
    const auto endless = [&](const orm::database& on) {
        return on.raw<int>("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
            .find();
    };
    EXPECT_EQ(endless(db.with(orm::context{}.timeout(std::chrono::milliseconds(5)))).error().code, orm::errc::timeout);
    EXPECT_EQ(endless(db.with(orm::context{}.stop(stopped{}))).error().code, orm::errc::cancelled);
    EXPECT_EQ(db.raw<int>("SELECT 1").first().or_throw(), 1);
}

TEST_F(Runtime, AroundBracketsOneCallback) {
    words seen;
    db.callbacks()
        .query()
        .around("gorm:query", "outer",
                [&](orm::statement& s, orm::next next) {
                    seen.push_back("in");
                    auto r = next(s);
                    seen.push_back(std::string(s.sql().substr(0, 6)));
                    return r;
                })
        .or_throw();
    static_cast<void>(db.from<User>().find().or_throw());
    EXPECT_EQ(seen, (words{"in", "SELECT"}));
    db.callbacks().query().around("*", "cache", [&](orm::statement&, orm::next) { return orm::ok; }).or_throw();
    log.lines.clear();
    EXPECT_TRUE(db.from<User>().find().or_throw().empty());
    EXPECT_TRUE(log.lines.empty());
    db.callbacks().query().erase("cache").or_throw();
    EXPECT_EQ(db.callbacks().query().erase("cache").error().code, orm::errc::invalid_value);
    EXPECT_EQ(
        db.callbacks().query().around("nope", "x", [](orm::statement& s, orm::next n) { return n(s); }).error().code,
        orm::errc::invalid_value);
}

TEST_F(Runtime, ACallbackChangesTheStatement) {
    db.callbacks()
        .query()
        .before("orm:query")
        .add("tenant",
             [](orm::statement& s) {
                 if (s.model && s.model->table == "users") s.where(User::c.age > 100);
                 return orm::ok;
             })
        .or_throw();
    User u = make_user("x");
    db.create(u).or_throw();
    EXPECT_TRUE(db.from<User>().find().or_throw().empty());
    db.callbacks().query().replace("tenant", [](orm::statement&) { return orm::fail("closed"); }).or_throw();
    EXPECT_EQ(db.from<User>().find().error().message, "closed");
    db.callbacks().query().erase("tenant").or_throw();
    EXPECT_EQ(db.from<User>().find().or_throw().size(), 1U);
}

struct Audit final : orm::plugin {
    explicit Audit(bool works) : works_(works) {}
    std::string_view name() const override { return "audit"; }
    orm::status initialize(orm::database&) override { return works_ ? orm::ok : orm::fail("no"); }
    bool works_;
};

TEST_F(Runtime, APluginIsUsedOnce) {
    EXPECT_EQ(db.use(Audit{false}).error().message, "no");
    EXPECT_TRUE(db.use(Audit{true}));
    EXPECT_EQ(db.use(Audit{true}).error().code, orm::errc::already_registered);
    EXPECT_EQ(db.driver_hooks().add("log", listener{&log}).error().code, orm::errc::already_registered);
}

TEST_F(Runtime, TheOperationBracketsWhatItCauses) {
    log.events = orm::every_event;
    Hooked h = named("x");
    db.create(h).or_throw();
    EXPECT_EQ(log.lines, (words{"operation create", "acquire", "begin", "prepare INSERT hookeds",
                                "execute INSERT hookeds", "commit", "release"}));
    log.lines.clear();
    static_cast<void>(db.from<User>().first());
    EXPECT_EQ(log.lines,
              (words{"operation first", "acquire", "prepare SELECT users", "execute SELECT users", "release"}));
    log.lines.clear();
    static_cast<void>(db.from<User>().first());
    EXPECT_EQ(log.lines, (words{"operation first", "acquire", "execute SELECT users", "release"}));
    log.lines.clear();
    db.driver_hooks().erase("log").or_throw();
    static_cast<void>(db.from<User>().first());
    EXPECT_TRUE(log.lines.empty());
}

struct inner_listener {
    static constexpr unsigned events = orm::bit(orm::driver_event::operation) | orm::bit(orm::driver_event::execute);
    std::vector<int>* seen;
    static inline constexpr orm::context_key<int> key{};
    void begin(orm::driver_call& call, orm::hook_slot&) noexcept {
        if (call.event == orm::driver_event::operation)
            call.set_inner_context(call.handle_context->set(key, 7));
        else
            seen->push_back(call.handle_context->get(key) ? *call.handle_context->get(key) : -1);
    }
    void end(orm::driver_call&, orm::hook_slot&) noexcept {}
};

TEST_F(Runtime, AnOperationHandsItsContextInside) {
    std::vector<int> seen;
    db.driver_hooks().add("inner", inner_listener{&seen}).or_throw();
    Hooked asks = named("asks");
    db.create(asks).or_throw();
    EXPECT_EQ(seen, (std::vector<int>{7, 7}));
    db.driver_hooks().erase("inner").or_throw();
}

// ---- callback order: gorm's vectors

struct rule {
    int name;
    const char* before;
    const char* after;
};
std::string order(const std::vector<rule>& rules) {
    auto db = memory();
    const auto processor = db.callbacks().row();
    processor.erase("orm:row").or_throw();
    std::string failed;
    for (const rule& r : rules) {
        auto p = processor;
        if (*r.before) p = p.before(r.before);
        if (*r.after) p = p.after(r.after);
        if (!p.add("c" + std::to_string(r.name), [](orm::statement&) { return orm::ok; })) failed = "error";
    }
    std::string out;
    for (const std::string& n : processor.names()) out += n.substr(1) + " ";
    return failed.empty() ? out.substr(0, out.size() - 1) : failed;
}

TEST(Callbacks, OrderAsGorm) {
    struct {
        std::vector<rule> rules;
        const char* want;
    } const cases[] = {
        {{{1, "", ""}, {2, "", ""}, {3, "", ""}, {4, "", ""}, {5, "", ""}}, "1 2 3 4 5"},
        {{{1, "", ""}, {2, "", ""}, {3, "", ""}, {4, "", ""}, {5, "c4", ""}}, "1 2 3 5 4"},
        {{{1, "", ""}, {2, "", ""}, {3, "", ""}, {4, "", "c5"}, {5, "", ""}}, "1 2 3 5 4"},
        {{{1, "", ""}, {2, "c4", "c5"}, {3, "", ""}, {4, "", ""}, {5, "", ""}}, "1 5 2 3 4"},
        {{{1, "", "c3"}, {2, "c4", "c5"}, {3, "c5", ""}, {4, "", ""}, {5, "", ""}}, "3 1 5 2 4"},
        {{{1, "c3", "c4"}, {2, "c4", "c5"}, {3, "c5", ""}, {4, "", ""}, {5, "", ""}}, "error"},
        {{{1, "", ""}, {2, "c4", "c5"}, {3, "", ""}, {4, "", ""}, {5, "*", ""}}, "5 1 2 3 4"},
        {{{1, "", ""}, {2, "c4", "c5"}, {3, "*", ""}, {4, "", ""}, {5, "*", ""}}, "3 5 1 2 4"},
        {{{1, "", ""}, {2, "c4", "c5"}, {3, "c4", "*"}, {4, "", "*"}, {5, "*", ""}}, "5 1 2 3 4"},
        {{{1, "", "c2"}, {2, "", "c1"}}, "error"},
    };
    for (const auto& c : cases) EXPECT_EQ(order(c.rules), c.want);
}

TEST(Callbacks, PluginsNest) {
    auto db = memory();
    const auto p = db.callbacks().query();
    const auto nothing = [](orm::statement&) { return orm::ok; };
    for (const char* n : {"1", "2", "3"}) {
        p.before("*").add(std::string("b") + n, nothing).or_throw();
        p.after("*").add(std::string("a") + n, nothing).or_throw();
    }
    EXPECT_EQ(p.names(), (words{"b3", "b2", "b1", "orm:query", "orm:preload", "orm:after_query", "a1", "a2", "a3"}));
}

}  // namespace
