// SPDX-License-Identifier: Apache-2.0
#include "../../core.h"
#include "../../dialect/postgres.h"
#include "connection.h"
#include "errors.h"

#include <map>

namespace skua::orm {
namespace detail::postgres {
namespace {

struct options_deleter {
    void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};
using options_ptr = std::unique_ptr<PQconninfoOption, options_deleter>;

std::map<std::string, std::string> words_of(const PQconninfoOption* list) {
    std::map<std::string, std::string> out;
    for (; list && list->keyword; ++list)
        if (list->val) out[list->keyword] = list->val;
    return out;
}

class postgres_driver final : public driver {
public:
    postgres_driver(std::string dsn, postgres_options options) : dsn_(std::move(dsn)), options_(options) {
        char* wrong = nullptr;
        const options_ptr said(PQconninfoParse(dsn_.c_str(), &wrong));
        if (!said) {
            wrong_ = wrong ? one_line(wrong) : "no memory";
            // What follows is a piece of the DSN, and may be a piece of the password.
            if (const std::size_t piece = wrong_.find(" after \""); piece != std::string::npos) wrong_.resize(piece);
            PQfreemem(wrong);
            return;
        }
        const options_ptr standard(PQconndefaults());  // PGHOST and the like
        words_ = words_of(standard.get());
        for (auto& [key, value] : words_of(said.get())) words_[key] = value;
    }

    result<std::unique_ptr<connection>> connect() override {
        const auto refused = [&](std::string_view why, std::string_view state) {
            error e = make_error(errc::cannot_open, "cannot open " + name() + ": " + std::string(why));
            e.sqlstate = state;
            e.retryable = state == "53300" || state == "57P03";
            return e;
        };
        if (!wrong_.empty()) return refused(wrong_, {});
        const std::string wait =
            std::to_string(std::max<std::int64_t>(2, options_.connect_timeout.count() / 1'000'000'000));
        // What stands before the DSN is taken unless the DSN says otherwise.
        const char* keys[] = {"connect_timeout", "application_name", "dbname", "client_encoding", nullptr};
        const char* values[] = {wait.c_str(), "skua::orm", dsn_.c_str(), "UTF8", nullptr};
        PGconn* link = PQconnectdbParams(keys, values, 1);
        auto made = std::make_unique<postgres_connection>(link, options_, trips_);
        trips_.fetch_add(1, std::memory_order_relaxed);
        if (!link || PQstatus(link) != CONNECTION_OK) return refused(one_line(PQerrorMessage(link)), {});
        PQsetNoticeProcessor(
            link, [](void*, const char*) {}, nullptr);
        const char* dates = PQparameterStatus(link, "DateStyle");
        if (!dates || !std::string_view(dates).starts_with("ISO"))
            if (status s = made->simple("SET datestyle = 'ISO, YMD'"); !s) return refused(s.error().message, {});
        return std::unique_ptr<connection>(std::move(made));
    }
    [[nodiscard]] const orm::dialect& dialect() const noexcept override { return dialect_; }
    [[nodiscard]] database_info info() const override {
        database_info info;
        info.system = "postgresql";
        info.name_space = word("dbname");
        if (info.name_space.empty()) info.name_space = word("user");
        info.server_address = word("host");
        if (info.server_address.empty()) info.server_address = word("hostaddr");
        const int port = std::atoi(word("port").c_str());
        if (info.server_address.starts_with('/'))
            info.server_address += "/.s.PGSQL." + std::to_string(port ? port : 5432);
        else
            info.server_port = port == 5432 ? 0 : port;
        return info;
    }
    [[nodiscard]] int max_connections() const noexcept override { return 10'000; }
    [[nodiscard]] int default_connections() const noexcept override { return 10; }
    [[nodiscard]] std::uint64_t round_trips() const noexcept override { return trips_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] std::string word(const char* key) const {
        const auto it = words_.find(key);
        return it == words_.end() ? std::string() : it->second;
    }
    // Without the password that a DSN may have.
    [[nodiscard]] std::string name() const { return "PostgreSQL database \"" + word("dbname") + "\""; }

    const std::string dsn_;
    const postgres_options options_;
    std::string wrong_;  // with the DSN
    std::map<std::string, std::string> words_;
    const postgres_dialect dialect_;
    std::atomic<std::uint64_t> trips_{0};
};

}  // namespace
}  // namespace detail::postgres

std::shared_ptr<driver> postgres(std::string dsn, postgres_options options) {
    return std::make_shared<detail::postgres::postgres_driver>(std::move(dsn), options);
}

}  // namespace skua::orm
