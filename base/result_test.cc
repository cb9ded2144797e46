// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <memory>

#include <gtest/gtest.h>

namespace skua::base {
namespace {

Result<std::unique_ptr<int>> half(int n) {
    if (n % 2 != 0) return Error{Code::kInvalidArgument, "cannot halve " + std::to_string(n)};
    return std::make_unique<int>(n / 2);
}

Result<int> quarter(int n) {
    SKUA_ASSIGN_OR_RETURN(const auto first, half(n));
    SKUA_ASSIGN_OR_RETURN(const auto second, half(*first));
    return *second;
}

Status check(int n) {
    SKUA_RETURN_IF_ERROR(quarter(n));
    return {};
}

TEST(Result, AssignOrReturnPassesMoveOnlyValuesOn) {
    const auto result = quarter(12);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*result, 3);
}

TEST(Result, FirstErrorIsReturned) {
    const auto result = quarter(6);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
    EXPECT_EQ(result.error().message, "cannot halve 3");
    EXPECT_FALSE(check(6).ok());
    EXPECT_TRUE(check(4).ok());
}

TEST(Result, ErrnoErrorNamesTheCause) {
    EXPECT_EQ(errno_error("cannot open /x", EACCES).message, "cannot open /x: Permission denied");
}

}  // namespace
}  // namespace skua::base
