// SPDX-License-Identifier: Apache-2.0
#include "render.h"

#include <algorithm>
#include <cstring>

namespace skua::orm::detail {
namespace {

// Stands for a placeholder until the text is complete and they can be numbered.
constexpr char mark = '\x01';

enum precedence { p_or = 1, p_and, p_not, p_compare, p_add, p_multiply, p_atom };

struct fragment {
    std::string text;
    int binds = p_atom;
    bool joined = false;             // conditions of a chain, side by side
    std::string column;              // what it is, if it is a column
    std::vector<std::string> names;  // of its placeholders
    std::uint32_t list = 0;
    bool is_list = false;
};

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

std::string in_parentheses(std::string text) {
    return "(" + std::move(text) + ")";
}

void add_names(std::vector<std::string>& to, std::vector<std::string>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class renderer {
public:
    renderer(const dialect& d, const model_info* model) : d_(d), model_(model) {}

    std::string out;
    std::vector<std::string> names;
    status failed;

    void quoted(std::string_view identifier) { d_.quote(out, identifier); }
    void value_of(std::string name) {
        out += mark;
        names.push_back(std::move(name));
    }
    const field_info* column(const column_ref* ref) {
        const model_info* of = nullptr;
        const field_info* f = ref->resolve(&of);
        if (f && of == model_) return f;
        error e;
        e.code = errc::invalid_field;
        e.column = f ? f->column : "";
        e.table = of->table;
        e.message = "column " + of->table + "." + (f ? f->column : "?") + " is not in this statement, which is about " +
                    (model_ ? model_->table : std::string("no table"));
        if (failed) failed = std::move(e);
        return nullptr;
    }
    void expression(const expr& e) {
        fragment f = fold(e);
        out += f.text;
        add_names(names, f.names);
    }
    // Conditions of a chain, in parentheses when more is to follow and they hold an OR.
    void conditions(const expr& e, bool more_follows) {
        fragment f = fold(e);
        if (more_follows && f.binds < p_and) f.text = in_parentheses(std::move(f.text));
        out += f.text;
        add_names(names, f.names);
    }
    void order(const ast::query& q);
    void where(const ast::query& q);
    void columns_of(const ast::query& q);
    void list_columns(const std::vector<const column_ref*>& columns) {
        bool first = true;
        for (const column_ref* ref : columns)
            if (const field_info* f = column(ref)) {
                if (!first) out += ", ";
                first = false;
                quoted(f->column);
            }
    }
    render_result finish(std::string operation, std::string collection);

private:
    fragment fold(const expr& e);
    void binary(std::vector<fragment>& stack, node_kind kind);
    void join(std::vector<fragment>& stack, node_kind kind);
    void words(std::vector<fragment>& stack, std::string_view text, std::size_t args);
    void membership(std::vector<fragment>& stack, bool inside);

    const dialect& d_;
    const model_info* model_;
};

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

fragment renderer::fold(const expr& e) {
    std::vector<fragment> stack;
    for (const node& n : e.nodes) {
        fragment f;
        switch (n.kind) {
            case node_kind::column:
                if (const field_info* c = column(static_cast<const column_ref*>(n.what))) {
                    d_.quote(f.text, c->column);
                    f.column = c->column;
                }
                stack.push_back(std::move(f));
                break;
            case node_kind::field: {
                const auto* c = static_cast<const field_info*>(n.what);
                d_.quote(f.text, c->column);
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

void renderer::where(const ast::query& q) {
    const bool hides_deleted = model_->deleted_at >= 0 && !q.unscoped;
    if (q.where.empty() && !hides_deleted) return;
    out += " WHERE ";
    if (!q.where.empty()) {
        conditions(q.where, hides_deleted);
        if (hides_deleted) out += " AND ";
    }
    if (hides_deleted) {
        quoted(model_->fields[static_cast<std::size_t>(model_->deleted_at)].column);
        out += " IS NULL";
    }
}

void renderer::order(const ast::query& q) {
    if (q.order.empty() && !q.key_order) return;
    out += " ORDER BY ";
    bool first = true;
    for (const order_term& term : q.order) {
        if (!first) out += ", ";
        first = false;
        if (term.column) {
            if (const field_info* f = column(term.column)) quoted(f->column);
            if (term.descending) out += " DESC";
        } else {
            out += term.owned_literal ? std::string_view(*term.owned_literal) : term.literal;
        }
    }
    if (!q.key_order) return;
    // gorm: the key, or without one the first field.
    const std::size_t key = model_->prioritized_key >= 0 ? static_cast<std::size_t>(model_->prioritized_key)
                            : model_->primary.empty()    ? 0U
                                                         : model_->primary[0];
    if (!first) out += ", ";
    if (!model_->fields.empty()) quoted(model_->fields[key].column);
    if (q.key_order < 0) out += " DESC";
}

void renderer::columns_of(const ast::query& q) {
    if (q.distinct) out += "DISTINCT ";
    if (q.what == ast::projection::columns) return list_columns(q.columns);
    const model_info& shape = q.shape ? *q.shape : *model_;
    bool first = true;
    for (const target_field& t : shape.targets) {
        if (!is_selected(q, t)) continue;
        if (!first) out += ", ";
        first = false;
        if (&shape != model_ && !model_->by_column(t.column)) {
            error e;
            e.code = errc::invalid_field;
            e.column = t.column;
            e.table = model_->table;
            e.message = "column " + std::string(t.column) + " of " + shape.name + " is not in " + model_->table;
            if (failed) failed = std::move(e);
        }
        quoted(t.column);
    }
}

render_result renderer::finish(std::string operation, std::string collection) {
    if (!failed) return std::move(failed.error());
    auto made = std::make_unique<statement_info>();
    made->sql.reserve(out.size() + 16);
    std::size_t number = 0;
    for (const char ch : out) {
        if (ch == mark)
            d_.placeholder(made->sql, ++number);
        else
            made->sql += ch;
    }
    if (!operation.empty()) made->summary = collection.empty() ? operation : operation + " " + collection;
    made->writes = operation == "INSERT" || operation == "UPDATE" || operation == "DELETE";
    made->operation = std::move(operation);
    made->collection = std::move(collection);
    made->parameter_names = std::move(names);
    return made;
}

void set_clause(renderer& r, const ast::query& q) {
    r.out += " SET ";
    bool first = true;
    for (const assignment& a : q.set) {
        const field_info* f = a.field ? a.field : r.column(a.column);
        if (!f) continue;
        if (!first) r.out += ", ";
        first = false;
        r.quoted(f->column);
        r.out += " = ";
        const std::size_t names_before = r.names.size();
        r.expression(a.to);
        std::fill(r.names.begin() + static_cast<std::ptrdiff_t>(names_before), r.names.end(), f->column);
    }
}

bool counts_inside(const ast::query& q) {
    return !q.group.empty() || q.limit >= 0 || q.offset >= 0 || (q.distinct && q.columns.size() != 1);
}

void select_body(renderer& r, const dialect& d, const ast::query& q, bool with_order) {
    r.out += " FROM ";
    r.quoted(q.model->table);
    r.where(q);
    if (!q.group.empty()) {
        r.out += " GROUP BY ";
        r.list_columns(q.group);
    }
    if (!q.having.empty()) {
        r.out += " HAVING ";
        r.conditions(q.having, false);
    }
    if (with_order) r.order(q);
    if (q.limit >= 0 || q.offset >= 0) {
        d.limit(r.out, q.limit >= 0, q.offset >= 0, std::string_view(&mark, 1));
        for (int i = (q.limit >= 0) + (q.offset >= 0); i > 0; --i) r.names.emplace_back();
    }
    if (q.for_update) d.for_update(r.out);
}

render_result render_count(const dialect& d, const ast::query& q) {
    renderer r(d, q.model);
    if (counts_inside(q)) {
        r.out = "SELECT count(*) FROM (SELECT ";
        if (q.distinct)
            r.columns_of(q);
        else
            r.out += "1";
        select_body(r, d, q, false);
        r.out += ") AS \"counted\"";
    } else {
        if (q.distinct) {
            r.out = "SELECT count(DISTINCT ";
            r.list_columns(q.columns);
            r.out += ")";
        } else {
            r.out = "SELECT count(*)";
        }
        select_body(r, d, q, false);
    }
    return r.finish("SELECT", q.model->table);
}

render_result render_select(const dialect& d, const ast::query& q) {
    renderer r(d, q.model);
    r.out = "SELECT ";
    r.columns_of(q);
    select_body(r, d, q, true);
    return r.finish("SELECT", q.model->table);
}

}  // namespace

bool is_selected(const ast::query& q, const target_field& t) {
    return q.columns.empty() || std::any_of(q.columns.begin(), q.columns.end(), [&](const column_ref* ref) {
               const field_info* f = ref->resolve(nullptr);
               return f && f->column == t.column;
           });
}

const field_info* resolve_in(const model_info& m, const column_ref* ref) noexcept {
    const model_info* of = nullptr;
    const field_info* f = ref->resolve(&of);
    return of == &m ? f : nullptr;
}

render_result render_query(const dialect& d, const ast::query& q, verb what) {
    switch (what) {
        case verb::select:
            return render_select(d, q);
        case verb::count:
            return render_count(d, q);
        case verb::update: {
            renderer r(d, q.model);
            r.out = "UPDATE ";
            r.quoted(q.model->table);
            set_clause(r, q);
            r.where(q);
            return r.finish("UPDATE", q.model->table);
        }
        case verb::remove: {
            renderer r(d, q.model);
            r.out = "DELETE FROM ";
            r.quoted(q.model->table);
            r.where(q);
            return r.finish("DELETE", q.model->table);
        }
    }
    return error{};
}

render_result render_text(const dialect& d, const expr& text) {
    renderer r(d, nullptr);
    r.expression(text);
    render_result made = r.finish({}, {});
    if (made) (*made)->raw = true;
    return made;
}

std::vector<const field_info*> updatable_on_conflict(const model_info& m) {
    std::vector<const field_info*> out;
    for (const field_info& f : m.fields)
        if (!f.primary && f.auto_create == tag_time::off && f.desc->tags.updatable && !f.default_in_database)
            out.push_back(&f);
    return out;
}

render_result render_insert(const dialect& d, const insert_shape& what) {
    const model_info& m = *what.model;
    renderer r(d, &m);
    r.out = "INSERT INTO ";
    r.quoted(m.table);
    if (what.columns.empty()) {
        d.default_values(r.out);
    } else {
        r.out += " (";
        for (std::size_t i = 0; i < what.columns.size(); ++i) {
            if (i) r.out += ", ";
            r.quoted(what.columns[i]->column);
        }
        r.out += ") VALUES ";
        for (std::size_t row = 0; row < what.rows; ++row) {
            r.out += row ? ", (" : "(";
            for (std::size_t i = 0; i < what.columns.size(); ++i) {
                if (i) r.out += ", ";
                r.value_of(what.columns[i]->column);
            }
            r.out += ")";
        }
    }
    if (what.conflict) {
        r.out += " ON CONFLICT (";
        if (what.conflict->columns.empty()) {
            for (std::size_t i = 0; i < m.primary.size(); ++i) {
                if (i) r.out += ", ";
                r.quoted(m.fields[m.primary[i]].column);
            }
        } else {
            r.list_columns(what.conflict->columns);
        }
        r.out += ")";
        std::vector<const field_info*> update;
        if (what.conflict->what == ast::conflict::act::update_all) update = updatable_on_conflict(m);
        for (const column_ref* ref : what.conflict->update)
            if (const field_info* f = r.column(ref)) update.push_back(f);
        if (update.empty())
            r.out += " DO NOTHING";
        else
            r.out += " DO UPDATE SET ";
        for (std::size_t i = 0; i < update.size(); ++i) {
            if (i) r.out += ", ";
            r.quoted(update[i]->column);
            r.out += " = excluded.";
            r.quoted(update[i]->column);
        }
    }
    for (std::size_t i = 0; i < what.returning.size(); ++i) {
        r.out += i ? ", " : " RETURNING ";
        r.quoted(what.returning[i]->column);
    }
    return r.finish("INSERT", m.table);
}

void add_shape_of(shape& to, const expr& e) {
    to.add(e.nodes.size());
    for (const node& n : e.nodes) {
        std::uint64_t words[2];
        static_assert(sizeof(node) == sizeof words);
        std::memcpy(words, &n, sizeof words);
        to.add(words[0]);
        to.add(words[1]);
    }
    if (!e.texts.empty()) to.cacheable = false;
}

void add_shape(shape& to, const ast::query& q) {
    to.add(q.model);
    to.add(q.shape);
    std::uint64_t flags = static_cast<std::uint64_t>(q.what);
    for (const bool flag :
         {q.unscoped, q.distinct, q.for_update, q.limit >= 0, q.offset >= 0, q.key_order > 0, q.key_order < 0})
        flags = flags << 1 | (flag ? 1U : 0U);
    to.add(flags << 24 | q.columns.size() << 16 | q.group.size() << 8 | q.order.size());
    to.add(q.set.size());
    for (const column_ref* c : q.columns) to.add(c);
    for (const column_ref* c : q.group) to.add(c);
    for (const order_term& t : q.order) {
        to.add(t.column);
        to.add(t.literal.data());
        to.add(t.literal.size() << 1 | (t.descending ? 1U : 0U));
        if (t.owned_literal) to.cacheable = false;
    }
    for (const assignment& a : q.set) {
        to.add(a.field ? static_cast<const void*>(a.field) : a.column);
        add_shape_of(to, a.to);
    }
    add_shape_of(to, q.where);
    add_shape_of(to, q.having);
}

void collect_values(value_list& into, const ast::query& q, verb what) {
    if (what == verb::update)
        for (const assignment& a : q.set)
            for (const value& v : a.to.values) into.push_back(v.view());
    for (const value& v : q.where.values) into.push_back(v.view());
    if (what != verb::select && what != verb::count) return;
    for (const value& v : q.having.values) into.push_back(v.view());
    if (q.limit >= 0) into.push_back(value_view::integer(q.limit));
    if (q.offset >= 0) into.push_back(value_view::integer(q.offset));
}

}  // namespace skua::orm::detail
