// SPDX-License-Identifier: Apache-2.0
// Who is told what was sent. Values are never in it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <skua/orm/error.hpp>
#include <skua/orm/location.hpp>

namespace skua::orm {

enum class level : std::uint8_t { silent, error, warn, info };

struct log_record {
    level severity = level::info;
    std::string_view message;      // of a warning without statement; else empty
    std::string_view sql;          // with placeholders
    std::int64_t rows = -1;        // affected or returned; -1: not known
    std::int64_t duration_ns = 0;  // to a few milliseconds, unless the threshold is info
    bool slow = false;
    const error* failure = nullptr;
    location at;
};

// Any thread, several at once.
class logger {
public:
    virtual ~logger() = default;
    [[nodiscard]] virtual level threshold() const noexcept = 0;
    virtual void write(const log_record& record) noexcept = 0;
};

std::shared_ptr<logger> silent();
// "2026-11-22T22:07:59.5Z warn orm: slow query, 312 ms, 7 rows: SELECT … (shop.cc:12)"
std::shared_ptr<logger> stderr_logger(level threshold = level::warn);

}  // namespace skua::orm
