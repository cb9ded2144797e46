// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <skua/orm/dialect.hpp>

namespace skua::orm::detail {

class postgres_dialect final : public dialect {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "postgres"; }
    [[nodiscard]] naming::identifier_limit identifiers() const noexcept override {
        return {.most = 63, .in_bytes = true};
    }
    void quote(std::string& out, std::string_view identifier) const override;
    void placeholder(std::string& out, std::size_t number) const override;
    void limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const override;
    void literal(std::string& out, value_view v) const override;
    void default_values(std::string& out) const override { out += " DEFAULT VALUES"; }
    [[nodiscard]] insert_ids ids() const noexcept override { return insert_ids::returning; }
    [[nodiscard]] std::int64_t time_unit_ns() const noexcept override { return 1000; }
    [[nodiscard]] std::string_view begin(bool) const noexcept override { return "BEGIN"; }
    [[nodiscard]] std::string type_of(const field_info& field) const override;
    [[nodiscard]] bool type_has_key(const field_info&) const override { return false; }
    [[nodiscard]] std::string_view tables_query() const noexcept override;
    [[nodiscard]] index_abilities index_settings() const noexcept override;
    [[nodiscard]] std::string_view indexes_query() const noexcept override;
    [[nodiscard]] std::string_view zero_literal(const field_info& field) const noexcept override;
    [[nodiscard]] std::string_view column_details_query() const noexcept override;
    [[nodiscard]] std::string_view index_details_query() const noexcept override;
    [[nodiscard]] std::string_view constraints_query() const noexcept override;
    [[nodiscard]] bool same_type(std::string_view stored, std::string_view wanted) const override;
    [[nodiscard]] std::vector<std::string> alter_column(const column_change& to) const override;
    [[nodiscard]] std::string comment_statement(std::string_view table, std::string_view column,
                                                std::string_view comment) const override;
    void drop_index(std::string& out, std::string_view table, std::string_view index) const override;
};

}  // namespace skua::orm::detail
