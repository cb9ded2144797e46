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
    if (list.is_query) {
        made.text = left.text + (inside ? " IN " : " NOT IN ") + list.text;
        made.names = std::move(left.names);
        add_names(made.names, list.names);
        stack.push_back(std::move(made));
        return;
    }
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

// Puts the operands where the question marks, or the names, are.
void renderer::words(std::vector<fragment>& stack, const node& n, std::string_view text) {
    fragment made;
    const std::size_t args = n.args;
    const std::size_t base = stack.size() >= args ? stack.size() - args : 0;
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (const std::size_t past = skip_quoted(text, i); past != i) {
            made.text += text.substr(i, past - i);
            i = past;
            continue;
        }
        const char wanted = n.named ? '@' : '?';
        const std::string_view name = n.named ? name_at(text, i) : std::string_view();
        if (text[i] == wanted && text.substr(i + 1, 1) == text.substr(i, 1)) {
            made.text += wanted;
            i += 2;
            continue;
        }
        if (text[i] != wanted || (n.named && name.empty())) {
            made.text += text[i++];
            continue;
        }
        i += 1 + name.size();
        if (base + used >= stack.size() || used == args) {
            if (failed) failed = fail(errc::invalid_value, "SQL text has more placeholders than arguments");
            continue;
        }
        fragment& operand = stack[base + used++];
        const bool wrapped = !made.text.empty() && made.text.back() == '(' && i < text.size() && text[i] == ')';
        if (operand.is_list) {
            std::string list = list_text(operand);
            made.text += wrapped ? list.substr(1, list.size() - 2) : list;
            made.names.insert(made.names.end(), operand.list, std::string());
            continue;
        }
        const bool twice = wrapped && operand.is_query;
        made.text += twice ? operand.text.substr(1, operand.text.size() - 2) : operand.text;
        add_names(made.names, operand.names);
    }
    if (used != args && failed) failed = fail(errc::invalid_value, "SQL text has fewer placeholders than arguments");
    stack.resize(base);
    made.binds = has_connective(text) ? p_or : p_atom;
    stack.push_back(std::move(made));
}

void renderer::select_inside(std::vector<fragment>& stack, const ast::query& q) {
    renderer inner(*this, q);
    write_select(inner, d_, q);
    if (!inner.failed && failed) failed = std::move(inner.failed);
    fragment f;
    f.text = in_parentheses(std::move(inner.out));
    f.names = std::move(inner.names);
    f.is_query = true;
    stack.push_back(std::move(f));
}

void renderer::one_operand(fragment& f, node_kind kind) {
    f.column.clear();
    switch (kind) {
        case node_kind::is_null:
        case node_kind::is_not_null:
            f.text += kind == node_kind::is_null ? " IS NULL" : " IS NOT NULL";
            f.binds = p_compare;
            return;
        case node_kind::exists:
            f.text = "EXISTS " + f.text;
            f.binds = p_atom;
            return;
        default:
            f.text = "NOT " + (f.binds < p_atom ? in_parentheses(std::move(f.text)) : std::move(f.text));
            f.binds = p_not;
            f.joined = false;
    }
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
    if (e.owned && !e.owned->mistake.empty() && failed) failed = fail(errc::invalid_value, e.owned->mistake);
    std::vector<fragment> stack;
    for (const node& n : e.nodes) {
        fragment f;
        switch (n.kind) {
            case node_kind::column:
                if (const field_info* c = write_column(f.text, static_cast<const column_ref*>(n.what)))
                    f.column = c->column;
                stack.push_back(std::move(f));
                break;
            case node_kind::field: {
                const auto* c = static_cast<const field_info*>(n.what);
                write_field(f.text, *c);
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
                words(stack, n, {static_cast<const char*>(n.what), n.size});
                break;
            case node_kind::owned_text:
                words(stack, n, *e.owned->texts[n.size]);
                break;
            case node_kind::subquery:
                select_inside(stack, *e.owned->queries[n.size]);
                break;
            case node_kind::in:
                membership(stack, true);
                break;
            case node_kind::not_in:
                membership(stack, false);
                break;
            case node_kind::is_null:
            case node_kind::is_not_null:
            case node_kind::exists:
            case node_kind::not_:
                f = pop(stack);
                one_operand(f, n.kind);
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
