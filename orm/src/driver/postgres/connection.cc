// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include "../../core.h"
#include "../../text.h"
#include "errors.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <poll.h>

namespace skua::orm::detail::postgres {
namespace {

constexpr std::size_t sets_at_once = 256;  // of a pipeline: bounds what waits in both directions

bool has_word(std::string_view sql, std::string_view word) {
    const auto same = [](char a, char b) { return lower(a) == b; };
    return std::search(sql.begin(), sql.end(), word.begin(), word.end(), same) != sql.end();
}

// What the statement does, from its first word: the server tells it only afterwards.
bool guess_writes(std::string_view sql) {
    const std::size_t from = sql.find_first_not_of(" \t\r\n(");
    if (from == std::string_view::npos) return false;
    const std::string_view rest = sql.substr(from, 8);
    for (const std::string_view reads : {"select", "show", "explain", "values", "table"})
        if (has_word(rest.substr(0, reads.size()), reads)) return false;
    if (!has_word(rest.substr(0, 4), "with")) return true;
    return has_word(sql, "insert ") || has_word(sql, "update ") || has_word(sql, "delete ") || has_word(sql, "merge ");
}

class postgres_row final : public row_source {
public:
    // `keepers`: of the statement, so that they need room only once.
    postgres_row(const PGresult* r, bool binary, std::vector<std::string>& keepers)
        : result_(r), columns_(PQnfields(r)), binary_(binary), keepers_(keepers) {
        if (keepers_.size() < static_cast<std::size_t>(columns_)) keepers_.resize(static_cast<std::size_t>(columns_));
    }
    void go_to(int row) noexcept { row_ = row; }
    int column_count() const noexcept override { return columns_; }
    std::string_view column_name(int index) const noexcept override { return PQfname(result_, index); }
    value_view column(int index) noexcept override {
        if (PQgetisnull(result_, row_, index)) return {};
        const std::string_view bytes(PQgetvalue(result_, row_, index),
                                     static_cast<std::size_t>(PQgetlength(result_, row_, index)));
        std::string& keeper = keepers_[static_cast<std::size_t>(index)];
        const type_id type = PQftype(result_, index);
        return binary_ ? read_binary(bytes, type, keeper) : read_text(bytes, type, keeper);
    }

private:
    const PGresult* result_;
    int columns_;
    int row_ = 0;
    bool binary_;
    std::vector<std::string>& keepers_;  // what a value looks at that the message does not have as it is
};

}  // namespace

// The deadline and the stop token of one execution, and whether the server was asked to give it up.
// ---- statements

postgres_prepared::postgres_prepared(postgres_connection& on, std::string_view sql, bool named)
    : on_(on), sql_(sql), named_(named), writes_(guess_writes(sql)) {}

postgres_prepared::~postgres_prepared() {
    if (there_) on_.forget(std::move(name_));
}

result<std::unique_ptr<prepared>> postgres_connection::prepare(std::string_view sql, bool lasting) {
    if (sql.find('\0') != std::string_view::npos)
        return make_error(errc::invalid_value, "there is a zero byte in the SQL text");
    auto made = std::make_unique<postgres_prepared>(*this, sql, lasting && options_.prepare);
    if (made->named_) SKUA_TRY(make(*made));
    return std::unique_ptr<prepared>(std::move(made));
}

status postgres_connection::make(postgres_prepared& p) {
    p.name_ = "o" + std::to_string(next_name_++);
    const bool begin_waits = std::exchange(begin_waits_, false);  // preparing is not part of the transaction
    const std::vector<std::string> gone = std::move(forgotten_);
    forgotten_.clear();
    watch no_limits(nullptr);
    status s = pipeline(
        no_limits,
        [&] {
            for (const std::string& name : gone)
                if (!PQsendQueryParams(link_, ("DEALLOCATE " + name).c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0))
                    return false;
            return PQsendPrepare(link_, p.name_.c_str(), p.sql_.c_str(), 0, nullptr) == 1 &&
                   PQsendDescribePrepared(link_, p.name_.c_str()) == 1;
        },
        [&](std::size_t message, const PGresult* r) -> status {
            if (message != gone.size() + 1) return ok;
            p.types_.clear();
            p.columns_.clear();
            for (int i = 0; i < PQnparams(r); ++i) p.types_.push_back(PQparamtype(r, i));
            for (int i = 0; i < PQnfields(r); ++i) p.columns_.push_back(PQftype(r, i));
            p.binary_ = std::all_of(p.columns_.begin(), p.columns_.end(), reads_binary);
            return ok;
        });
    begin_waits_ = begin_waits;
    p.there_ = static_cast<bool>(s);
    return s;
}

status postgres_connection::check(const postgres_prepared& p, std::size_t values) const {
    if (PQstatus(link_) != CONNECTION_OK) return broken();
    if (!p.named_ || values == p.types_.size()) return ok;
    return fail(errc::invalid_value, "the statement has " + std::to_string(p.types_.size()) + " placeholders; got " +
                                         std::to_string(values) + " values");
}

status postgres_connection::encode(postgres_prepared& p, std::span<const value_view> values) {
    p.values_.reset(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        SKUA_TRY(p.named_ ? p.values_.add(values[i], p.types_[i]) : p.values_.add_untyped(values[i]));
    return ok;
}

bool postgres_connection::send(postgres_prepared& p) {
    const parameters& v = p.values_;
    if (!p.named_)
        return PQsendQueryParams(link_, p.sql_.c_str(), v.count(), nullptr, v.data(), v.lengths(), v.formats(), 0) == 1;
    return PQsendQueryPrepared(link_, p.name_.c_str(), v.count(), v.data(), v.lengths(), v.formats(),
                               p.binary_ ? 1 : 0) == 1;
}

// ---- execution

status postgres_connection::execute(prepared& statement, std::span<const value_view> values, row_sink* sink,
                                    const context* limits, exec_info& told) {
    auto& p = static_cast<postgres_prepared&>(statement);
    SKUA_TRY(check(p, values.size()));
    watch w(limits);
    return run(p, values, 1, sink, w, told);
}

status postgres_connection::execute_each(prepared& statement, std::span<const value_view> values, std::size_t sets,
                                         row_sink* sink, const context* limits, exec_info& told) {
    auto& p = static_cast<postgres_prepared&>(statement);
    if (sets == 0) return ok;
    const std::size_t width = values.size() / sets;
    SKUA_TRY(check(p, width));
    watch w(limits);
    for (std::size_t at = 0; at < sets; at += sets_at_once) {
        const std::size_t count = std::min(sets_at_once, sets - at);
        SKUA_TRY(run(p, values.subspan(at * width, count * width), count, sink, w, told));
        if (sink && count == 1) sink->set_ended();
    }
    return ok;
}

// A table that changed, or a pooler that gave us another server process: the statement is prepared again, and run
// again where nothing has been done yet.
status postgres_connection::run(postgres_prepared& p, std::span<const value_view> values, std::size_t sets,
                                row_sink* sink, watch& limits, exec_info& told) {
    if (limits.over()) return limits.why();
    if (p.named_ && !p.there_) SKUA_TRY(make(p));
    const bool first = begin_waits_ || PQtransactionStatus(link_) == PQTRANS_IDLE;
    const bool began = begin_waits_;
    status s = run_once(p, values, sets, sink, limits, told);
    if (s || !p.named_) return s;
    const bool stale = s.error().sqlstate == "26000" ||
                       (s.error().sqlstate == "0A000" && s.error().message.find("cached plan") != std::string::npos);
    if (!stale) return s;
    if (s.error().sqlstate == "0A000") forget(p.name_);
    p.there_ = false;
    s.error().retryable = true;
    if (!first) return s;
    if (began) {
        result_ptr undone(PQexec(link_, "ROLLBACK"));
        begin_waits_ = true;
    }
    SKUA_TRY(make(p));
    SKUA_TRY(check(p, values.size() / sets));
    told = {};
    return run_once(p, values, sets, sink, limits, told);
}

status postgres_connection::run_once(postgres_prepared& p, std::span<const value_view> values, std::size_t sets,
                                     row_sink* sink, watch& limits, exec_info& told) {
    SKUA_TRY(encode(p, values.first(values.size() / sets)));
    const auto interrupted = [&](status s) {
        if (s || s.error().code != errc::cancelled || !limits.cancelled_ns) return s;
        error why = limits.why();
        s.error().code = why.code;
        s.error().message = why.message;
        return s;
    };
    if (begin_waits_ || sets > 1) {
        status bad;
        const std::size_t width = values.size() / sets, offset = begin_waits_ ? 1 : 0;
        const auto send_all = [&] {
            for (std::size_t i = 0; i < sets; ++i) {
                if (i) bad = encode(p, values.subspan(i * width, width));
                if (!bad || !send(p)) return false;
            }
            return true;
        };
        status s = pipeline(limits, send_all, [&](std::size_t message, const PGresult* r) {
            if (message < offset) return status();
            status taken = take(p, r, sink, told);
            if (sink && sets > 1) sink->set_ended();
            return taken;
        });
        return interrupted(bad ? std::move(s) : std::move(bad));
    }
    if (!send(p)) return failure(broken());
    trips_.fetch_add(1, std::memory_order_relaxed);
    status outcome, lost_link;
    while (result_ptr r = next(limits, lost_link)) {
        const ExecStatusType is = PQresultStatus(r.get());
        if (is == PGRES_FATAL_ERROR || is == PGRES_BAD_RESPONSE) {
            if (outcome) outcome = error_of(r.get());
        } else if (outcome) {
            outcome = take(p, r.get(), sink, told);
            if (is == PGRES_COPY_IN) PQputCopyEnd(link_, "not through this interface");
            if (is == PGRES_COPY_OUT || is == PGRES_COPY_BOTH) {
                cancel_running();
                drain();
                break;
            }
        }
    }
    if (!lost_link) return lost_link;
    if (limits.cancelled_ns && outcome) result_ptr(PQexec(link_, ""));  // the late request hits nothing of ours
    return outcome ? std::move(outcome) : interrupted(failure(std::move(outcome.error())));
}

template <class Send, class Take>
status postgres_connection::pipeline(watch& limits, Send send, Take take) {
    if (PQstatus(link_) != CONNECTION_OK || !PQenterPipelineMode(link_)) return broken();
    const bool begin = std::exchange(begin_waits_, false);
    bool sent = !begin || PQsendQueryParams(link_, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
    sent = sent && send();
    const bool synced = PQpipelineSync(link_) == 1;
    trips_.fetch_add(1, std::memory_order_relaxed);
    status outcome, lost_link;
    std::size_t message = 0;
    for (bool nothing_before = false; synced;) {
        const result_ptr r = next(limits, lost_link);
        if (!lost_link) return lost_link;
        if (!r) {  // the end of one message; twice: of all
            if (nothing_before) break;
            nothing_before = true;
            ++message;
            continue;
        }
        nothing_before = false;
        const ExecStatusType is = PQresultStatus(r.get());
        if (is == PGRES_PIPELINE_SYNC) break;
        if (is == PGRES_PIPELINE_ABORTED || !outcome) continue;
        outcome =
            is == PGRES_FATAL_ERROR || is == PGRES_BAD_RESPONSE ? status(error_of(r.get())) : take(message, r.get());
    }
    if (!PQexitPipelineMode(link_)) drain();
    if (!outcome) return failure(std::move(outcome.error()));
    if (!sent || !synced)
        return failure(PQstatus(link_) == CONNECTION_OK ? make_error(errc::sql_error, one_line(PQerrorMessage(link_)))
                                                        : broken());
    return ok;
}

status postgres_connection::take(postgres_prepared& p, const PGresult* r, row_sink* sink, exec_info& told) {
    switch (PQresultStatus(r)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            break;
        case PGRES_EMPTY_QUERY:
            return fail(errc::invalid_value, "there is no statement in the SQL text");
        default:
            return fail(errc::unsupported, "COPY needs a connection of its own");
    }
    const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(r));
    if (tag.starts_with("INSERT") || tag.starts_with("UPDATE") || tag.starts_with("DELETE") || tag.starts_with("MERGE"))
        told.rows_affected += std::atoll(PQcmdTuples(const_cast<PGresult*>(r)));
    const int rows = PQntuples(r);
    if (rows == 0) return ok;
    told.rows_returned += rows;
    if (!sink) return ok;
    postgres_row row(r, p.named_ && p.binary_, p.keepers_);
    for (int i = 0; i < rows; ++i) {
        row.go_to(i);
        if (!sink->row(row)) break;
    }
    return ok;
}

status postgres_connection::failure(error e) const {
    if (PQstatus(link_) != CONNECTION_OK && e.code != errc::timeout && e.code != errc::cancelled) {
        e.code = errc::connection_lost;
        e.poisons = poison::connection;
    }
    if (e.poisons == poison::nothing && PQtransactionStatus(link_) == PQTRANS_INERROR) e.poisons = poison::transaction;
    return e;
}

error postgres_connection::broken() const {
    return lost(one_line(PQerrorMessage(link_)));
}

result_ptr postgres_connection::next(watch& limits, status& failed) {
    while (limits.active() && PQisBusy(link_)) {
        pollfd ready{PQsocket(link_), POLLIN, 0};
        if (ready.fd < 0) break;
        if (poll(&ready, 1, limits.pause_ms()) > 0) {
            if (!PQconsumeInput(link_)) break;  // the result tells
            continue;
        }
        if (!limits.over()) continue;
        if (!limits.cancelled_ns) {
            limits.cancelled_ns = monotonic_ns();
            cancel_running();
        } else if (monotonic_ns() - limits.cancelled_ns > options_.cancel_grace.count()) {
            error e = limits.why();
            e.poisons = poison::connection;
            failed = std::move(e);
            return nullptr;
        }
    }
    result_ptr r(PQgetResult(link_));
    if (!r && PQstatus(link_) != CONNECTION_OK) failed = broken();
    return r;
}

void postgres_connection::cancel_running() noexcept {
    PGcancel* request = PQgetCancel(link_);
    if (!request) return;
    char why[256];
    static_cast<void>(PQcancel(request, why, sizeof why));  // what comes of it shows in the statement's end
    PQfreeCancel(request);
}

void postgres_connection::drain() noexcept {
    for (int i = 0; i < 1000; ++i) {
        char* copied = nullptr;
        while (PQgetCopyData(link_, &copied, 0) > 0) PQfreemem(copied);
        if (!result_ptr(PQgetResult(link_))) break;
    }
    static_cast<void>(PQexitPipelineMode(link_));
}

// ---- transactions

status postgres_connection::simple(std::string_view sql) {
    const bool ends = sql == "COMMIT" || sql == "ROLLBACK";
    if (begin_waits_ && ends) {
        begin_waits_ = false;
        return ok;
    }
    if (PQstatus(link_) != CONNECTION_OK) return failure(broken());
    if (sql == "BEGIN") {
        begin_waits_ = true;
        return ok;
    }
    const std::string text(sql);
    if (begin_waits_) {
        watch no_limits(nullptr);
        return pipeline(
            no_limits,
            [&] { return PQsendQueryParams(link_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1; },
            [](std::size_t, const PGresult*) { return status(); });
    }
    trips_.fetch_add(1, std::memory_order_relaxed);
    const result_ptr r(PQexec(link_, text.c_str()));
    if (!r) return failure(broken());
    const ExecStatusType is = PQresultStatus(r.get());
    if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK) return failure(error_of(r.get()));
    if (sql == "COMMIT" && std::string_view(PQcmdStatus(r.get())) == "ROLLBACK") {
        error e =
            make_error(errc::invalid_transaction, "a statement of the transaction had failed: it was rolled back");
        e.sqlstate = "25P02";
        e.poisons = poison::transaction;
        return e;
    }
    return ok;
}

bool postgres_connection::in_transaction() const noexcept {
    if (begin_waits_) return true;
    const PGTransactionStatusType is = PQtransactionStatus(link_);
    return is != PQTRANS_IDLE && is != PQTRANS_UNKNOWN;
}

bool postgres_connection::alive() noexcept {
    pollfd ready{PQsocket(link_), POLLIN, 0};
    if (ready.fd < 0) return false;
    return poll(&ready, 1, 0) == 0;  // nobody listens for notifications here: what comes unasked is its farewell
}

void postgres_connection::describe(database_info& info) const {
    const char* version = PQparameterStatus(link_, "server_version");
    if (version) info.server_version = version;
}

postgres_connection::~postgres_connection() {
    PQfinish(link_);
}

}  // namespace skua::orm::detail::postgres
