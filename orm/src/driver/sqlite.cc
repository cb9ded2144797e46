// SPDX-License-Identifier: Apache-2.0
// The only file that sees sqlite3.h.
#include "../dialect/sqlite.h"

#include "../core.h"
#include "../utf8.h"

#include <array>
#include <atomic>
#include <vector>

#include <skua/orm/driver.hpp>
#include <skua/orm/sqlite.hpp>
#include <sqlite3.h>
#include <sys/stat.h>

namespace skua::orm {
namespace {

// ---- errors

struct kind_of_error {
    int native;
    errc code;
    std::string_view sqlstate;
};
constexpr kind_of_error kinds[] = {
    {SQLITE_CONSTRAINT_UNIQUE, errc::duplicated_key, "23505"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, errc::duplicated_key, "23505"},
    {SQLITE_CONSTRAINT_ROWID, errc::duplicated_key, "23505"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, errc::foreign_key_violated, "23503"},
    {SQLITE_CONSTRAINT_NOTNULL, errc::not_null_violated, "23502"},
    {SQLITE_CONSTRAINT_CHECK, errc::check_violated, "23514"},
};

std::string_view after_colon(std::string_view message) {
    const std::size_t at = message.find(": ");
    return at == std::string_view::npos ? std::string_view() : message.substr(at + 2);
}

void fill_constraint(error& e, std::string_view message) {
    const std::string_view what = after_colon(message);
    const auto in_parentheses = [&] { return what.empty() ? std::string() : " (" + std::string(what) + ")"; };
    switch (e.code) {
        case errc::duplicated_key:
            if (what.starts_with("index '")) {
                e.constraint = what.substr(7, what.size() - 8);
                e.message = "unique constraint \"" + e.constraint + "\" violated";
                return;
            }
            e.message =
                (e.native_code == SQLITE_CONSTRAINT_UNIQUE ? "unique constraint violated" : "primary key violated") +
                in_parentheses();
            e.column = what;  // "users.email, users.age": the statement's model finds the name
            e.table = what.substr(0, what.find('.'));
            return;
        case errc::not_null_violated: {
            e.message = "NOT NULL violated" + in_parentheses();
            const std::size_t dot = what.find('.');
            e.table = what.substr(0, dot);
            if (dot != std::string_view::npos) e.column = what.substr(dot + 1);
            return;
        }
        case errc::check_violated:
            e.constraint = what;
            e.message = "check constraint \"" + e.constraint + "\" violated";
            return;
        default:
            e.message = "foreign key violated";
    }
}

error error_of(sqlite3* db, int rc) {
    error e;
    const int extended = db ? sqlite3_extended_errcode(db) : rc;
    const std::string_view message = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    e.native_code = extended;
    e.message = message;
    e.code = errc::sql_error;
    for (const kind_of_error& k : kinds)
        if (k.native == extended) {
            e.code = k.code;
            e.sqlstate = k.sqlstate;
            fill_constraint(e, message);
            return e;
        }
    switch (extended & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            e.code = errc::busy;
            e.sqlstate = "55P03";
            e.retryable = true;
            break;
        case SQLITE_INTERRUPT:
            e.code = errc::cancelled;
            e.sqlstate = "57014";
            break;
        case SQLITE_TOOBIG:
            e.code = errc::invalid_value;
            e.sqlstate = "22001";
            break;
        case SQLITE_CANTOPEN:
            e.code = errc::cannot_open;
            break;
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
            e.poisons = poison::connection;
            break;
        case SQLITE_ERROR:
            if (message.starts_with("no such table")) {
                e.sqlstate = "42P01";
                e.table = after_colon(message);
            } else if (message.starts_with("no such column")) {
                e.code = errc::invalid_field;
                e.sqlstate = "42703";
                e.column = after_colon(message);
            } else if (message.find("syntax error") != std::string_view::npos) {
                e.sqlstate = "42601";
            }
            break;
        default:
            break;
    }
    return e;
}

// ---- statements

class sqlite_prepared final : public prepared {
public:
    explicit sqlite_prepared(sqlite3_stmt* statement) noexcept
        : statement_(statement),
          parameters_(sqlite3_bind_parameter_count(statement)),
          writes_(!sqlite3_stmt_readonly(statement)) {}
    sqlite_prepared(const sqlite_prepared&) = delete;
    sqlite_prepared& operator=(const sqlite_prepared&) = delete;
    ~sqlite_prepared() override { sqlite3_finalize(statement_); }

    [[nodiscard]] int parameter_count() const noexcept override { return parameters_; }
    [[nodiscard]] bool writes() const noexcept override { return writes_; }
    [[nodiscard]] sqlite3_stmt* get() const noexcept { return statement_; }

    // Text and bytes are not copied: they outlive the execution, and nothing runs before all are bound again.
    static constexpr int bad_text = -1;  // of bind(): the value numbered bad_value() is not UTF-8
    [[nodiscard]] std::size_t bad_value() const noexcept { return bad_value_; }
    int bind(std::span<const value_view> values) {
        last_time_ = nullptr;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int rc = bind_one(static_cast<int>(i) + 1, values[i]);
            if (rc != SQLITE_OK) {
                bad_value_ = i + 1;
                return rc;
            }
        }
        return SQLITE_OK;
    }

private:
    int bind_one(int at, value_view v) {
        switch (v.kind()) {
            case value_kind::null:
                return sqlite3_bind_null(statement_, at);
            case value_kind::boolean:
            case value_kind::integer:
                return sqlite3_bind_int64(statement_, at, v.as_integer());
            case value_kind::real:
                return sqlite3_bind_double(statement_, at, v.as_real());
            case value_kind::text:
                if (!detail::is_utf8(v.as_bytes())) return bad_text;
                return sqlite3_bind_text64(statement_, at, v.as_bytes().data(), v.as_bytes().size(), SQLITE_STATIC,
                                           SQLITE_UTF8);
            case value_kind::blob:
                return sqlite3_bind_blob64(statement_, at, v.as_bytes().data(), v.as_bytes().size(), SQLITE_STATIC);
            case value_kind::moment: {
                const time_text& kept = text_of(at, v.as_integer());
                return sqlite3_bind_text(statement_, at, kept.text, kept.size, SQLITE_STATIC);
            }
        }
        return SQLITE_MISUSE;
    }

    struct time_text {
        char text[time_text_max];
        int size;
        std::int64_t ns;
    };
    // created_at and updated_at, and those of all rows of a batch, are mostly the same moment.
    const time_text& text_of(int at, std::int64_t ns) {
        if (times_.empty()) times_.resize(static_cast<std::size_t>(parameters_));
        if (last_time_ && last_time_->ns == ns) return *last_time_;
        time_text& made = times_[static_cast<std::size_t>(at) - 1];
        made.size = static_cast<int>(format_time(made.text, ns));
        made.ns = ns;
        last_time_ = &made;
        return made;
    }
    sqlite3_stmt* statement_;
    int parameters_;
    bool writes_;
    std::vector<time_text> times_;  // where bound times are kept
    const time_text* last_time_ = nullptr;
    std::size_t bad_value_ = 0;
};

class sqlite_row final : public row_source {
public:
    explicit sqlite_row(sqlite3_stmt* statement) noexcept
        : statement_(statement), columns_(sqlite3_column_count(statement)) {}
    int column_count() const noexcept override { return columns_; }
    std::string_view column_name(int index) const noexcept override {
        const char* name = sqlite3_column_name(statement_, index);
        return name ? std::string_view(name) : std::string_view();
    }
    // The connection is used by one thread at a time, so an unprotected value may be read.
    value_view column(int index) noexcept override { return read(index); }
    void columns(int from, int count, value_view* into) noexcept override {
        for (int i = 0; i < count; ++i) into[i] = read(from + i);
    }

private:
    value_view read(int index) noexcept {
        sqlite3_value* v = sqlite3_column_value(statement_, index);
        switch (sqlite3_value_type(v)) {
            case SQLITE_INTEGER:
                return value_view::integer(sqlite3_value_int64(v));
            case SQLITE_FLOAT:
                return value_view::real(sqlite3_value_double(v));
            case SQLITE_TEXT: {
                const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(v));
                return value_view::text({text ? text : "", static_cast<std::size_t>(sqlite3_value_bytes(v))});
            }
            case SQLITE_BLOB: {
                const auto* bytes = static_cast<const char*>(sqlite3_value_blob(v));
                return value_view::blob({bytes ? bytes : "", static_cast<std::size_t>(sqlite3_value_bytes(v))});
            }
            default:
                return {};
        }
    }

    sqlite3_stmt* statement_;
    int columns_;
};

// ---- connections

class sqlite_connection final : public connection {
public:
    explicit sqlite_connection(sqlite3* db) noexcept : db_(db) {}
    sqlite_connection(const sqlite_connection&) = delete;
    sqlite_connection& operator=(const sqlite_connection&) = delete;
    ~sqlite_connection() override { sqlite3_close_v2(db_); }

    result<std::unique_ptr<prepared>> prepare(std::string_view sql, bool lasting) override {
        sqlite3_stmt* statement = nullptr;
        const char* rest = nullptr;
        const int rc = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                          lasting ? SQLITE_PREPARE_PERSISTENT : 0U, &statement, &rest);
        if (rc != SQLITE_OK) return error_of(db_, rc);
        if (!statement) return detail::make_error(errc::invalid_value, "there is no statement in the SQL text");
        auto made = std::make_unique<sqlite_prepared>(statement);
        const std::string_view tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
        if (tail.find_first_not_of(" \t\r\n;") != std::string_view::npos && !only_comments(tail))
            return detail::make_error(errc::invalid_value, "one statement at a time; got more SQL after the first");
        return std::unique_ptr<prepared>(std::move(made));
    }

    status execute(prepared& which, std::span<const value_view> values, row_sink* sink, const context* limits,
                   exec_info& told) override {
        auto& p = static_cast<sqlite_prepared&>(which);
        if (static_cast<int>(values.size()) != p.parameter_count())
            return fail(errc::invalid_value, "the statement has " + std::to_string(p.parameter_count()) +
                                                 " placeholders; got " + std::to_string(values.size()) + " values");
        if (int rc = p.bind(values); rc == sqlite_prepared::bad_text) {
            error e =
                detail::make_error(errc::invalid_value, "value " + std::to_string(p.bad_value()) + " is not UTF-8");
            e.sqlstate = "22021";
            return e;
        } else if (rc != SQLITE_OK) {
            return error_of(db_, rc);
        }
        const watch guard(db_, limits);
        const int changes_before = p.writes() ? sqlite3_total_changes(db_) : 0;
        const int rc = step(p.get(), sink, told);
        status s;
        if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
            s = error_of(db_, rc);
            if (s.error().native_code == SQLITE_INTERRUPT && guard.late())
                s.error().code = errc::timeout, s.error().message = "the deadline has passed";
        } else if (p.writes() && sqlite3_total_changes(db_) != changes_before) {
            told.rows_affected = sqlite3_changes(db_);
            told.last_id = sqlite3_last_insert_rowid(db_);
        }
        sqlite3_reset(p.get());
        return s;
    }

    status simple(std::string_view sql) override {
        const std::string text(sql);
        const int rc = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
        return rc == SQLITE_OK ? status() : status(error_of(db_, rc));
    }
    [[nodiscard]] bool in_transaction() const noexcept override { return !sqlite3_get_autocommit(db_); }
    [[nodiscard]] std::size_t bind_limit() const noexcept override {
        return static_cast<std::size_t>(sqlite3_limit(db_, SQLITE_LIMIT_VARIABLE_NUMBER, -1));
    }

private:
    // Lets the deadline and the stop token interrupt a statement.
    class watch {
    public:
        watch(sqlite3* db, const context* limits) noexcept : db_(db) {
            if (!limits || (!limits->deadline_ns() && !limits->can_stop())) return;
            limits_ = limits;
            sqlite3_progress_handler(
                db, 1000, [](void* self) { return static_cast<const watch*>(self)->over() ? 1 : 0; }, this);
        }
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;
        ~watch() {
            if (limits_) sqlite3_progress_handler(db_, 0, nullptr, nullptr);
        }
        [[nodiscard]] bool late() const noexcept {
            return limits_ && limits_->deadline_ns() && detail::monotonic_ns() > limits_->deadline_ns();
        }
        [[nodiscard]] bool over() const noexcept { return late() || (limits_ && limits_->stop_requested()); }

    private:
        sqlite3* db_;
        const context* limits_ = nullptr;
    };

    static int step(sqlite3_stmt* statement, row_sink* sink, exec_info& told) {
        sqlite_row row(statement);
        for (;;) {
            const int rc = sqlite3_step(statement);
            if (rc != SQLITE_ROW) return rc;
            ++told.rows_returned;
            if (sink && !sink->row(row)) return rc;
        }
    }
    bool only_comments(std::string_view tail) const {
        sqlite3_stmt* more = nullptr;
        const int rc = sqlite3_prepare_v2(db_, tail.data(), static_cast<int>(tail.size()), &more, nullptr);
        const bool nothing = rc == SQLITE_OK && !more;
        sqlite3_finalize(more);
        return nothing;
    }

    sqlite3* db_;
};

// ---- driver

struct place {
    bool memory = false;
    std::string path;  // of a file
    std::string name;  // base name; "main" of an unnamed database in memory
};

place read_dsn(std::string_view dsn) {
    place p;
    std::string_view path = dsn, query;
    const bool uri = dsn.starts_with("file:");
    if (uri) {
        path.remove_prefix(5);
        const std::size_t mark = path.find('?');
        if (mark != std::string_view::npos) {
            query = path.substr(mark + 1);
            path = path.substr(0, mark);
        }
        if (path.starts_with("//")) {
            const std::size_t slash = path.find('/', 2);
            path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
        }
    }
    p.memory = path.empty() || path == ":memory:" || query.find("mode=memory") != std::string_view::npos ||
               query.find("vfs=memdb") != std::string_view::npos;
    p.path = path;
    const std::size_t slash = path.rfind('/');
    p.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (p.name.empty() || p.name == ":memory:") p.name = "main";
    return p;
}

class sqlite_driver final : public driver {
public:
    sqlite_driver(std::string dsn, sqlite_options options)
        : dsn_(std::move(dsn)), options_(options), place_(read_dsn(dsn_)), dialect_(!place_.memory) {}

    result<std::unique_ptr<connection>> connect() override {
        if (place_.memory == false) {
            struct stat there {};
            if (stat(place_.path.c_str(), &there) != 0) ours_.store(true, std::memory_order_relaxed);
        }
        sqlite3* db = nullptr;
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
        const int rc = sqlite3_open_v2(dsn_.c_str(), &db, flags, nullptr);
        auto made = std::make_unique<sqlite_connection>(db);
        const auto refused = [&](error e) {
            e.code = errc::cannot_open;
            e.message = "cannot open " + dsn_ + ": " + e.message;
            return e;
        };
        if (rc != SQLITE_OK) return refused(error_of(db, rc));
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, static_cast<int>(options_.busy_timeout.count() / 1'000'000));
        std::string setup = options_.foreign_keys ? "PRAGMA foreign_keys = ON;" : "PRAGMA foreign_keys = OFF;";
        if (ours_.load(std::memory_order_relaxed))
            if (status wal = switch_to_wal(*made); !wal) return refused(std::move(wal.error()));
        setup += "SELECT count(*) FROM sqlite_master;";  // says now whether it is a database
        if (status s = made->simple(setup); !s) return refused(std::move(s.error()));
        return std::unique_ptr<connection>(std::move(made));
    }
    [[nodiscard]] const orm::dialect& dialect() const noexcept override { return dialect_; }
    [[nodiscard]] database_info info() const override {
        database_info info;
        info.system = "sqlite";
        info.name_space = place_.name;
        info.server_version = sqlite3_libversion();
        return info;
    }
    [[nodiscard]] int max_connections() const noexcept override { return place_.memory ? 1 : 8; }

private:
    // Others may be opening the new file at the same moment; SQLite does not wait for them by itself when the mode
    // changes.
    status switch_to_wal(sqlite_connection& c) const {
        const std::int64_t until = detail::monotonic_ns() + options_.busy_timeout.count();
        for (;;) {
            status s = c.simple("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
            if (s || s.error().code != errc::busy || detail::monotonic_ns() > until) return s;
            sqlite3_sleep(1);
        }
    }

    const std::string dsn_;
    const sqlite_options options_;
    const place place_;
    const detail::sqlite_dialect dialect_;
    std::atomic<bool> ours_{false};  // the file was made by us
};

}  // namespace

std::shared_ptr<driver> sqlite(std::string dsn, sqlite_options options) {
    return std::make_shared<sqlite_driver>(std::move(dsn), options);
}

}  // namespace skua::orm
