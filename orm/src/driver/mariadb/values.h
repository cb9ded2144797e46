// SPDX-License-Identifier: Apache-2.0
// Values of prepared statements in the form that Connector/C takes and gives.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include <mysql.h>
#include <skua/orm/codec.hpp>
#include <skua/orm/driver.hpp>

namespace skua::orm::detail::mariadb {

// Values bound to one execution. Text and bytes are not copied.
class parameters {
public:
    // False: the binding failed, the statement knows why.
    bool bind(MYSQL_STMT* statement, std::span<const value_view> values);

private:
    struct cell {
        union {
            long long integer;
            double real;
            signed char boolean;
            MYSQL_TIME moment;
        };
        unsigned long length;
    };
    std::vector<MYSQL_BIND> binds_;
    std::vector<cell> cells_;
};

// Many sets of values bound at once, column by column.
class array_parameters {
public:
    // Whether every column has values of one kind only (or NULL).
    static bool fits(std::span<const value_view> values, std::size_t sets);
    bool bind(MYSQL_STMT* statement, std::span<const value_view> values, std::size_t sets);

private:
    struct column {
        std::vector<long long> integers;
        std::vector<double> reals;
        std::vector<MYSQL_TIME> moments;
        std::vector<char*> texts;
        std::vector<unsigned long> lengths;
        std::vector<char> indicators;
    };
    std::deque<column> columns_;
    std::vector<MYSQL_BIND> binds_;
};

// The present row of a statement's result. Buffers grow to the longest value seen.
class row final : public row_source {
public:
    // Binds the columns of the statement's result, if they are not the ones that are bound already.
    bool bind(MYSQL_STMT* statement);
    // After MYSQL_DATA_TRUNCATED: fetches what did not fit.
    bool fetch_truncated(MYSQL_STMT* statement);

    int column_count() const noexcept override { return static_cast<int>(columns_.size()); }
    std::string_view column_name(int index) const noexcept override { return columns_[at(index)].name; }
    value_view column(int index) noexcept override;

private:
    enum class form : unsigned char {
        integer,
        unsigned_integer,
        real,
        single,
        moment,
        date,
        bits,
        decimal,
        text,
        bytes
    };
    struct column_buffer {
        std::string name;
        enum_field_types type = MYSQL_TYPE_NULL;
        form is = form::text;
        long long integer = 0;
        double real = 0;
        float single = 0;
        MYSQL_TIME moment{};
        std::vector<char> bytes;
        unsigned long length = 0;
        my_bool null = 0;
        my_bool truncated = 0;
        std::string written;  // a date as text
    };
    static std::size_t at(int index) noexcept { return static_cast<std::size_t>(index); }
    static form form_of(const MYSQL_FIELD& field);
    [[nodiscard]] bool same_columns(const MYSQL_STMT* statement) const;
    void describe(MYSQL_BIND& bind, column_buffer& c);

    std::deque<column_buffer> columns_;  // their addresses are bound
    std::vector<MYSQL_BIND> binds_;
};

}  // namespace skua::orm::detail::mariadb
