// SPDX-License-Identifier: Apache-2.0
// Against libpq: prepared statements, values and results in binary form.
#include "../tests/servers/servers.h"
#include "five_operations.h"

#include <cstring>

#include <libpq-fe.h>
#include <skua/orm/postgres.hpp>

namespace {

using five::Model;

std::uint64_t swapped(std::uint64_t v) {
    return __builtin_bswap64(v);
}

class libpq_loop final : public five::raw_loop {
public:
    explicit libpq_loop(const std::string& dsn) : link_(PQconnectdb(dsn.c_str())) {
        five::check(PQstatus(link_) == CONNECTION_OK, PQerrorMessage(link_));
    }
    ~libpq_loop() override { PQfinish(link_); }

    void prepare(const std::string& operation, const std::string& sql) override {
        PQclear(done(PQprepare(link_, operation.c_str(), sql.c_str(), 0, nullptr), PGRES_COMMAND_OK));
    }
    std::int64_t insert(const Model& m) override {
        start();
        add(m);
        PGresult* r = done(run("insert"), PGRES_TUPLES_OK);
        const std::int64_t id = number(r, 0, 0);
        PQclear(r);
        return id;
    }
    void insert_many(std::vector<Model>& all) override {
        start();
        for (const Model& m : all) add(m);
        PGresult* r = done(run("insert_100"), PGRES_TUPLES_OK);
        for (std::size_t i = 0; i < all.size(); ++i) all[i].id = number(r, static_cast<int>(i), 0);
        PQclear(r);
    }
    void update(const Model& m) override {
        start();
        add(m);
        add_number(static_cast<std::uint64_t>(m.id), 8);
        PQclear(done(run("update"), PGRES_COMMAND_OK));
    }
    Model read(std::int64_t id) override {
        start();
        add_number(static_cast<std::uint64_t>(id), 8);
        add_number(1, 8);
        PGresult* r = done(run("read"), PGRES_TUPLES_OK);
        Model m;
        take(r, 0, m);
        PQclear(r);
        return m;
    }
    std::vector<Model> read_many(std::int64_t above) override {
        start();
        add_number(static_cast<std::uint64_t>(above), 8);
        add_number(100, 8);
        PGresult* r = done(run("read_100"), PGRES_TUPLES_OK);
        std::vector<Model> all(static_cast<std::size_t>(PQntuples(r)));
        for (std::size_t i = 0; i < all.size(); ++i) take(r, static_cast<int>(i), all[i]);
        PQclear(r);
        return all;
    }

private:
    PGresult* done(PGresult* r, ExecStatusType want) {
        five::check(PQresultStatus(r) == want, PQresultErrorMessage(r));
        return r;
    }
    PGresult* run(const char* name) {
        for (std::size_t i = 0; i < data_.size(); ++i)
            if (!data_[i]) data_[i] = numbers_[i].at;
        return PQexecPrepared(link_, name, static_cast<int>(data_.size()), data_.data(), lengths_.data(),
                              formats_.data(), 1);
    }
    void start() {
        data_.clear();
        lengths_.clear();
        formats_.clear();
        numbers_.clear();
    }
    void add_text(const std::string& s) {
        data_.push_back(s.data());
        lengths_.push_back(static_cast<int>(s.size()));
        formats_.push_back(1);
        numbers_.push_back({});
    }
    void add_number(std::uint64_t v, int size) {
        number_bytes b{};
        v = swapped(v << (64 - 8 * size));
        std::memcpy(b.at, &v, 8);
        data_.push_back(nullptr);
        lengths_.push_back(size);
        formats_.push_back(1);
        numbers_.push_back(b);
    }
    void add(const Model& m) {
        add_text(m.name);
        add_text(m.title);
        add_text(m.fax);
        add_text(m.web);
        add_number(static_cast<std::uint32_t>(m.age), 4);
        add_number(m.right ? 1 : 0, 1);
        add_number(static_cast<std::uint64_t>(m.counter), 8);
    }
    static std::int64_t number(const PGresult* r, int row, int column) {
        std::uint64_t v = 0;
        const int size = PQgetlength(r, row, column);
        std::memcpy(&v, PQgetvalue(r, row, column), static_cast<std::size_t>(size));
        return static_cast<std::int64_t>(swapped(v)) >> (64 - 8 * size);
    }
    static void text(const PGresult* r, int row, int column, std::string& into) {
        into.assign(PQgetvalue(r, row, column), static_cast<std::size_t>(PQgetlength(r, row, column)));
    }
    static void take(const PGresult* r, int row, Model& m) {
        m.id = number(r, row, 0);
        text(r, row, 1, m.name);
        text(r, row, 2, m.title);
        text(r, row, 3, m.fax);
        text(r, row, 4, m.web);
        m.age = static_cast<std::int32_t>(number(r, row, 5));
        m.right = *PQgetvalue(r, row, 6) != 0;
        m.counter = number(r, row, 7);
    }

    struct number_bytes {
        char at[8];
    };
    PGconn* link_;
    std::vector<const char*> data_;
    std::vector<int> lengths_, formats_;
    std::vector<number_bytes> numbers_;
};

}  // namespace

int main() {
    five::on_one_cpu();
    const std::string dsn = skua::orm_tests::postgres_dsn();
    auto db = skua::orm::open(skua::orm::postgres(dsn), {.logger = skua::orm::silent()}).or_throw();
    libpq_loop raw(dsn);
    return five::run("postgres", db, raw);
}
