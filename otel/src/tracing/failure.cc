// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/failure.h"

#include "otel/src/sql/sanitize.h"

namespace skua::otel {
namespace {

// What happened is our word for it; the database's code (an interrupt) would say less.
bool ours(orm::errc code) {
    switch (code) {
        case orm::errc::timeout:
        case orm::errc::cancelled:
        case orm::errc::connection_lost:
        case orm::errc::pool_exhausted:
        case orm::errc::hook_failed:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool counts_as_failure(const orm::error& error, const tracing_options& options) noexcept {
    if (error.code == orm::errc::record_not_found) return false;
    try {
        return !options.error_filter || options.error_filter(error);
    } catch (...) {
        return true;
    }
}

failure describe(const orm::error& error, std::string_view system) {
    failure out;
    if (system == "postgresql") {
        out.status_code = error.sqlstate;
    } else if (error.native_code != 0) {
        out.status_code = std::to_string(error.native_code);
    }
    const std::string_view kind = orm::to_string(error.code);
    out.type = !ours(error.code) && !out.status_code.empty() ? std::string_view(out.status_code) : kind;
    if (out.type.empty()) out.type = "_OTHER";

    out.description = kind;
    if (!error.constraint.empty()) out.description += " " + error.constraint;
    if (!error.table.empty()) {
        out.description += " (" + error.table + (error.column.empty() ? ")" : "." + error.column + ")");
    }
    if (error.constraint.empty() && error.table.empty() && !error.message.empty()) {
        out.description += ": " + sql::without_values(error.message);
    }
    return out;
}

}  // namespace skua::otel
