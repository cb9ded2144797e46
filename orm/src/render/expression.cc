// SPDX-License-Identifier: Apache-2.0
// From nodes in postfix order to text, with as few parentheses as are needed.
#include "renderer.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

char upper(char ch) {
    return ch >= 'a' && ch <= 'z' ? static_cast<char>(ch - 32) : ch;
}

// AND or OR as a word, outside of quotes.
bool has_connective(std::string_view text) {
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char ch = text[i];
        if (quote) {
            if (ch == quote) quote = '\0';
            continue;
        }
        if (ch == '\'' || ch == '"' || ch == '`') quote = ch;
        if (ch != ' ' && ch != '\n' && ch != '\t') continue;
        for (const std::string_view word : {std::string_view("AND"), std::string_view("OR")}) {
            if (i + 1 + word.size() >= text.size()) continue;
            const bool same = std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                         [](char a, char b) { return a == upper(b); });
            const char after = text[i + 1 + word.size()];
            if (same && (after == ' ' || after == '\n' || after == '\t' || after == '(')) return true;
        }
    }
    return false;
}

void add_names(std::vector<std::string>& to, std::vector<std::string>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

fragment pop(std::vector<fragment>& stack) {
    if (stack.empty()) return {};
    fragment f = std::move(stack.back());
    stack.pop_back();
    return f;
}

std::string list_text(const fragment& f) {
    if (f.list == 0) return "(NULL)";
    std::string text = "(";
    for (std::uint32_t i = 0; i < f.list; ++i) {
        if (i) text += ", ";
        text += mark;
    }
    return text + ")";
}

}  // namespace

void renderer::membership(std::vector<fragment>& stack, bool inside) {
    fragment list = pop(stack), left = pop(stack);
    fragment made;
    made.binds = p_compare;
    if (list.list == 0 && !inside)
        made.text = left.text + " IS NOT NULL";
    else if (list.list == 1)
        made.text = left.text + (inside ? " = " : " <> ") + mark;
    else
        made.text = left.text + (inside ? " IN " : " NOT IN ") + list_text(list);
    made.names = std::move(left.names);
    made.names.insert(made.names.end(), list.list, left.column);
    stack.push_back(std::move(made));
}

void renderer::binary(std::vector<fragment>& stack, node_kind kind) {
    struct op {
        std::string_view text;
        int binds;
    };
    const auto which = [&]() -> op {
        switch (kind) {
            case node_kind::eq:
                return {" = ", p_compare};
            case node_kind::ne:
                return {" <> ", p_compare};
            case node_kind::lt:
                return {" < ", p_compare};
            case node_kind::le:
                return {" <= ", p_compare};
            case node_kind::gt:
                return {" > ", p_compare};
            case node_kind::ge:
                return {" >= ", p_compare};
            case node_kind::like:
                return {" LIKE ", p_compare};
            case node_kind::not_like:
                return {" NOT LIKE ", p_compare};
            case node_kind::add:
                return {" + ", p_add};
            case node_kind::sub:
                return {" - ", p_add};
            case node_kind::mul:
                return {" * ", p_multiply};
            case node_kind::div:
                return {" / ", p_multiply};
            case node_kind::and_:
                return {" AND ", p_and};
            default:
                return {" OR ", p_or};
        }
    }();
    fragment right = pop(stack), left = pop(stack);
    fragment made;
    made.binds = which.binds;
    const bool same_side = which.binds <= p_and;  // AND and OR need none on either side of their like
    if (left.binds < which.binds) left.text = in_parentheses(std::move(left.text));
    if (right.binds < which.binds || (!same_side && right.binds == which.binds))
        right.text = in_parentheses(std::move(right.text));
    if (!left.column.empty()) std::fill(right.names.begin(), right.names.end(), left.column);
    if (!right.column.empty()) std::fill(left.names.begin(), left.names.end(), right.column);
    made.text = std::move(left.text);
    made.text += which.text;
    made.text += right.text;
    made.names = std::move(left.names);
    add_names(made.names, right.names);
    stack.push_back(std::move(made));
}

// As gorm: a chain is written side by side; a condition with AND or OR inside gets parentheses.
void renderer::join(std::vector<fragment>& stack, node_kind kind) {
    fragment right = pop(stack), left = pop(stack);
    const bool with_or = kind == node_kind::where_or;
    if (!left.joined && left.binds <= p_or) left.text = in_parentheses(std::move(left.text));
    if (right.binds <= (with_or ? p_and : p_or)) right.text = in_parentheses(std::move(right.text));
    fragment made;
    made.joined = true;
    made.binds = with_or || (left.joined && left.binds == p_or) ? p_or : p_and;
    made.text = left.text + (with_or ? " OR " : " AND ") + right.text;
    made.names = std::move(left.names);
    add_names(made.names, right.names);
    stack.push_back(std::move(made));
}

// Puts the operands where the question marks are.
void renderer::words(std::vector<fragment>& stack, std::string_view text, std::size_t args) {
    fragment made;
    const std::size_t base = stack.size() >= args ? stack.size() - args : 0;
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char ch = text[i];
        std::size_t copied_to = i + 1;
        if (ch == '\'' || ch == '"' || ch == '`') {
            const std::size_t close = text.find(ch, i + 1);
            copied_to = close == std::string_view::npos ? text.size() : close + 1;
        } else if (text.substr(i, 2) == "--") {
            const std::size_t line = text.find('\n', i);
            copied_to = line == std::string_view::npos ? text.size() : line + 1;
        } else if (text.substr(i, 2) == "/*") {
            const std::size_t close = text.find("*/", i + 2);
            copied_to = close == std::string_view::npos ? text.size() : close + 2;
        } else if (ch == '?') {
            if (i + 1 < text.size() && text[i + 1] == '?') {
                made.text += '?';
                ++i;
                continue;
            }
            if (base + used >= stack.size()) {
                if (failed) failed = fail(errc::invalid_value, "SQL text has more placeholders than arguments");
                continue;
            }
            fragment& operand = stack[base + used++];
            const bool wrapped =
                !made.text.empty() && made.text.back() == '(' && i + 1 < text.size() && text[i + 1] == ')';
            if (operand.is_list) {
                std::string list = list_text(operand);
                made.text += wrapped ? list.substr(1, list.size() - 2) : list;
                made.names.insert(made.names.end(), operand.list, std::string());
            } else {
                made.text += operand.text;
                add_names(made.names, operand.names);
            }
            continue;
        }
        made.text += text.substr(i, copied_to - i);
        i = copied_to - 1;
    }
    if (used != args && failed) failed = fail(errc::invalid_value, "SQL text has fewer placeholders than arguments");
    stack.resize(base);
    made.binds = has_connective(text) ? p_or : p_atom;
    stack.push_back(std::move(made));
}

void renderer::expression(const expr& e) {
    fragment f = fold(e);
    out += f.text;
    add_names(names, f.names);
}

void renderer::conditions(const expr& e, bool more_follows) {
    fragment f = fold(e);
    if (more_follows && f.binds < p_and) f.text = in_parentheses(std::move(f.text));
    out += f.text;
    add_names(names, f.names);
}

fragment renderer::fold(const expr& e) {
    std::vector<fragment> stack;
    for (const node& n : e.nodes) {
        fragment f;
        switch (n.kind) {
            case node_kind::column:
                if (const field_info* c = qualified(f.text, static_cast<const column_ref*>(n.what)))
                    f.column = c->column;
                stack.push_back(std::move(f));
                break;
            case node_kind::field: {
                const auto* c = static_cast<const field_info*>(n.what);
                qualified(f.text, *c);
                f.column = c->column;
                stack.push_back(std::move(f));
                break;
            }
            case node_kind::value:
                f.text = mark;
                f.names.emplace_back();
                stack.push_back(std::move(f));
                break;
            case node_kind::list:
                f.is_list = true;
                f.list = n.size;
                stack.push_back(std::move(f));
                break;
            case node_kind::text:
                words(stack, {static_cast<const char*>(n.what), n.size}, n.args);
                break;
            case node_kind::owned_text:
                words(stack, *e.texts[n.size], n.args);
                break;
            case node_kind::in:
                membership(stack, true);
                break;
            case node_kind::not_in:
                membership(stack, false);
                break;
            case node_kind::is_null:
            case node_kind::is_not_null:
                f = pop(stack);
                f.text += n.kind == node_kind::is_null ? " IS NULL" : " IS NOT NULL";
                f.binds = p_compare;
                f.column.clear();
                stack.push_back(std::move(f));
                break;
            case node_kind::not_:
                f = pop(stack);
                f.text = "NOT " + (f.binds < p_atom ? in_parentheses(std::move(f.text)) : std::move(f.text));
                f.binds = p_not;
                f.joined = false;
                stack.push_back(std::move(f));
                break;
            case node_kind::where_and:
            case node_kind::where_or:
                join(stack, n.kind);
                break;
            default:
                binary(stack, n.kind);
        }
    }
    return pop(stack);
}

}  // namespace skua::orm::detail
