// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include "../../core.h"
#include "../../text.h"
#include "errors.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <errmsg.h>
#include <poll.h>
#include <sys/socket.h>

namespace skua::orm::detail::mariadb {
namespace {

constexpr std::size_t sets_at_once = 1000;  // of an array
constexpr unsigned err_deadlock = 1213;
constexpr unsigned err_unknown_statement = 1243;
constexpr unsigned err_prepare_again = 1615;

std::string first_word(std::string_view sql) {
    const std::size_t from = sql.find_first_not_of(" \t\r\n(");
    std::string out;
    for (std::size_t i = from; i < sql.size() && out.size() < 12; ++i) {
        const char ch = lower(sql[i]);
        if (ch < 'a' || ch > 'z') break;
        out += ch;
    }
    return out;
}

bool guess_writes(std::string_view sql) {
    const std::string word = first_word(sql);
    for (const std::string_view reads : {"select", "show", "explain", "values", "table", "describe", "with", "set"})
        if (word == reads) return false;
    return true;
}

// "Records: 3  Duplicates: 1  Warnings: 0"; -1: it has no such word.
std::int64_t number_after(const char* info, const char* word) {
    const char* at = info ? std::strstr(info, word) : nullptr;
    return at ? std::atoll(at + std::strlen(word)) : -1;
}

}  // namespace

// ---- statements

mariadb_prepared::mariadb_prepared(mariadb_connection& on, std::string_view sql, MYSQL_STMT* statement)
    : on_(on), sql_(sql), statement_(statement), writes_(guess_writes(sql)), inserts_(first_word(sql) == "insert") {}

mariadb_prepared::~mariadb_prepared() {
    if (!statement_) return;
    if (on_.lost_) statement_->mysql = nullptr;  // nobody is there to be told
    mysql_stmt_close(statement_);
}

result<MYSQL_STMT*> mariadb_connection::make(const std::string& sql) {
    MYSQL_STMT* statement = mysql_stmt_init(link_);
    if (!statement) return failure(link_error());
    trips_.fetch_add(1, std::memory_order_relaxed);
    if (mysql_stmt_prepare(statement, sql.data(), sql.size()) == 0) return statement;
    error e = error_of(mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement));
    mysql_stmt_close(statement);
    return failure(std::move(e));
}

result<std::unique_ptr<prepared>> mariadb_connection::prepare(std::string_view sql, bool lasting) {
    if (lost_) return link_error();
    if (!lasting && sql.find('?') == std::string_view::npos && guess_writes(sql) &&
        sql.find("RETURNING") == std::string_view::npos && first_word(sql) != "call")  // DDL: not all can be prepared
        return std::unique_ptr<prepared>(std::make_unique<mariadb_prepared>(*this, sql, nullptr));
    auto made = make(std::string(sql));
    if (!made) return std::move(made.error());
    return std::unique_ptr<prepared>(std::make_unique<mariadb_prepared>(*this, sql, *made));
}

// ---- execution

int mariadb_connection::wait_for(watch& limits, MYSQL_STMT* statement, int (*whole)(MYSQL_STMT*),
                                 int (*start)(int*, MYSQL_STMT*), int (*cont)(int*, MYSQL_STMT*, int)) {
    if (!limits.active()) return whole(statement);
    int rc = 0;
    int wants = start(&rc, statement);
    while (wants) {
        pollfd ready{mysql_get_socket(link_), 0, 0};
        if (wants & MYSQL_WAIT_READ) ready.events |= POLLIN;
        if (wants & MYSQL_WAIT_WRITE) ready.events |= POLLOUT;
        if (wants & MYSQL_WAIT_EXCEPT) ready.events |= POLLPRI;
        const int told = poll(&ready, 1, limits.pause_ms());
        if (told > 0) {
            int got = 0;
            if (ready.revents & (POLLIN | POLLHUP | POLLERR)) got |= MYSQL_WAIT_READ;
            if (ready.revents & POLLOUT) got |= MYSQL_WAIT_WRITE;
            if (ready.revents & POLLPRI) got |= MYSQL_WAIT_EXCEPT;
            wants = cont(&rc, statement, got & wants ? got & wants : got);
            continue;
        }
        if (!limits.over()) continue;
        if (!limits.cancelled_ns) {
            limits.cancelled_ns = monotonic_ns();
            kill_running();
        } else if (monotonic_ns() - limits.cancelled_ns > options_.cancel_grace.count()) {
            limits.given_up = lost_ = true;
            shutdown(mysql_get_socket(link_), SHUT_RDWR);  // the connector wakes up and fails
        }
    }
    return rc;
}

status mariadb_connection::execute(prepared& statement, std::span<const value_view> values, row_sink* sink,
                                   const context* limits, exec_info& told) {
    auto& p = static_cast<mariadb_prepared&>(statement);
    if (lost_) return link_error();
    watch w(limits);
    if (w.over()) return w.why();
    rolled_back_ = false;
    if (!p.statement_) {
        if (values.empty()) return run_text(p, told);
        return fail(errc::invalid_value,
                    "the statement has 0 placeholders; got " + std::to_string(values.size()) + " values");
    }
    if (static_cast<int>(values.size()) != p.parameter_count())
        return fail(errc::invalid_value, "the statement has " + std::to_string(p.parameter_count()) +
                                             " placeholders; got " + std::to_string(values.size()) + " values");
    const bool inside = in_transaction();
    status s = run(p, values, sink, w, told);
    if (s || inside) return s;
    const int number = s.error().native_code;
    if (number != static_cast<int>(err_unknown_statement) && number != static_cast<int>(err_prepare_again)) return s;
    auto again = make(p.sql_);
    if (!again) return std::move(again.error());
    mysql_stmt_close(std::exchange(p.statement_, *again));
    return run(p, values, sink, w, told);
}

status mariadb_connection::run(mariadb_prepared& p, std::span<const value_view> values, row_sink* sink, watch& limits,
                               exec_info& told) {
    if (!p.values_.bind(p.statement_, values)) return statement_error(p.statement_, limits);
    trips_.fetch_add(1, std::memory_order_relaxed);
    const int rc =
        wait_for(limits, p.statement_, mysql_stmt_execute, mysql_stmt_execute_start, mysql_stmt_execute_cont);
    if (rc != 0) return statement_error(p.statement_, limits);
    if (mysql_stmt_field_count(p.statement_) > 0) return rows(p, sink, limits, told);
    take_counts(p, mysql_stmt_affected_rows(p.statement_), mysql_stmt_insert_id(p.statement_), told);
    return ok;
}

status mariadb_connection::rows(mariadb_prepared& p, row_sink* sink, watch& limits, exec_info& told) {
    MYSQL_STMT* const s = p.statement_;
    if (!p.row_.bind(s)) return statement_error(s, limits);
    status outcome;
    for (bool wanted = true; wanted;) {
        const int rc = wait_for(limits, s, mysql_stmt_fetch, mysql_stmt_fetch_start, mysql_stmt_fetch_cont);
        if (rc == MYSQL_NO_DATA) break;
        if (rc == 1 || (rc == MYSQL_DATA_TRUNCATED && !p.row_.fetch_truncated(s))) {
            outcome = statement_error(s, limits);
            break;
        }
        ++told.rows_returned;
        wanted = !sink || sink->row(p.row_);
    }
    if (outcome && p.writes_) told.rows_affected += told.rows_returned;
    if (mysql_stmt_free_result(s) != 0 && outcome) outcome = statement_error(s, limits);
    return outcome;
}

// Rows that matched, not rows that changed: what the other databases tell. The server counts a row that ON DUPLICATE
// KEY updates twice.
void mariadb_connection::take_counts(const mariadb_prepared& p, std::uint64_t affected, std::uint64_t id,
                                     exec_info& told) const {
    auto rows = static_cast<std::int64_t>(affected);
    const char* info = mysql_info(link_);
    if (const std::int64_t matched = number_after(info, "Rows matched: "); matched >= 0)
        rows = matched;
    else if (const std::int64_t doubles = number_after(info, "Duplicates: "); doubles > 0 && p.inserts_)
        rows -= doubles;
    else if (!info && p.inserts_ && rows > 1 && p.sql_.find("ON DUPLICATE KEY") != std::string::npos)
        rows = 1;
    told.rows_affected += rows;
    told.last_id = static_cast<std::int64_t>(id);
    told.id_step = id_step_;
}

status mariadb_connection::run_text(const mariadb_prepared& p, exec_info& told) {
    trips_.fetch_add(1, std::memory_order_relaxed);
    if (mysql_real_query(link_, p.sql_.data(), p.sql_.size()) != 0) return failure(link_error());
    if (MYSQL_RES* r = mysql_store_result(link_))
        mysql_free_result(r);
    else
        take_counts(p, mysql_affected_rows(link_), mysql_insert_id(link_), told);
    return ok;
}

status mariadb_connection::execute_each(prepared& statement, std::span<const value_view> values, std::size_t sets,
                                        row_sink* sink, const context* limits, exec_info& told) {
    auto& p = static_cast<mariadb_prepared&>(statement);
    const bool whole = sets > 1 && !sink && p.statement_ && p.writes_ && bulk_ &&
                       array_parameters::fits(values, sets) &&
                       values.size() / sets == static_cast<std::size_t>(p.parameter_count());
    if (!whole) return connection::execute_each(statement, values, sets, sink, limits, told);
    if (lost_) return link_error();
    watch w(limits);
    if (w.over()) return w.why();
    rolled_back_ = false;
    const std::size_t width = values.size() / sets;
    status outcome;
    for (std::size_t from = 0; from < sets && outcome; from += sets_at_once) {
        auto count = static_cast<unsigned>(std::min(sets_at_once, sets - from));
        array_parameters arrays;
        mysql_stmt_attr_set(p.statement_, STMT_ATTR_ARRAY_SIZE, &count);
        trips_.fetch_add(1, std::memory_order_relaxed);
        if (!arrays.bind(p.statement_, values.subspan(from * width, count * width), count) ||
            wait_for(w, p.statement_, mysql_stmt_execute, mysql_stmt_execute_start, mysql_stmt_execute_cont) != 0)
            outcome = statement_error(p.statement_, w);
        else
            take_counts(p, mysql_stmt_affected_rows(p.statement_), mysql_stmt_insert_id(p.statement_), told);
    }
    unsigned one = 0;
    mysql_stmt_attr_set(p.statement_, STMT_ATTR_ARRAY_SIZE, &one);
    return outcome;
}

// ---- failures

error mariadb_connection::failure(error e) {
    if (e.poisons == poison::connection) lost_ = true;
    if (e.native_code == static_cast<int>(err_deadlock)) rolled_back_ = true;
    return e;
}

error mariadb_connection::link_error() {
    if (lost_) return error_of(CR_SERVER_GONE_ERROR, "08006", "the server has closed the connection");
    return error_of(mysql_errno(link_), mysql_sqlstate(link_), mysql_error(link_));
}

error mariadb_connection::statement_error(MYSQL_STMT* statement, const watch& limits) {
    const bool told = mysql_stmt_errno(statement) != 0;
    error e = told ? error_of(mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement))
                   : link_error();
    // A kill that meets the connector between two packets leaves it without a number: it knows no more than we do.
    const bool unexplained = limits.cancelled_ns && e.native_code == 0;
    if (limits.given_up || unexplained || (limits.cancelled_ns && e.code == errc::cancelled)) {
        const error why = limits.why();
        e.code = why.code;
        e.message = why.message;
    }
    if (limits.given_up || unexplained) e.poisons = poison::connection;
    return failure(std::move(e));
}

void mariadb_connection::kill_running() noexcept {
    error unheard;
    MYSQL* other = open_link(where_, options_, unheard);
    if (!other) return;  // the grace ends it
    const std::string sql = "KILL QUERY " + std::to_string(mysql_thread_id(link_));
    static_cast<void>(mysql_real_query(other, sql.data(), sql.size()));
    mysql_close(other);
}

// ---- transactions

status mariadb_connection::simple(std::string_view sql) {
    if (lost_) return link_error();
    rolled_back_ = false;
    trips_.fetch_add(1, std::memory_order_relaxed);
    if (mysql_real_query(link_, sql.data(), sql.size()) != 0) return failure(link_error());
    if (MYSQL_RES* r = mysql_store_result(link_)) mysql_free_result(r);
    return ok;
}

bool mariadb_connection::in_transaction() const noexcept {
    return !lost_ && !rolled_back_ && (link_->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

bool mariadb_connection::alive() noexcept {
    if (lost_) return false;
    pollfd ready{mysql_get_socket(link_), POLLIN, 0};
    return ready.fd >= 0 && poll(&ready, 1, 0) == 0;  // an idle server says nothing but goodbye
}

void mariadb_connection::describe(database_info& info) const {
    const char* version = mysql_get_server_info(link_);
    if (!version) return;
    info.server_version = version;
    info.system = info.server_version.find("MariaDB") != std::string::npos ? "mariadb" : "mysql";
}

status mariadb_connection::set_up() {
    trips_.fetch_add(1, std::memory_order_relaxed);
    const std::string_view ask = "SELECT @@auto_increment_increment";
    if (mysql_real_query(link_, ask.data(), ask.size()) != 0) return failure(link_error());
    MYSQL_RES* r = mysql_store_result(link_);
    if (!r) return failure(link_error());
    if (MYSQL_ROW told = mysql_fetch_row(r); told && told[0]) id_step_ = std::max(1LL, std::atoll(told[0]));
    mysql_free_result(r);
    unsigned extended = 0;
    if (mariadb_get_infov(link_, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended) == 0)
        bulk_ = (extended & static_cast<unsigned>(MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
    return ok;
}

mariadb_connection::~mariadb_connection() {
    mysql_close(link_);
}

}  // namespace skua::orm::detail::mariadb
