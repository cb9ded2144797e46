// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <skua/orm/dialect.hpp>

namespace skua::orm::detail {

class mariadb_dialect final : public dialect {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "mariadb"; }
    [[nodiscard]] naming::identifier_limit identifiers() const noexcept override { return {.most = 64}; }
    void quote(std::string& out, std::string_view identifier) const override;
    void placeholder(std::string& out, std::size_t) const override { out += '?'; }
    void limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const override;
    void lock(std::string& out, row_lock what) const override;
    void literal(std::string& out, value_view v) const override;
    void on_conflict(std::string& out, std::string_view) const override { out += " ON DUPLICATE KEY UPDATE "; }
    void do_nothing(std::string& out, std::string_view key) const override;
    void do_update(std::string&) const override {}
    void excluded(std::string& out, std::string_view quoted) const override;
    [[nodiscard]] bool update_returns() const noexcept override { return false; }
    [[nodiscard]] insert_ids ids() const noexcept override { return insert_ids::last_is_first; }
    [[nodiscard]] std::int64_t time_unit_ns() const noexcept override { return 1'000'000; }
    void default_values(std::string& out) const override { out += " () VALUES ()"; }
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
    void rename_index(std::string& out, std::string_view table, std::string_view from,
                      std::string_view to) const override;
    [[nodiscard]] std::string_view all_tables_query() const noexcept override;
    void column_comment(std::string& out, std::string_view comment) const override;
    void drop_index(std::string& out, std::string_view table, std::string_view index) const override;
    [[nodiscard]] bool ddl_in_transaction() const noexcept override { return false; }
};

}  // namespace skua::orm::detail
