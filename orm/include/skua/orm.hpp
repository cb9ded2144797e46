// SPDX-License-Identifier: Apache-2.0
// skua::orm. With a driver beside it (<skua/orm/sqlite.hpp>) this is all a program includes.
#pragma once

#include <skua/orm/database.hpp>
#include <skua/orm/event.hpp>
#include <skua/orm/migrator.hpp>
#include <skua/orm/model.hpp>
#include <skua/orm/query.hpp>
