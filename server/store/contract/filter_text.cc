// SPDX-License-Identifier: Apache-2.0
#include "store/contract/filter_text.h"

#include "store/contract/span_text.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

namespace skua::store::testing {
namespace {

base::Error invalid(std::string_view what) {
    return {base::Code::kInvalidArgument, fmt::format("cannot read filter text: got '{}'", what)};
}

// Parentheses stand alone as tokens when they are outside quotes.
std::vector<std::string> words(std::string_view text) {
    std::string spaced;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        const bool bracket = !quoted && (c == '(' || c == ')');
        if (bracket) spaced += ' ';
        spaced += c;
        if (bracket) spaced += ' ';
    }
    return tokens(spaced);
}

class Parser {
public:
    explicit Parser(std::vector<std::string> input) : words_(std::move(input)) {}

    base::Result<Filter> call() {
        if (next() != "(") return invalid("no (");
        Filter filter;
        const std::string op = next();
        if (op_from(op) == nullptr) return invalid(op);
        filter.op = *op_from(op);
        const bool tree =
            filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot || filter.op == Op::kSome;
        if (filter.op == Op::kSome) {
            const std::string level = next();
            if (level_from(level) == nullptr) return invalid(level);
            filter.reference.level = *level_from(level);
        }
        if (!tree) {
            SKUA_ASSIGN_OR_RETURN(filter.reference, reference(next()));
        }
        while (at_ < words_.size() && peek() != ")") {
            if (tree) {
                SKUA_ASSIGN_OR_RETURN(Filter child, call());
                filter.children.push_back(std::move(child));
            } else {
                filter.literals.push_back(literal(next()));
            }
        }
        next();
        return filter;
    }

private:
    std::string peek() const { return at_ < words_.size() ? words_[at_] : std::string(); }
    std::string next() {
        std::string word = peek();
        ++at_;
        return word;
    }

    static base::Result<Reference> reference(const std::string& word) {
        const std::size_t colon = word.find(':');
        const std::size_t dot = word.find('.');
        const std::string level_name = word.substr(0, std::min(colon, dot));
        const Level* level = level_from(level_name);
        const Level chosen = level != nullptr ? *level : Level::kEverywhere;
        if (level == nullptr && level_name != "any") return invalid(word);
        if (colon < dot) return attribute(chosen, word.substr(colon + 1));
        SKUA_ASSIGN_OR_RETURN(const Field name, field_from(chosen, word.substr(dot + 1)));
        return field(chosen, name);
    }

    static Literal literal(const std::string& word) {
        if (word.starts_with("int:")) return integer(std::strtoll(word.c_str() + 4, nullptr, 10));
        if (word.starts_with("ns:")) return nanos(std::strtoll(word.c_str() + 3, nullptr, 10));
        if (word.starts_with("double:")) return number(std::strtod(word.c_str() + 7, nullptr));
        if (word.starts_with("bool:")) return boolean(word == "bool:true");
        if (word.starts_with("str:")) return text(word.substr(4));
        return untyped(word);
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
};

}  // namespace

base::Result<Filter> read_filter(std::string_view text) {
    return Parser(words(text)).call();
}

}  // namespace skua::store::testing
