// SPDX-License-Identifier: Apache-2.0
#include <skua/orm/plugins/hints.hpp>

namespace skua::orm::hints {
namespace {

using place = ast::hint::place;

hint comment_at(place where, std::string_view opening, std::string_view text) {
    std::string out(opening);
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += static_cast<unsigned char>(text[i]) < ' ' ? ' ' : text[i];
        if (text[i] == '*' && i + 1 < text.size() && text[i + 1] == '/') out += ' ';
    }
    return hint({where, out + " */"});
}

void quote(std::string& out, char with, std::string_view name) {
    out += with;
    for (const char ch : name) {
        if (ch == with) out += ch;
        out += static_cast<unsigned char>(ch) < ' ' ? ' ' : ch;
    }
    out += with;
}

hint indexes(std::string_view how, std::initializer_list<std::string_view> names) {
    std::string out = std::string(how) + " INDEX (";
    const char* between = "";
    for (const std::string_view name : names) {
        out += std::exchange(between, ", ");
        quote(out, '`', name);
    }
    return hint({place::after_table, out + ")"});
}

}  // namespace

hint optimizer(std::string_view text) {
    return comment_at(place::after_verb, "/*+ ", text);
}
hint comment(std::string_view text) {
    return comment_at(place::back, "/* ", text);
}
hint comment_before(std::string_view text) {
    return comment_at(place::front, "/* ", text);
}

hint use_index(std::initializer_list<std::string_view> names) {
    return indexes("USE", names);
}
hint force_index(std::initializer_list<std::string_view> names) {
    return indexes("FORCE", names);
}
hint ignore_index(std::initializer_list<std::string_view> names) {
    return indexes("IGNORE", names);
}

hint indexed_by(std::string_view name) {
    std::string out = "INDEXED BY ";
    quote(out, '"', name);
    return hint({place::after_table, std::move(out)});
}
hint not_indexed() {
    return hint({place::after_table, "NOT INDEXED"});
}

}  // namespace skua::orm::hints
