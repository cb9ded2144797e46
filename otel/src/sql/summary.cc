// SPDX-License-Identifier: Apache-2.0
#include "otel/src/sql/summary.h"

#include <algorithm>
#include <array>

namespace skua::otel::sql {
namespace {

constexpr std::size_t max_depth = 64;  // of parentheses; deeper ones are not looked into
constexpr std::size_t max_ctes = 32;   // remembered names

constexpr std::array<std::string_view, 21> object_types = {
    "TABLE",  "INDEX",    "VIEW",   "TRIGGER",     "PROCEDURE",    "FUNCTION",  "DATABASE",
    "SCHEMA", "SEQUENCE", "USER",   "ROLE",        "TYPE",         "EXTENSION", "DOMAIN",
    "POLICY", "RULE",     "SERVER", "PUBLICATION", "SUBSCRIPTION", "AGGREGATE", "EVENT"};

template <std::size_t n>
bool one_of(std::string_view word, const std::array<std::string_view, n>& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return same_word(word, w); });
}

// The next token that means something, with one of look-back.
class reader {
public:
    reader(std::string_view sql, dialect rules) : scanner_(sql, rules) { advance(); }
    const token& peek() const { return current_; }
    bool at_end() const { return current_.kind == token_kind::end; }
    bool at_word(std::string_view upper) const {
        return current_.kind == token_kind::word && same_word(current_.text, upper);
    }
    bool at_name() const { return current_.kind == token_kind::word || current_.kind == token_kind::quoted_name; }
    bool at_symbol(char c) const { return current_.kind == token_kind::symbol && current_.text[0] == c; }
    token take() {
        const token out = current_;
        before_ = last_;
        last_ = current_;
        advance();
        return out;
    }
    bool take_word(std::string_view upper) {
        if (!at_word(upper)) return false;
        take();
        return true;
    }
    // a.b."c": one view over the text, from the first name to the last.
    std::string_view take_name() {
        const char* begin = current_.text.data();
        const char* end = begin + current_.text.size();
        take();
        while (at_symbol('.') && current_.text.data() == end) {
            take();
            if (!at_name()) break;
            end = current_.text.data() + current_.text.size();
            take();
        }
        return {begin, static_cast<std::size_t>(end - begin)};
    }
    // What was taken last, and before that.
    bool after_word(std::string_view upper) const {
        return last_.kind == token_kind::word && same_word(last_.text, upper);
    }
    const token& last() const { return last_; }
    const token& before_last() const { return before_; }

private:
    void advance() {
        do {
            current_ = scanner_.next();
        } while (current_.kind == token_kind::space || current_.kind == token_kind::comment);
    }
    scanner scanner_;
    token current_;
    token last_;
    token before_;
};

class summarizer {
public:
    summarizer(std::string_view sql, dialect rules) : in_(sql, rules) {}

    std::string run() {
        while (!in_.at_end() && !full_) statement();
        return std::move(out_);
    }

private:
    // What a level of parentheses is in the middle of.
    struct level {
        bool reads = false;      // SELECT or DELETE was seen: FROM names tables
        bool from_list = false;  // a comma names another table
    };

    void add(std::string_view word) {
        if (full_) return;
        if (out_.size() + word.size() + (out_.empty() ? 0 : 1) > max_summary) {
            full_ = true;
            return;
        }
        if (!out_.empty()) out_ += ' ';
        out_ += word;
    }

    void statement() {
        depth_ = 0;
        levels_.fill({});
        with_ = false;
        if (in_.at_symbol(';') || in_.at_symbol('(')) {
            open_or_close(in_.take());
            if (!in_.at_end() && depth_ == 0) return;
        }
        if (in_.at_word("CREATE") || in_.at_word("ALTER") || in_.at_word("DROP")) return definition();
        if (in_.at_word("EXEC") || in_.at_word("EXECUTE") || in_.at_word("CALL") || in_.at_word("PRAGMA"))
            return call();
        if (in_.at_word("EXPLAIN")) {
            add(in_.take().text);
            while (in_.at_word("QUERY") || in_.at_word("PLAN") || in_.at_word("ANALYZE")) in_.take();
        }
        if (in_.at_word("WITH")) {
            in_.take();
            in_.take_word("RECURSIVE");
            with_ = true;
            cte_name();
        } else if (in_.at_word("TRUNCATE")) {
            add(in_.take().text);
            in_.take_word("TABLE");
            target();
        } else if (!verb() && in_.peek().kind == token_kind::word) {
            add(in_.take().text);  // VACUUM, BEGIN, SET, SHOW …
        }
        while (!in_.at_end() && !full_ && !in_.at_symbol(';')) clause();
    }

    // CREATE UNIQUE INDEX IF NOT EXISTS name …: the rest, with its bodies, belongs to the object.
    void definition() {
        add(in_.take().text);
        std::size_t modifiers = 0;
        while (in_.at_name() && !one_of(in_.peek().text, object_types) && ++modifiers < 8) in_.take();
        bool has_body = false;
        if (in_.at_name()) {
            has_body = in_.at_word("TRIGGER") || in_.at_word("PROCEDURE") || in_.at_word("FUNCTION");
            add(in_.take().text);
        }
        in_.take_word("CONCURRENTLY");
        if (in_.take_word("IF")) {
            in_.take_word("NOT");
            in_.take_word("EXISTS");
        }
        if (in_.at_name() && !in_.at_word("ON")) add(in_.take_name());
        while (!in_.at_end() && (has_body || !in_.at_symbol(';'))) in_.take();
    }

    void call() {
        add(in_.take().text);
        if (in_.at_name()) add(in_.take_name());
        while (!in_.at_end() && !in_.at_symbol(';')) in_.take();
    }

    // One that may stand where a statement begins. False: something else.
    bool verb() {
        if (in_.at_word("SELECT")) {
            add(in_.take().text);
            levels_[depth_] = {true, false};
        } else if (in_.at_word("DELETE")) {
            add(in_.take().text);
            levels_[depth_] = {true, false};
        } else if (in_.at_word("UPDATE")) {
            add(in_.take().text);
            if (in_.take_word("OR")) in_.take();
            in_.take_word("IGNORE");
            in_.take_word("ONLY");
            target();
            levels_[depth_] = {true, false};  // UPDATE … FROM
        } else if (in_.at_word("INSERT") || in_.at_word("REPLACE") || in_.at_word("MERGE")) {
            merge_ = in_.at_word("MERGE");
            add(in_.take().text);
            if (in_.take_word("OR")) in_.take();
            while (in_.at_word("IGNORE") || in_.at_word("LOW_PRIORITY") || in_.at_word("DELAYED")) in_.take();
            in_.take_word("INTO");
            target(false);
            levels_[depth_] = {};
        } else {
            return false;
        }
        return true;
    }

    void clause() {
        const token& t = in_.peek();
        if (t.kind != token_kind::word) {
            const token taken = in_.take();
            if (taken.kind == token_kind::symbol) symbol(taken);
            return;
        }
        if (same_word(t.text, "SELECT")) return select();
        // WITH moved AS (DELETE …) INSERT …; replace(…) is a function here.
        const bool begins = with_ && (in_.last().text == "(" || in_.last().text == ")");
        if (begins && !same_word(t.text, "REPLACE") && verb()) return;
        level& here = levels_[depth_];
        if (same_word(t.text, "FROM")) {
            const bool distinct_from = in_.after_word("DISTINCT") && same_word(in_.before_last().text, "IS");
            const bool not_distinct = in_.after_word("DISTINCT") && same_word(in_.before_last().text, "NOT");
            in_.take();
            if (here.reads && !distinct_from && !not_distinct) from();
        } else if (same_word(t.text, "JOIN") || (merge_ && same_word(t.text, "USING"))) {
            in_.take();
            from();
        } else {
            if (ends_from_list(t.text)) here.from_list = false;
            in_.take();
        }
    }

    // SELECT is a keyword wherever it stands alone; the ones of a UNION are one operation.
    void select() {
        const bool set_operator = in_.after_word("UNION") || in_.after_word("INTERSECT") || in_.after_word("EXCEPT") ||
                                  in_.after_word("ALL") || in_.after_word("MINUS");
        if (in_.last().text == ".") {  // t.select
            in_.take();
            return;
        }
        if (set_operator) {
            in_.take();
        } else {
            add(in_.take().text);
        }
        levels_[depth_] = {true, false};
    }

    void symbol(const token& t) {
        if (t.text == "," && levels_[depth_].from_list) {
            target();
        } else if (t.text == "," && with_ && depth_ == 0 && in_.last().text == "," && in_.before_last().text == ")") {
            cte_name();
        } else {
            open_or_close(t);
        }
    }

    void open_or_close(const token& t) {
        if (t.text == "(") {
            if (depth_ + 1 < max_depth) {
                levels_[++depth_] = {};
            } else {
                full_ = true;
            }
        } else if (t.text == ")" && depth_ > 0) {
            --depth_;
        }
    }

    static bool ends_from_list(std::string_view word) {
        static constexpr std::array<std::string_view, 10> words = {"WHERE", "GROUP",  "ORDER",  "HAVING", "LIMIT",
                                                                   "UNION", "EXCEPT", "WINDOW", "SET",    "RETURNING"};
        return one_of(word, words);
    }

    void from() {
        levels_[depth_].from_list = true;
        target();
    }

    // `call_is_none`: name(…) is a function, not a table.
    void target(bool call_is_none = true) {
        while (in_.at_word("ONLY") || in_.at_word("LATERAL")) in_.take();
        if (!in_.at_name()) return;  // (SELECT …), or a string
        if (in_.at_word("SELECT") || in_.at_word("VALUES")) return;
        const std::string_view name = in_.take_name();
        if (call_is_none && in_.at_symbol('(')) return;
        const std::string_view* begin = ctes_.data();
        const std::string_view* end = begin + cte_count_;
        if (std::find(begin, end, name) == end) add(name);
    }

    void cte_name() {
        if (!in_.at_name()) return;
        const std::string_view name = in_.take_name();
        if (cte_count_ < max_ctes) ctes_[cte_count_++] = name;
    }

    reader in_;
    std::string out_;
    bool full_ = false;
    bool with_ = false;   // inside WITH …
    bool merge_ = false;  // USING names a table
    std::size_t depth_ = 0;
    std::array<level, max_depth> levels_{};
    std::array<std::string_view, max_ctes> ctes_{};
    std::size_t cte_count_ = 0;
};

}  // namespace

std::string summarize(std::string_view sql, dialect rules) {
    return summarizer(sql.substr(0, max_summarised), rules).run();
}

}  // namespace skua::otel::sql
