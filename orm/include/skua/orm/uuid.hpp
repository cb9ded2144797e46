// SPDX-License-Identifier: Apache-2.0
// orm::uuid: 16 bytes; text of 36 characters where the database has no type of its own.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <skua/orm/codec.hpp>

namespace skua::orm {

struct uuid {
    std::array<std::uint8_t, 16> bytes{};

    // "f47ac10b-58cc-4372-a567-0e02b2c3d479", any case, with or without dashes and braces. Empty: it is none.
    static std::optional<uuid> parse(std::string_view text) noexcept;
    static uuid random();        // version 4
    static uuid time_ordered();  // version 7: sorts by the time it was made
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const uuid&, const uuid&) noexcept = default;
    friend auto operator<=>(const uuid&, const uuid&) noexcept = default;
};

template <>
struct codec<uuid> {
    static constexpr sql_type type{value_kind::text, 0, false, sql_format::uuid};
    static value_view view(const uuid& v, scratch& keeper) { return value_view::text(keeper.keep(v.to_string())); }
    static bool read(uuid& into, value_view from) noexcept;
};

}  // namespace skua::orm
