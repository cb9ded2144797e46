// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace skua::ingest::otlp {

// Where in the request we are, for messages only: cheap to keep, turned into text on failure.
struct Path {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t resource = kNone;
    std::size_t scope = kNone;
    std::size_t span = kNone;
    const char* part = nullptr;  // "resource", "scope", "status", "events", "links"
    std::size_t part_index = kNone;
    const char* field = nullptr;

    [[nodiscard]] std::string text() const {
        std::string out;
        if (resource != kNone) out += fmt::format("resource_spans[{}]", resource);
        if (scope != kNone) out += fmt::format(".scope_spans[{}]", scope);
        if (span != kNone) out += fmt::format(".spans[{}]", span);
        if (part != nullptr) out.append(".").append(part);
        if (part != nullptr && part_index != kNone) out += fmt::format("[{}]", part_index);
        if (field != nullptr) out.append(".").append(field);
        return out;
    }
    void enter(const char* name, std::size_t index = kNone) {
        part = name;
        part_index = index;
        field = nullptr;
    }
    void leave() { enter(nullptr); }
};

}  // namespace skua::ingest::otlp
