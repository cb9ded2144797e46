// SPDX-License-Identifier: Apache-2.0
#ifdef SKUA_BENCH_SOCI
#include "soci_peer.h"

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace peer {
namespace {

constexpr const char* columns = "id, created_at, updated_at, deleted_at, name, age, email, company_id, active";

struct user {
    long long id = 0;
    std::tm created_at{}, updated_at{};
    std::optional<std::tm> deleted_at;
    std::string name;
    int age = 0;
    std::optional<std::string> email;
    std::optional<long long> company_id;
    bool active = false;
};

// Where SOCI puts the columns of a row.
struct place {
    long long id = 0, company_id = 0;
    std::tm created_at{}, updated_at{}, deleted_at{};
    std::string name, email;
    int age = 0, active = 0;
    soci::indicator deleted = soci::i_null, has_email = soci::i_null, has_company = soci::i_null;

    [[nodiscard]] user taken() const {
        user u{id, created_at, updated_at, {}, name, age, {}, {}, active != 0};
        if (deleted == soci::i_ok) u.deleted_at = deleted_at;
        if (has_email == soci::i_ok) u.email = email;
        if (has_company == soci::i_ok) u.company_id = company_id;
        return u;
    }
};

// Its exchanges are named one by one.
#define SKUA_PEER_INTO(p)                                                                   \
    soci::into((p).id), soci::into((p).created_at), soci::into((p).updated_at),             \
        soci::into((p).deleted_at, (p).deleted), soci::into((p).name), soci::into((p).age), \
        soci::into((p).email, (p).has_email), soci::into((p).company_id, (p).has_company), soci::into((p).active)

}  // namespace

struct soci_users::state {
    explicit state(const char* create)
        : db(soci::sqlite3, ":memory:"),
          inserts((execute(create),
                   db.prepare << "INSERT INTO users (created_at, updated_at, deleted_at, name, age, email, company_id, "
                                 "active) VALUES (:c, :u, NULL, :n, :a, :e, NULL, 1)",
                   soci::use(now), soci::use(now), soci::use(name), soci::use(age), soci::use(email))),
          updates((db.prepare << "UPDATE users SET name = :n, age = :a WHERE id = :i", soci::use(other), soci::use(age),
                   soci::use(id))),
          selects((db.prepare << select_text() + " WHERE id = :i AND deleted_at IS NULL LIMIT 1", SKUA_PEER_INTO(read),
                   soci::use(id))),
          scans((db.prepare << select_text() + " WHERE deleted_at IS NULL", SKUA_PEER_INTO(read))) {}
    // One statement after another.
    void execute(std::string text) {
        while (!text.empty()) {
            const std::size_t end = text.find(';');
            db << text.substr(0, end);
            text = end == std::string::npos ? std::string() : text.substr(end + 1);
        }
        const std::time_t t = std::time(nullptr);
        gmtime_r(&t, &now);
    }
    static std::string select_text() { return std::string("SELECT ") + columns + " FROM users"; }

    std::tm now{};
    std::string name = "a user's name", other = "another name", email = "somebody@example.org";
    int age = 18;
    long long id = 0;
    place read;
    soci::session db;
    soci::statement inserts, updates, selects, scans;
};

soci_users::soci_users(const char* create) : state_(std::make_unique<state>(create)) {}
soci_users::~soci_users() = default;

void soci_users::insert() {
    state_->inserts.execute(true);
    long long id = 0;
    if (!state_->db.get_last_insert_id("users", id) || id == 0) std::abort();
}
void soci_users::update(int id) {
    state_->id = id;
    state_->updates.execute(true);
    if (state_->updates.get_affected_rows() != 1) std::abort();
}
void soci_users::select(int id) {
    state_->id = id;
    if (!state_->selects.execute(true) || state_->read.taken().id != id) std::abort();
}
void soci_users::plain_select(int id) {
    place p;
    state_->db << state::select_text() + " WHERE id = :i AND deleted_at IS NULL LIMIT 1", SKUA_PEER_INTO(p),
        soci::use(id);
    if (p.taken().id != id) std::abort();
}
int soci_users::scan() {
    std::vector<user> all;
    state_->scans.execute();
    while (state_->scans.fetch()) all.push_back(state_->read.taken());
    return static_cast<int>(all.size());
}

}  // namespace peer
#endif
