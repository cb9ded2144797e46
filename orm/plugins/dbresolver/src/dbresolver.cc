// SPDX-License-Identifier: Apache-2.0
// It is made of nothing that a plugin of somebody else's could not use: callbacks before everything else, further
// pools, statement::use.
#include <algorithm>
#include <atomic>
#include <map>

#include <skua/orm/plugins/dbresolver.hpp>

namespace skua::orm::dbresolver {
namespace {

constexpr context_key<choice> choice_key{};

class round_robin_policy final : public policy {
public:
    std::size_t pick(std::size_t count) noexcept override {
        return next_.fetch_add(1, std::memory_order_relaxed) % count;
    }

private:
    std::atomic<std::size_t> next_{0};
};

class random_policy final : public policy {
public:
    std::size_t pick(std::size_t count) noexcept override {
        // xorshift64, one per thread: nobody waits, and nobody's seed is another's.
        static std::atomic<std::uint64_t> threads{1};
        thread_local std::uint64_t s = threads.fetch_add(1) * 0x9e3779b97f4a7c15ULL;
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        return static_cast<std::size_t>(s % count);
    }
};

char lower(char ch) {
    return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
}
bool same_words(std::string_view text, std::string_view words) {
    return text.size() >= words.size() &&
           std::equal(words.begin(), words.end(), text.begin(), [](char w, char t) { return w == lower(t); });
}

bool is_reading_text(std::string_view sql) {
    const auto blank = [](char ch) { return ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r' || ch == ';'; };
    while (!sql.empty() && blank(sql.front())) sql.remove_prefix(1);
    while (!sql.empty() && blank(sql.back())) sql.remove_suffix(1);
    constexpr std::string_view lock = "for update";
    const bool locks = sql.size() >= lock.size() && same_words(sql.substr(sql.size() - lock.size()), lock);
    return same_words(sql, "select") && !locks;
}

bool is_read(const statement& run) {
    switch (run.kind) {
        case processor_kind::query:
        case processor_kind::row:
            return run.has_query() ? run.query().lock.how == row_lock::strength::none : is_reading_text(run.raw_text());
        case processor_kind::raw:
            return is_reading_text(run.raw_text());
        default:
            return false;
    }
}

struct opened {
    std::vector<connection_source> sources, replicas;
    std::shared_ptr<policy> how;
};

result<opened> open_all(const database& db, const config& c) {
    opened made;
    made.how = c.policy ? c.policy : random();
    for (const auto* list : {&c.sources, &c.replicas})
        for (const auto& driver : *list) {
            auto source = db.add_source(driver, c.pool);
            if (!source) return std::move(source.error());
            (list == &c.sources ? made.sources : made.replicas).push_back(std::move(*source));
        }
    return made;
}

}  // namespace

std::shared_ptr<policy> random() {
    return std::make_shared<random_policy>();
}
std::shared_ptr<policy> round_robin() {
    return std::make_shared<round_robin_policy>();
}

void choice::apply(ast::query& q) const {
    q.marks = q.marks.set(choice_key, *this);
}
context choice::in_context() const {
    return context{}.set(choice_key, *this);
}

// Constant once initialised: callbacks on any thread read it.
struct plugin::state {
    struct entry {
        std::vector<std::string> tables;
        std::string name;
        config said;
    };
    std::vector<entry> entries;  // the one for everything has neither tables nor a name

    std::map<std::string, std::shared_ptr<const opened>, std::less<>> by_table, by_name;
    std::shared_ptr<const opened> all;

    [[nodiscard]] const opened* resolver_of(const statement& run, const choice* said, status& failed) const {
        if (said && !said->resolver().empty()) {
            const auto it = by_name.find(said->resolver());
            if (it != by_name.end()) return it->second.get();
            failed = fail(errc::invalid_value, "there is no resolver \"" + std::string(said->resolver()) + "\"");
            return nullptr;
        }
        if (run.model)
            if (const auto it = by_table.find(run.model->table); it != by_table.end()) return it->second.get();
        return all.get();
    }

    status route(statement& run) const {
        if (run.in_transaction()) return ok;
        const context marks = run.has_query() ? run.query().marks : context();
        const choice* said = marks.get(choice_key);
        if (!said) said = run.run_context().get(choice_key);
        status failed;
        const opened* to = resolver_of(run, said, failed);
        if (!to) return failed;
        const mode what = said ? said->what() : mode::by_statement;
        const bool reads = what == mode::read || (what == mode::by_statement && is_read(run));
        const auto& places = reads && !to->replicas.empty() ? to->replicas : to->sources;
        if (places.empty()) return ok;
        run.use(places.size() == 1 ? places[0] : places[to->how->pick(places.size()) % places.size()]);
        return ok;
    }
};

plugin::plugin() : state_(std::make_shared<state>()) {}
plugin::plugin(config all) : plugin() {
    state_->entries.push_back({{}, {}, std::move(all)});
}
plugin::plugin(plugin&&) noexcept = default;
plugin& plugin::operator=(plugin&&) noexcept = default;
plugin::~plugin() = default;

plugin&& plugin::tables(std::vector<std::string> names, config of) && {
    state_->entries.push_back({std::move(names), {}, std::move(of)});
    return std::move(*this);
}
plugin&& plugin::named(std::string name, config of) && {
    state_->entries.push_back({{}, std::move(name), std::move(of)});
    return std::move(*this);
}

status plugin::initialize(database& db) {
    for (const state::entry& e : state_->entries) {
        auto made = open_all(db, e.said);
        if (!made) return std::move(made.error());
        const auto shared = std::make_shared<const opened>(std::move(*made));
        for (const std::string& table : e.tables) state_->by_table[table] = shared;
        if (!e.name.empty())
            state_->by_name[e.name] = shared;
        else if (e.tables.empty())
            state_->all = shared;
    }
    const auto callbacks = db.callbacks();
    for (const processor& p : {callbacks.create(), callbacks.query(), callbacks.update(), callbacks.remove(),
                               callbacks.row(), callbacks.raw()})
        SKUA_TRY(p.before("*").add("skua:db_resolver", [kept = state_](statement& run) { return kept->route(run); }));
    return ok;
}

}  // namespace skua::orm::dbresolver
