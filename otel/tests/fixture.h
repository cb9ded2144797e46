// SPDX-License-Identifier: Apache-2.0
// A database in memory with the plugin on it, and a recorder behind the plugin.
#pragma once

#include "otel/tests/recorder.h"

#include <string>

#include <gtest/gtest.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/tracer.h>
#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <skua/otel.hpp>

namespace skua::otel::testing {

struct Note : orm::model<Note> {
    std::string title;
    std::int64_t stars = 0;
    SKUA_MODEL(Note, (title, "size:100;uniqueIndex"), (stars))
};

// Its hooks call the ORM again, with the handle they get.
struct Audited : orm::model<Audited> {
    std::string name;
    SKUA_MODEL(Audited, (name, "size:100"))

    orm::status before_create(orm::event&) { return name == "no" ? orm::fail("no is no name") : orm::ok; }
    orm::status after_create(orm::event& e) {
        Note note{.title = "created " + name};
        return e.db().create(note);
    }
};

// All of `want`, and whatever else.
inline void expect_all(const text_map& got, const text_map& want) {
    for (const auto& [name, value] : want) {
        const auto found = got.find(name);
        EXPECT_EQ(found == got.end() ? "(absent)" : found->second, value) << name;
    }
}

class Tracing : public ::testing::Test {
protected:
    // The plugin is used after the tables were made, so that a test sees only its own spans.
    orm::database open(tracing_options options = {}) {
        options.provider = recorder_.tracers();
        options.meter_provider = recorder_.meters();
        auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
        db.auto_migrate<Note, Audited>().or_throw();
        db.use(tracing(std::move(options))).or_throw();
        return db;
    }
    static orm::status add(const orm::database& db, const std::string& title) {
        Note note{.title = title};
        return db.create(note);
    }
    recorder recorder_;
};

}  // namespace skua::otel::testing
