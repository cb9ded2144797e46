// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <algorithm>
#include <cstring>

namespace skua::orm::detail::mariadb {
namespace {

constexpr unsigned binary_charset = 63;
constexpr std::size_t first_buffer = 256;

MYSQL_TIME time_of(std::int64_t unix_ns) {
    char text[time_text_max];
    format_time(text, unix_ns);  // the calendar is there already: YYYY-MM-DD hh:mm:ss
    const auto number = [&](int from, int digits) {
        unsigned v = 0;
        for (int i = from; i < from + digits; ++i) v = v * 10 + static_cast<unsigned>(text[i] - '0');
        return v;
    };
    MYSQL_TIME t{};
    t.year = number(0, 4);
    t.month = number(5, 2);
    t.day = number(8, 2);
    t.hour = number(11, 2);
    t.minute = number(14, 2);
    t.second = number(17, 2);
    const std::int64_t rest = unix_ns % 1'000'000'000;
    t.second_part = static_cast<unsigned long>((rest < 0 ? rest + 1'000'000'000 : rest) / 1000);
    t.time_type = MYSQL_TIMESTAMP_DATETIME;
    return t;
}

void write_number(std::string& out, unsigned v, int digits) {
    char text[8];
    for (int i = digits - 1; i >= 0; --i, v /= 10) text[i] = static_cast<char>('0' + v % 10);
    out.append(text, static_cast<std::size_t>(digits));
}

void write_date(std::string& out, const MYSQL_TIME& t) {
    out.clear();
    write_number(out, t.year, 4);
    out += '-';
    write_number(out, t.month, 2);
    out += '-';
    write_number(out, t.day, 2);
}

void write_moment(std::string& out, const MYSQL_TIME& t) {
    write_date(out, t);
    out += ' ';
    write_number(out, t.hour, 2);
    out += ':';
    write_number(out, t.minute, 2);
    out += ':';
    write_number(out, t.second, 2);
}

enum_field_types type_of(value_kind kind) {
    switch (kind) {
        case value_kind::boolean:
            return MYSQL_TYPE_TINY;
        case value_kind::integer:
            return MYSQL_TYPE_LONGLONG;
        case value_kind::real:
            return MYSQL_TYPE_DOUBLE;
        case value_kind::moment:
            return MYSQL_TYPE_DATETIME;
        case value_kind::text:
            return MYSQL_TYPE_STRING;
        case value_kind::blob:
            return MYSQL_TYPE_BLOB;
        case value_kind::null:
            break;
    }
    return MYSQL_TYPE_NULL;
}

}  // namespace

bool parameters::bind(MYSQL_STMT* statement, std::span<const value_view> values) {
    if (values.empty()) return true;
    binds_.assign(values.size(), MYSQL_BIND{});
    cells_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const value_view v = values[i];
        MYSQL_BIND& b = binds_[i];
        cell& c = cells_[i];
        b.buffer_type = type_of(v.kind());
        b.buffer = &c;
        switch (v.kind()) {
            case value_kind::boolean:
                c.boolean = static_cast<signed char>(v.as_integer());
                break;
            case value_kind::integer:
                c.integer = v.as_integer();
                break;
            case value_kind::real:
                c.real = v.as_real();
                break;
            case value_kind::moment:
                c.moment = time_of(v.as_integer());
                break;
            case value_kind::text:
            case value_kind::blob:
                b.buffer = const_cast<char*>(v.as_bytes().data());
                b.buffer_length = c.length = v.as_bytes().size();
                b.length = &c.length;
                break;
            case value_kind::null:
                break;
        }
    }
    return mysql_stmt_bind_param(statement, binds_.data()) == 0;
}

bool array_parameters::fits(std::span<const value_view> values, std::size_t sets) {
    const std::size_t width = values.size() / sets;
    for (std::size_t c = 0; c < width; ++c) {
        value_kind seen = value_kind::null;
        for (std::size_t i = 0; i < sets; ++i) {
            const value_kind kind = values[i * width + c].kind();
            if (kind == value_kind::null) continue;
            if (seen != value_kind::null && seen != kind) return false;
            seen = kind;
        }
    }
    return width > 0;
}

bool array_parameters::bind(MYSQL_STMT* statement, std::span<const value_view> values, std::size_t sets) {
    const std::size_t width = values.size() / sets;
    columns_.resize(width);
    binds_.assign(width, MYSQL_BIND{});
    for (std::size_t c = 0; c < width; ++c) {
        column& to = columns_[c];
        to = {};
        value_kind kind = value_kind::null;
        for (std::size_t i = 0; i < sets; ++i) {
            const value_view v = values[i * width + c];
            to.indicators.push_back(v.is_null() ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE);
            if (!v.is_null()) kind = v.kind();
        }
        MYSQL_BIND& b = binds_[c];
        b.u.indicator = to.indicators.data();
        b.buffer_type = kind == value_kind::boolean ? MYSQL_TYPE_LONGLONG : type_of(kind);
        for (std::size_t i = 0; i < sets; ++i) {
            const value_view v = values[i * width + c];
            switch (kind) {
                case value_kind::boolean:
                case value_kind::integer:
                    to.integers.push_back(v.is_null() ? 0 : v.as_integer());
                    break;
                case value_kind::real:
                    to.reals.push_back(v.is_null() ? 0 : v.as_real());
                    break;
                case value_kind::moment:
                    to.moments.push_back(v.is_null() ? MYSQL_TIME{} : time_of(v.as_integer()));
                    break;
                case value_kind::text:
                case value_kind::blob:
                    to.texts.push_back(v.is_null() ? nullptr : const_cast<char*>(v.as_bytes().data()));
                    to.lengths.push_back(v.is_null() ? 0 : v.as_bytes().size());
                    break;
                case value_kind::null:
                    break;
            }
        }
        if (!to.integers.empty()) b.buffer = to.integers.data();
        if (!to.reals.empty()) b.buffer = to.reals.data();
        if (!to.moments.empty()) b.buffer = to.moments.data();
        if (!to.texts.empty()) {
            b.buffer = to.texts.data();
            b.length = to.lengths.data();
        }
        if (kind == value_kind::null) {
            to.integers.assign(sets, 0);
            b.buffer_type = MYSQL_TYPE_LONGLONG;
            b.buffer = to.integers.data();
        }
    }
    return mysql_stmt_bind_param(statement, binds_.data()) == 0;
}

// ---- rows

row::form row::form_of(const MYSQL_FIELD& field) {
    switch (field.type) {
        case MYSQL_TYPE_TINY:
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONGLONG:
        case MYSQL_TYPE_YEAR:
            return field.flags & UNSIGNED_FLAG ? form::unsigned_integer : form::integer;
        case MYSQL_TYPE_FLOAT:
            return form::single;
        case MYSQL_TYPE_DOUBLE:
            return form::real;
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_TIMESTAMP:
        case MYSQL_TYPE_DATETIME2:
        case MYSQL_TYPE_TIMESTAMP2:
            return form::moment;
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_NEWDATE:
            return form::date;
        case MYSQL_TYPE_BIT:
            return form::bits;
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL:
            return form::decimal;
        case MYSQL_TYPE_TIME:
        case MYSQL_TYPE_TIME2:
        case MYSQL_TYPE_JSON:
            return form::text;
        default:
            return field.charsetnr == binary_charset ? form::bytes : form::text;
    }
}

bool row::same_columns(const MYSQL_STMT* statement) const {
    if (columns_.size() != statement->field_count) return false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const MYSQL_FIELD& f = statement->fields[i];
        const column_buffer& c = columns_[i];
        if (c.type != f.type || c.is != form_of(f) || c.name != std::string_view(f.name, f.name_length)) return false;
    }
    return true;
}

void row::describe(MYSQL_BIND& bind, column_buffer& c) {
    bind = {};
    bind.is_null = &c.null;
    bind.length = &c.length;
    bind.error = &c.truncated;
    switch (c.is) {
        case form::integer:
        case form::unsigned_integer:
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = &c.integer;
            bind.is_unsigned = c.is == form::unsigned_integer;
            break;
        case form::single:
            bind.buffer_type = MYSQL_TYPE_FLOAT;
            bind.buffer = &c.single;
            break;
        case form::real:
            bind.buffer_type = MYSQL_TYPE_DOUBLE;
            bind.buffer = &c.real;
            break;
        case form::moment:
        case form::date:
            bind.buffer_type = c.is == form::date ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME;
            bind.buffer = &c.moment;
            break;
        default:
            bind.buffer_type = c.is == form::bytes || c.is == form::bits ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
            bind.buffer = c.bytes.data();
            bind.buffer_length = c.bytes.size();
    }
}

bool row::bind(MYSQL_STMT* statement) {
    if (!same_columns(statement)) {
        columns_.clear();
        for (unsigned i = 0; i < statement->field_count; ++i) {
            const MYSQL_FIELD& f = statement->fields[i];
            column_buffer& c = columns_.emplace_back();
            c.name.assign(f.name, f.name_length);
            c.type = f.type;
            c.is = form_of(f);
            if (c.is >= form::bits) c.bytes.resize(first_buffer);
        }
        binds_.resize(columns_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i) describe(binds_[i], columns_[i]);
    } else if (statement->bind_result_done) {
        return true;
    }
    return mysql_stmt_bind_result(statement, binds_.data()) == 0;
}

bool row::fetch_truncated(MYSQL_STMT* statement) {
    bool grown = false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        column_buffer& c = columns_[i];
        if (c.is < form::bits || c.null || c.length <= c.bytes.size()) continue;
        c.bytes.resize(c.length + c.length / 2);
        describe(binds_[i], c);
        if (mysql_stmt_fetch_column(statement, &binds_[i], static_cast<unsigned>(i), 0) != 0) return false;
        grown = true;
    }
    return !grown || mysql_stmt_bind_result(statement, binds_.data()) == 0;
}

value_view row::column(int index) noexcept {
    column_buffer& c = columns_[at(index)];
    if (c.null) return {};
    const std::string_view bytes(c.bytes.data(), std::min<std::size_t>(c.length, c.bytes.size()));
    switch (c.is) {
        case form::integer:
        case form::unsigned_integer:
            return value_view::integer(c.integer);
        case form::real:
            return value_view::real(c.real);
        case form::single:
            return value_view::real(c.single);
        case form::moment: {
            write_moment(c.written, c.moment);
            std::int64_t ns = 0;
            if (!parse_time(c.written, ns)) return value_view::text(c.written);  // 0000-00-00
            return value_view::time(ns + static_cast<std::int64_t>(c.moment.second_part) * 1000);
        }
        case form::date:
            write_date(c.written, c.moment);
            return value_view::text(c.written);
        case form::bits: {
            std::int64_t v = 0;
            for (const char ch : bytes) v = v << 8 | static_cast<unsigned char>(ch);
            return value_view::integer(v);
        }
        case form::decimal:
            return value_view::decimal(bytes);
        case form::bytes:
            return value_view::blob(bytes);
        case form::text:
            break;
    }
    return value_view::text(bytes);
}

}  // namespace skua::orm::detail::mariadb
