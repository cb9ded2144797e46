// SPDX-License-Identifier: Apache-2.0
// Against MariaDB Connector/C: prepared statements, buffers bound once.
#include "../tests/servers/servers.h"
#include "five_operations.h"

#include <cstring>

#include <mysql.h>
#include <skua/orm/mariadb.hpp>

namespace {

using five::Model;

class connector_loop final : public five::raw_loop {
public:
    explicit connector_loop(const std::string& socket, const std::string& database) : link_(mysql_init(nullptr)) {
        mysql_options(link_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        five::check(
            mysql_real_connect(link_, nullptr, "root", nullptr, database.c_str(), 0, socket.c_str(), 0) != nullptr,
            mysql_error(link_));
    }
    ~connector_loop() override {
        for (auto& [name, s] : statements_) mysql_stmt_close(s);
        mysql_close(link_);
    }
    void prepare(const std::string& operation, const std::string& sql) override {
        MYSQL_STMT* s = mysql_stmt_init(link_);
        five::check(mysql_stmt_prepare(s, sql.data(), sql.size()) == 0, mysql_stmt_error(s));
        statements_[operation] = s;
        if (operation.starts_with("read")) bind_row(s);
    }
    std::int64_t insert(const Model& m) override {
        start(7);
        add(m);
        return static_cast<std::int64_t>(mysql_stmt_insert_id(run("insert")));
    }
    void insert_many(std::vector<Model>& all) override {
        start(7 * all.size());
        for (const Model& m : all) add(m);
        auto id = static_cast<std::int64_t>(mysql_stmt_insert_id(run("insert_100")));
        for (Model& m : all) m.id = id++;
    }
    void update(const Model& m) override {
        start(8);
        add(m);
        add_number(m.id);
        run("update");
    }
    Model read(std::int64_t id) override {
        start(2);
        add_number(id);
        add_number(1);
        MYSQL_STMT* s = run("read");
        five::check(mysql_stmt_fetch(s) == 0, "no row");
        Model m;
        take(m);
        mysql_stmt_free_result(s);
        return m;
    }
    std::vector<Model> read_many(std::int64_t above) override {
        start(2);
        add_number(above);
        add_number(100);
        MYSQL_STMT* s = run("read_100");
        std::vector<Model> all;
        while (mysql_stmt_fetch(s) == 0) take(all.emplace_back());
        mysql_stmt_free_result(s);
        return all;
    }

private:
    MYSQL_STMT* run(const char* name) {
        MYSQL_STMT* s = statements_[name];
        five::check(mysql_stmt_bind_param(s, binds_.data()) == 0 && mysql_stmt_execute(s) == 0, mysql_stmt_error(s));
        return s;
    }
    void start(std::size_t count) {
        binds_.assign(count, MYSQL_BIND{});
        cells_.resize(count);
        next_ = 0;
    }
    void add_number(long long v) {
        cells_[next_].number = v;
        binds_[next_].buffer_type = MYSQL_TYPE_LONGLONG;
        binds_[next_].buffer = &cells_[next_].number;
        ++next_;
    }
    void add_text(const std::string& s) {
        cells_[next_].length = s.size();
        binds_[next_].buffer_type = MYSQL_TYPE_STRING;
        binds_[next_].buffer = const_cast<char*>(s.data());
        binds_[next_].buffer_length = s.size();
        binds_[next_].length = &cells_[next_].length;
        ++next_;
    }
    void add(const Model& m) {
        add_text(m.name);
        add_text(m.title);
        add_text(m.fax);
        add_text(m.web);
        add_number(m.age);
        add_number(m.right);
        add_number(m.counter);
    }
    void bind_row(MYSQL_STMT* s) {
        MYSQL_BIND row[8] = {};
        for (int i = 0; i < 8; ++i) {
            const bool is_text = i >= 1 && i <= 4;
            row[i].buffer_type = is_text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
            row[i].buffer = is_text ? static_cast<void*>(texts_[i]) : &numbers_[i];
            row[i].buffer_length = is_text ? sizeof texts_[i] : 0;
            row[i].length = &lengths_[i];
            row[i].is_null = &nulls_[i];
        }
        five::check(mysql_stmt_bind_result(s, row) == 0, mysql_stmt_error(s));
    }
    void take(Model& m) {
        m.id = numbers_[0];
        m.name.assign(texts_[1], lengths_[1]);
        m.title.assign(texts_[2], lengths_[2]);
        m.fax.assign(texts_[3], lengths_[3]);
        m.web.assign(texts_[4], lengths_[4]);
        m.age = static_cast<std::int32_t>(numbers_[5]);
        m.right = numbers_[6] != 0;
        m.counter = numbers_[7];
    }

    struct cell {
        long long number;
        unsigned long length;
    };
    MYSQL* link_;
    std::map<std::string, MYSQL_STMT*> statements_;
    std::vector<MYSQL_BIND> binds_;
    std::vector<cell> cells_;
    std::size_t next_ = 0;
    char texts_[8][256] = {};
    long long numbers_[8] = {};
    unsigned long lengths_[8] = {};
    my_bool nulls_[8] = {};
};

std::string word(const std::string& dsn, const std::string& key) {
    const std::size_t at = dsn.find(key + "=");
    return dsn.substr(at + key.size() + 1, dsn.find(' ', at) - at - key.size() - 1);
}

}  // namespace

int main() {
    five::on_one_cpu();
    const std::string dsn = skua::orm_tests::mariadb_dsn();
    auto db = skua::orm::open(skua::orm::mariadb(dsn), {.logger = skua::orm::silent()}).or_throw();
    connector_loop raw(word(dsn, "socket"), word(dsn, "database"));
    return five::run("mariadb", db, raw);
}
