// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <skua/orm/dialect.hpp>

namespace skua::orm::detail {

// `shared`: other connections may write, so a transaction takes the lock when it begins: one that reads first and then
// writes would be refused without waiting.
class sqlite_dialect final : public dialect {
public:
    explicit sqlite_dialect(bool shared) noexcept : shared_(shared) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
    // It has no limit: only what gorm cuts is cut.
    [[nodiscard]] naming::identifier_limit identifiers() const noexcept override {
        return {.most = 64, .of_given_too = false};
    }
    void quote(std::string& out, std::string_view identifier) const override;
    void placeholder(std::string& out, std::size_t number) const override;
    void limit(std::string& out, bool has_limit, bool has_offset, std::string_view placeholder) const override;
    void lock(std::string&, row_lock) const override {}  // a database has one writer
    void default_values(std::string& out) const override { out += " DEFAULT VALUES"; }
    [[nodiscard]] std::string_view begin(bool for_writing) const noexcept override {
        return shared_ && for_writing ? "BEGIN IMMEDIATE" : "BEGIN";
    }
    [[nodiscard]] std::string type_of(const field_info& field) const override;
    [[nodiscard]] bool type_has_key(const field_info& field) const override;
    [[nodiscard]] std::string_view tables_query() const noexcept override;
    [[nodiscard]] index_abilities index_settings() const noexcept override;
    [[nodiscard]] std::string_view indexes_query() const noexcept override;
    [[nodiscard]] std::string_view zero_literal(const field_info& field) const noexcept override;
    [[nodiscard]] insert_ids ids() const noexcept override { return insert_ids::last_is_last; }
    [[nodiscard]] std::string_view column_details_query() const noexcept override;
    [[nodiscard]] std::string_view index_details_query() const noexcept override;
    [[nodiscard]] std::string_view constraints_query() const noexcept override;
    [[nodiscard]] bool same_type(std::string_view stored, std::string_view wanted) const override;
    [[nodiscard]] std::vector<std::string> alter_column(const column_change&) const override { return {}; }
    void rename_index(std::string&, std::string_view, std::string_view, std::string_view) const override {}
    [[nodiscard]] std::string_view all_tables_query() const noexcept override;
    [[nodiscard]] bool adds_constraints() const noexcept override { return false; }
    void generated(std::string& out, std::string_view expression, bool added) const override;
    void drop_index(std::string& out, std::string_view table, std::string_view index) const override;

private:
    bool shared_;
};

}  // namespace skua::orm::detail
