// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct plain { int x = 0; };
auto use(orm::database& db) { return db.from<plain>().find(); }
