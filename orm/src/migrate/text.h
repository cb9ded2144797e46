// SPDX-License-Identifier: Apache-2.0
// The words of DDL.
#pragma once

#include "../relation/constraint.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <skua/orm/dialect.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm::detail {

class ddl_text {
public:
    explicit ddl_text(const dialect& d) : d_(d) {}

    // The foreign keys of the table that is written: a column of text without a
    // size has that of the key it refers to.
    void refers(const std::vector<foreign_key>& keys);
    [[nodiscard]] std::string type_of(const field_info& f) const;
    [[nodiscard]] std::string quoted(std::string_view name) const;
    // " DEFAULT …" or nothing; without the word: what follows it.
    [[nodiscard]] std::string default_of(const field_info& f) const;
    // "name" type NOT NULL DEFAULT …; `added`: to a table that is there, so with a default for its rows.
    [[nodiscard]] std::string column(const field_info& f, bool added) const;
    // The statement that gives the column its comment; empty: none is needed.
    [[nodiscard]] std::string comment(const model_info& m, const field_info& f) const;
    [[nodiscard]] std::string create_table(const model_info& m, const std::vector<foreign_key>& keys) const;
    [[nodiscard]] std::string create_index(const model_info& m, const index_info& i) const;
    // As the database keeps them.
    [[nodiscard]] std::string name_of(const index_info& i) const;
    [[nodiscard]] std::string name_of(const check_info& c) const;
    [[nodiscard]] std::string unique_name(const model_info& m, const field_info& f) const;
    // CONSTRAINT "name" …
    [[nodiscard]] std::string unique_clause(const model_info& m, const field_info& f) const;
    [[nodiscard]] std::string check_clause(const check_info& c) const;

private:
    const dialect& d_;
    std::map<std::string, const field_info*, std::less<>> refers_;  // by column
};

}  // namespace skua::orm::detail
