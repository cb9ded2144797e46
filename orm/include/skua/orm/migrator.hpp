// SPDX-License-Identifier: Apache-2.0
// db.migrator(): tables, columns, indexes, constraints and views one by one, by model and column or by name. Each call
// is done at once; on SQLite, what needs a table made anew is one transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <skua/orm/query.hpp>

namespace skua::orm {

// A column as the database has it.
struct column_type {
    std::string name, type, standard;
    bool nullable = false, has_default = false, primary_key = false, auto_increment = false;
};

class migrator {
public:
    explicit migrator(detail::handle_ptr on) : on_(std::move(on)) {}

    template <a_model T>
    [[nodiscard]] result<bool> has_table(location at = location::current()) const {
        return has_table(info_of<T>().table, at);
    }
    [[nodiscard]] result<bool> has_table(const std::string& name, location at = location::current()) const;
    [[nodiscard]] result<std::vector<std::string>> tables(location at = location::current()) const;
    // With its indexes and constraints. There already: sql_error.
    template <a_model T>
    status create_table(location at = location::current()) const {
        return create_table(info_of<T>(), at);
    }
    // No such table: nothing to do.
    template <a_model T>
    status drop_table(location at = location::current()) const {
        return drop_table(info_of<T>().table, at);
    }
    status drop_table(const std::string& name, location at = location::current()) const;
    status rename_table(const std::string& from, const std::string& to, location at = location::current()) const;

    template <a_model T>
    [[nodiscard]] result<std::vector<column_type>> column_types(location at = location::current()) const {
        return column_types(info_of<T>().table, at);
    }
    [[nodiscard]] result<std::vector<column_type>> column_types(const std::string& table,
                                                                location at = location::current()) const;
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] result<bool> has_column(const C& column, location at = location::current()) const {
        return has_column(model_of(column), column.ref()->resolve(nullptr)->column, at);
    }
    template <a_model T>
    [[nodiscard]] result<bool> has_column(const std::string& name, location at = location::current()) const {
        return has_column(info_of<T>(), name, at);
    }
    template <class C>
    requires detail::any_column<C> status add_column(const C& column, location at = location::current())
    const { return add_column(model_of(column), *column.ref()->resolve(nullptr), at); }
    // To what the model says: type, nullability, default.
    template <class C>
    requires detail::any_column<C> status alter_column(const C& column, location at = location::current())
    const { return alter_column(model_of(column), *column.ref()->resolve(nullptr), at); }
    // And the indexes it is in.
    template <class C>
    requires detail::any_column<C> status drop_column(const C& column, location at = location::current())
    const { return drop_column(model_of(column), column.ref()->resolve(nullptr)->column, at); }
    template <a_model T>
    status drop_column(const std::string& name, location at = location::current()) const {
        return drop_column(info_of<T>(), name, at);
    }
    template <a_model T>
    status rename_column(const std::string& from, const std::string& to, location at = location::current()) const {
        return rename_column(info_of<T>(), from, to, at);
    }

    template <a_model T>
    [[nodiscard]] result<bool> has_index(const std::string& name, location at = location::current()) const {
        return has_index(info_of<T>(), name, at);
    }
    // One of the model's.
    template <a_model T>
    status create_index(const std::string& name, location at = location::current()) const {
        return create_index(info_of<T>(), name, at);
    }
    template <a_model T>
    status drop_index(const std::string& name, location at = location::current()) const {
        return drop_index(info_of<T>(), name, at);
    }
    template <a_model T>
    status rename_index(const std::string& from, const std::string& to, location at = location::current()) const {
        return rename_index(info_of<T>(), from, to, at);
    }

    template <a_model T>
    [[nodiscard]] result<bool> has_constraint(const std::string& name, location at = location::current()) const {
        return has_constraint(info_of<T>(), name, at);
    }
    // One of the model's: a check, a unique, a foreign key.
    template <a_model T>
    status create_constraint(const std::string& name, location at = location::current()) const {
        return create_constraint(info_of<T>(), name, at);
    }
    template <a_model T>
    status drop_constraint(const std::string& name, location at = location::current()) const {
        return drop_constraint(info_of<T>(), name, at);
    }

    // CREATE VIEW name AS the query, its values written in.
    template <class T>
    status create_view(const std::string& name, const query<T>& rows, location at = location::current()) const {
        auto text = rows.to_sql();
        if (!text) return std::move(text.error());
        return create_view(name, *text, at);
    }
    // No such view: nothing to do.
    status drop_view(const std::string& name, location at = location::current()) const;
    [[nodiscard]] const std::string& current_database() const noexcept;

private:
    template <class C>
    static const model_info& model_of(const C& column) {
        const model_info* model = nullptr;
        static_cast<void>(column.ref()->resolve(&model));
        return *model;
    }
    status create_table(const model_info& m, location at) const;
    result<bool> has_column(const model_info& m, const std::string& name, location at) const;
    status add_column(const model_info& m, const field_info& f, location at) const;
    status alter_column(const model_info& m, const field_info& f, location at) const;
    status drop_column(const model_info& m, const std::string& name, location at) const;
    status rename_column(const model_info& m, const std::string& from, const std::string& to, location at) const;
    result<bool> has_index(const model_info& m, const std::string& name, location at) const;
    status create_index(const model_info& m, const std::string& name, location at) const;
    status drop_index(const model_info& m, const std::string& name, location at) const;
    status rename_index(const model_info& m, const std::string& from, const std::string& to, location at) const;
    result<bool> has_constraint(const model_info& m, const std::string& name, location at) const;
    status create_constraint(const model_info& m, const std::string& name, location at) const;
    status drop_constraint(const model_info& m, const std::string& name, location at) const;
    status create_view(const std::string& name, const sql_text& text, location at) const;

    detail::handle_ptr on_;
};

}  // namespace skua::orm
