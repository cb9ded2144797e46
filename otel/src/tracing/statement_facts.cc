// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/statement_facts.h"

#include "otel/src/semconv.h"
#include "otel/src/sql/sanitize.h"
#include "otel/src/sql/summary.h"

#include <algorithm>
#include <utility>

namespace skua::otel {
namespace {

constexpr std::size_t max_parameters = 128;  // keys prepared for one statement

}  // namespace

facts_maker::facts_maker(const tracing_options& options, const orm::database_info& database)
    : options_(options), database_(database), system_(options.db_system) {
    if (system_.empty()) system_ = database_.system.empty() ? "other_sql" : database_.system;
}

void facts_maker::add_database(attribute_list& to) const {
    to.add(semconv::db_system_name, system_);
    to.add(semconv::db_namespace, database_.name_space);
    to.add(semconv::server_address,
           options_.server_address.empty() ? database_.server_address : options_.server_address);
    if (database_.server_port > 0) to.add(semconv::server_port, std::int64_t{database_.server_port});
}

std::string facts_maker::text_of(const orm::statement_info& statement) const {
    if (!options_.query_text) return {};
    std::string text = statement.raw ? sql::sanitize(statement.sql, sql::dialect_of(system_), options_.max_query_text)
                                     : std::string(sql::cut(statement.sql, options_.max_query_text));
    if (!options_.query_formatter) return text;
    try {
        return std::string(sql::cut(options_.query_formatter(text), options_.max_query_text));
    } catch (...) {
        return {};  // a formatter that fails hides the text rather than showing what it wanted changed
    }
}

std::vector<std::string> facts_maker::parameter_keys(const orm::statement_info& statement) const {
    if (!options_.query_variables && options_.parameters.empty()) return {};
    std::vector<std::string> keys;
    const std::size_t named = std::min(statement.parameter_names.size(), max_parameters);
    const std::size_t count = statement.parameter_names.empty() ? max_parameters : named;
    const auto& allowed = options_.parameters;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string index = std::to_string(i);
        const std::string_view column = i < named ? std::string_view(statement.parameter_names[i]) : std::string_view();
        const auto is = [&](const std::string& a) { return a == index || (!column.empty() && a == column); };
        if (!allowed.empty() && std::none_of(allowed.begin(), allowed.end(), is)) {
            keys.emplace_back();
            continue;
        }
        // A column that is compared twice has its name only once: age > ? AND age < ?
        std::string key = semconv::db_query_parameter + std::string(column.empty() ? index : column);
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) key = semconv::db_query_parameter + index;
        keys.push_back(std::move(key));
    }
    return keys;
}

shared_facts facts_maker::of_statement(const orm::statement_info& statement) const {
    std::string summary = statement.summary;
    if (summary.empty()) summary = sql::summarize(statement.sql, sql::dialect_of(system_));
    return make(statement.operation, statement.collection, sql::cut(summary, sql::max_summary), text_of(statement),
                parameter_keys(statement));
}

shared_facts facts_maker::of_control(std::string_view keyword) const {
    return make(keyword, {}, keyword, options_.query_text ? keyword : std::string_view(), {});
}

shared_facts facts_maker::make(std::string_view operation, std::string_view collection, std::string_view summary,
                               std::string_view text, std::vector<std::string> keys) const {
    auto facts = std::make_shared<statement_facts>();
    facts->name = !summary.empty() ? summary : !database_.name_space.empty() ? database_.name_space : system_;
    facts->parameter_keys = std::move(keys);
    for (attribute_list* list : {&facts->span, &facts->metric}) {
        add_database(*list);
        list->add(semconv::db_operation_name, operation);
        list->add(semconv::db_collection_name, collection);
        list->add(semconv::db_query_summary, summary);
        if (list == &facts->span) list->add(semconv::db_query_text, text);
        list->add(options_.attributes);
    }
    return facts;
}

shared_facts facts_cache::get_or_make(const orm::statement_info& statement, const facts_maker& maker) {
    if (statement.sql.size() > max_text) return maker.of_statement(statement);
    const std::lock_guard lock(mutex_);
    if (const auto found = by_sql_.find(statement.sql); found != by_sql_.end()) return found->second->facts;
    if (entries_.size() == max_entries) {
        by_sql_.erase(entries_.back().sql);
        entries_.pop_back();
    }
    entries_.push_front({statement.sql, maker.of_statement(statement)});
    by_sql_.emplace(entries_.front().sql, entries_.begin());
    return entries_.front().facts;
}

}  // namespace skua::otel
