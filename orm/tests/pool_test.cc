// SPDX-License-Identifier: Apache-2.0
// Files, threads, the pool.
#include "fixture.h"

#include <atomic>
#include <cstdio>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

class File : public ::testing::Test {
protected:
    File()
        : path_(::testing::TempDir() + "skua_orm_" + std::to_string(getpid()) + "_" +
                ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".db") {
        remove_all();
    }
    ~File() override { remove_all(); }
    orm::database open(orm::open_options options = {}) {
        options.logger = orm::silent();
        return orm::open(orm::sqlite(path_), options).or_throw();
    }
    void remove_all() {
        for (const char* tail : {"", "-wal", "-shm"}) std::remove((path_ + tail).c_str());
    }
    std::string path_;
};

TEST_F(File, ANewFileIsWalAndAnOldOneKeepsItsMode) {
    {
        auto db = open();
        EXPECT_EQ(db.raw<std::string>("PRAGMA journal_mode").first().or_throw(), "wal");
        EXPECT_EQ(db.raw<int>("PRAGMA foreign_keys").first().or_throw(), 1);
        db.exec("PRAGMA journal_mode = DELETE").or_throw();
    }
    EXPECT_EQ(open().raw<std::string>("PRAGMA journal_mode").first().or_throw(), "delete");
    EXPECT_EQ(open().info().system, "sqlite");
    EXPECT_EQ(open().info().name_space, path_.substr(path_.rfind('/') + 1));
}

TEST_F(File, ThreadsReadAndWriteAtOnce) {
    auto db = open({.max_open = 4});
    db.auto_migrate<User>().or_throw();
    const auto adults = db.from<User>().where(User::c.age >= 18);
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                User u = make_user("t" + std::to_string(t), 18 + i);
                if (!db.create(u) || !db.find<User>(u.id) || !adults.count()) ++failures;
                if (!db.transaction(
                        [&](orm::tx& tx) -> orm::status { return tx.of(u).update(User::c.age = User::c.age + 1); }))
                    ++failures;
            }
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(adults.count().or_throw(), 200);
    const auto stats = db.stats();
    EXPECT_EQ(stats.in_use, 0);
    EXPECT_LE(stats.open, 4);
    EXPECT_EQ(stats.max_open, 4);
}

TEST_F(File, OneConnectionServesManyThreads) {
    auto db = open({.max_open = 1});
    db.auto_migrate<User>().or_throw();
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int t = 0; t < 20; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i)
                if (!db.from<User>().count()) ++failures;
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(db.stats().open, 1);
}

TEST_F(File, AnotherThreadWaitsUntilTheTimeIsOver) {
    auto db = open({.max_open = 1, .acquire_timeout = std::chrono::milliseconds(20)});
    auto tx = db.begin().or_throw();
    orm::errc code{};
    std::thread([&] { code = db.raw<int>("SELECT 1").first().error().code; }).join();
    EXPECT_EQ(code, orm::errc::pool_exhausted);
    EXPECT_EQ(db.stats().timeouts, 1U);
    EXPECT_EQ(db.stats().wait_count, 1U);
    EXPECT_EQ(db.stats().pending, 0);
}

TEST_F(File, MigrationsOfTwoProcessesDoNotCollide) {
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            auto db = open();
            if (!db.auto_migrate<Company, User>()) ++failures;
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(failures, 0);
}

TEST(Memory, SharedCacheDsnOfTheSeedProgram) {
    auto db = orm::open(orm::sqlite("file::memory:?cache=shared")).or_throw();
    db.auto_migrate<User>().or_throw();
    EXPECT_EQ(db.info().name_space, "main");
    EXPECT_EQ(db.stats().max_open, 1);
}

TEST(Memory, AQueryOutlivesItsHandle) {
    std::optional<orm::query<User>> q;
    {
        auto db = with_users();
        q.emplace(db.from<User>());
    }
    EXPECT_TRUE(q->find().or_throw().empty());
}

TEST(Memory, TheMonitorOutlivesTheDatabase) {
    auto monitor = with_users({.pool_name = "shop"}).pool();
    EXPECT_EQ(monitor.stats().open, 0);
    EXPECT_EQ(monitor.info().pool_name, "shop");
}

}  // namespace
