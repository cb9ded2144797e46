// SPDX-License-Identifier: Apache-2.0
// A transfer: all of it or nothing; a part of it may fail by itself.
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct Account : orm::model<Account> {
    std::string owner;
    std::int64_t cents = 0;
    SKUA_MODEL(Account, (owner, "uniqueIndex"), (cents, "check:cents >= 0"))
};
struct Entry : orm::model<Entry> {
    std::int64_t account_id = 0;
    std::int64_t cents = 0;
    SKUA_MODEL(Entry, (account_id, "index"), (cents))
};

static orm::status transfer(const orm::database& db, const char* from, const char* to, std::int64_t cents) {
    return db.transaction([&](orm::tx& tx) -> orm::status {
        SKUA_TRY(
            tx.from<Account>().where(Account::c.owner == from).update(Account::c.cents = Account::c.cents - cents));
        SKUA_TRY(tx.from<Account>().where(Account::c.owner == to).update(Account::c.cents = Account::c.cents + cents));
        // A savepoint: when the note cannot be written the transfer stands.
        static_cast<void>(tx.transaction([&](orm::tx& inner) -> orm::status {
            Entry entry{.account_id = 1, .cents = cents};
            return inner.create(entry);
        }));
        return orm::ok;
    });
}

int main() {
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    db.auto_migrate<Account, Entry>().or_throw();
    std::vector<Account> accounts{{.owner = "ann", .cents = 1000}, {.owner = "bob", .cents = 0}};
    db.create(accounts).or_throw();

    transfer(db, "ann", "bob", 300).or_throw();
    const orm::status too_much = transfer(db, "ann", "bob", 900);
    std::printf("%s\n", too_much.error().to_string().c_str());
    for (const Account& a : db.from<Account>().order(Account::c.owner).find().or_throw())
        std::printf("%s has %lld\n", a.owner.c_str(), static_cast<long long>(a.cents));
    return db.from<Account>().where(Account::c.cents == 700).count().or_throw() == 1 ? 0 : 1;
}
