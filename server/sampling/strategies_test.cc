// SPDX-License-Identifier: Apache-2.0
#include "sampling/strategies.h"

#include "sampling/strategy_source.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::sampling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "0.5", "5/s", "0.5 [a=0.1 b=0.2]": one line per strategy, so that a test reads like the file.
std::string describe(const Strategy& strategy) {
    std::ostringstream out;
    if (strategy.type == Strategy::Type::kProbabilistic) {
        out << strategy.rate;
    } else {
        out << strategy.traces_per_second << "/s";
    }
    if (strategy.per_operation) {
        out << " " << strategy.per_operation->default_rate << "[";
        for (const OperationRate& rate : strategy.per_operation->operations)
            out << rate.operation << "=" << rate.rate << " ";
        out << "]";
    }
    return out.str();
}

Strategies parse(std::string_view json, std::vector<std::string>* warnings = nullptr) {
    auto parsed = Strategies::parse(json, 0.001, [&](std::string_view warning) {
        if (warnings != nullptr) warnings->emplace_back(warning);
    });
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return std::move(parsed).value();
}

TEST(Strategies, WithoutAFileEverythingIsAtTheDefault) {
    EXPECT_EQ(describe(Strategies(1).of("any")), "1");
    EXPECT_EQ(describe(parse("{}").of("any")), "0.001");
    EXPECT_EQ(describe(parse("null").of("any")), "0.001");
}

TEST(Strategies, ServicesInheritTheDefaultsOperations) {
    const Strategies strategies = parse(R"({
        "default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
            {"operation": "health", "type": "probabilistic", "param": 0},
            {"operation": "shared", "type": "probabilistic", "param": 0.25}]},
        "service_strategies": [
            {"service": "plain", "type": "probabilistic", "param": 0.8},
            {"service": "limited", "type": "ratelimiting", "param": 5},
            {"service": "own", "type": "probabilistic", "param": 0.75, "operation_strategies": [
                {"operation": "shared", "type": "probabilistic", "param": 1},
                {"operation": "mine", "type": "probabilistic", "param": 0.125}]},
            {"service": "limited own", "type": "ratelimiting", "param": 2, "operation_strategies": [
                {"operation": "mine", "type": "probabilistic", "param": 0.5}]}]})");
    EXPECT_EQ(describe(strategies.of("other")), "0.5 0.5[health=0 shared=0.25 ]");
    EXPECT_EQ(describe(strategies.of("plain")), "0.8 0.8[health=0 shared=0.25 ]");
    EXPECT_EQ(describe(strategies.of("limited")), "5/s");
    EXPECT_EQ(describe(strategies.of("own")), "0.75 0.75[shared=1 mine=0.125 health=0 ]");
    EXPECT_EQ(describe(strategies.of("limited own")), "2/s 0.001[mine=0.5 health=0 shared=0.25 ]");
}

TEST(Strategies, WhatMeansNothingIsReplacedAndTold) {
    std::vector<std::string> warnings;
    const Strategies strategies = parse(R"({"service_strategies": [
        {"service": "a", "type": "often", "param": 1},
        {"service": "b", "type": "probabilistic", "param": 1, "operation_strategies": [
            {"operation": "x", "type": "ratelimiting", "param": 3},
            {"operation": "y", "type": "probabilistic", "param": 0.5}]}]})",
                                        &warnings);
    EXPECT_EQ(describe(strategies.of("a")), "0.001");
    EXPECT_EQ(describe(strategies.of("b")), "1 1[y=0.5 ]");
    EXPECT_THAT(warnings,
                ElementsAre("unknown sampling type 'often' of service 'a'; the default is used",
                            "operation 'x' of service 'b' is left out: operations can only be probabilistic"));
}

TEST(Strategies, RateLimitsAreWholeNumbers) {
    const Strategies strategies = parse(R"({"default_strategy": {"type": "ratelimiting", "param": 0.9},
        "service_strategies": [{"service": "huge", "type": "ratelimiting", "param": 1e300}]})");
    EXPECT_EQ(describe(strategies.of("x")), "0/s");
    EXPECT_EQ(describe(strategies.of("huge")), "2147483647/s");
}

TEST(Strategies, UnreadableTextIsRefused) {
    for (const std::string_view text :
         {"", "{", "[]", "7", R"({"service_strategies": [1]})", R"({"service_strategies": [{}]})"}) {
        SCOPED_TRACE(text);
        const auto parsed = Strategies::parse(text, 1, [](std::string_view) {});
        ASSERT_FALSE(parsed.ok());
        EXPECT_THAT(parsed.error().message, HasSubstr("cannot read sampling strategies"));
    }
}

class StrategySourceTest : public ::testing::Test {
protected:
    StrategySourceTest() { write(R"({"default_strategy": {"type": "probabilistic", "param": 0.5}})"); }
    ~StrategySourceTest() override { std::filesystem::remove(path_); }
    void write(std::string_view text) { std::ofstream(path_) << text; }

    const std::string path_ =
        (std::filesystem::temp_directory_path() / ("skua-strategies-" + std::to_string(::getpid()) + ".json")).string();
    base::ManualClock clock_{1};
};

TEST_F(StrategySourceTest, ReadsTheFileAgainAfterTheInterval) {
    auto source = StrategySource::open({path_, std::chrono::seconds(10), 1}, clock_);
    ASSERT_TRUE(source.ok()) << source.error().message;
    EXPECT_EQ(describe((*source)->current()->of("x")), "0.5");
    write(R"({"default_strategy": {"type": "probabilistic", "param": 0.25}})");
    EXPECT_EQ(describe((*source)->current()->of("x")), "0.5");
    clock_.advance(10'000'000'000);
    EXPECT_EQ(describe((*source)->current()->of("x")), "0.25");
    write("{ broken");
    clock_.advance(10'000'000'000);
    EXPECT_EQ(describe((*source)->current()->of("x")), "0.25");
}

TEST_F(StrategySourceTest, AFileThatCannotBeReadAtTheStartIsAnError) {
    const auto missing = StrategySource::open({path_ + ".none", {}, 1}, clock_);
    ASSERT_FALSE(missing.ok());
    EXPECT_THAT(missing.error().message, HasSubstr(path_ + ".none: No such file"));
    write("nonsense");
    const auto broken = StrategySource::open({path_, {}, 1}, clock_);
    ASSERT_FALSE(broken.ok());
    EXPECT_THAT(broken.error().message, HasSubstr(path_));
}

}  // namespace
}  // namespace skua::sampling
