// SPDX-License-Identifier: Apache-2.0
// What most databases agree on.
#include <skua/orm/dialect.hpp>

namespace skua::orm {

void dialect::on_conflict(std::string& out, std::string_view columns) const {
    out.append(" ON CONFLICT (").append(columns).append(")");
}
void dialect::do_nothing(std::string& out, std::string_view) const {
    out += " DO NOTHING";
}
void dialect::do_update(std::string& out) const {
    out += " DO UPDATE SET ";
}
void dialect::excluded(std::string& out, std::string_view quoted) const {
    out.append("excluded.").append(quoted);
}

}  // namespace skua::orm
