// SPDX-License-Identifier: Apache-2.0
// The door: which kind of statement, and the text's last touch.
#include "../core.h"
#include "renderer.h"

namespace skua::orm::detail {

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

render_result render_query(const dialect& d, const ast::query& q, verb what) {
    const bool reads = what == verb::select || what == verb::count;
    renderer r = reads ? renderer(d, q) : renderer(d, q.model);
    const auto selected = [&] {
        render_result made = r.finish("SELECT", q.model->table);
        if (made && r.joined()) tell_joined(**made, r.plan());
        return made;
    };
    if (!reads && q.related && !q.related->joins.empty())
        return make_error(errc::unsupported, "update() and remove() go without joins; say where(key.in(…)) instead");
    switch (what) {
        case verb::select:
            write_select(r, d, q);
            return selected();
        case verb::count:
            write_count(r, d, q);
            return selected();
        case verb::update:
            write_update(r, q);
            return r.finish("UPDATE", q.model->table);
        case verb::remove:
            write_remove(r, q);
            return r.finish("DELETE", q.model->table);
        case verb::insert:
            return render_insert_of(d, q);
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
}  // namespace skua::orm::detail
