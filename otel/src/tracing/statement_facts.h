// SPDX-License-Identifier: Apache-2.0
// What every span and measurement of one statement shape have in common, worked out once.
#pragma once

#include "otel/src/tracing/attributes.h"
#include "skua/orm/driver_hooks.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skua::otel {

// Constant after it is made. Attributes are those known at the start of a statement, in the order of the conventions.
struct statement_facts {
    std::string name;
    attribute_list span;
    attribute_list metric;
    std::vector<std::string> parameter_keys;  // attribute name of each parameter that may be shown; empty: it may not
};
using shared_facts = std::shared_ptr<const statement_facts>;

// Makes them for one database.
class facts_maker {
public:
    facts_maker(const tracing_options& options, const orm::database_info& database);

    [[nodiscard]] shared_facts of_statement(const orm::statement_info& statement) const;
    // BEGIN, COMMIT, ROLLBACK, SAVEPOINT …
    [[nodiscard]] shared_facts of_control(std::string_view keyword) const;

    [[nodiscard]] const std::string& system() const noexcept { return system_; }
    // db.system.name, db.namespace, server.*, in that order.
    void add_database(attribute_list& to) const;

private:
    [[nodiscard]] std::string text_of(const orm::statement_info& statement) const;
    [[nodiscard]] std::vector<std::string> parameter_keys(const orm::statement_info& statement) const;
    [[nodiscard]] shared_facts make(std::string_view operation, std::string_view collection, std::string_view summary,
                                    std::string_view text, std::vector<std::string> keys) const;

    const tracing_options& options_;
    const orm::database_info database_;
    std::string system_;
};

// For statements that are not kept by the ORM (raw SQL, DDL): by text, the least recently made one goes. Any thread.
class facts_cache {
public:
    static constexpr std::size_t max_entries = 256;
    static constexpr std::size_t max_text = 8 << 10;  // longer statements are not kept

    shared_facts get_or_make(const orm::statement_info& statement, const facts_maker& maker);

private:
    struct entry {
        std::string sql;
        shared_facts facts;
    };
    std::mutex mutex_;
    std::list<entry> entries_;  // newest first
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_sql_;
};

}  // namespace skua::otel
