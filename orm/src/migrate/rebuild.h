// SPDX-License-Identifier: Apache-2.0
// SQLite cannot alter a column or a constraint: the table is made anew beside the old one from its edited text, filled,
// and takes its place; indexes, triggers and the counter of automatic keys are kept. Foreign keys must be off
// meanwhile: dropping the old table would delete what refers to it.
#pragma once

#include "run.h"

#include <string>
#include <string_view>
#include <vector>

namespace skua::orm::detail {

// One change of the items between the parentheses of CREATE TABLE.
struct table_edit {
    enum class act : std::uint8_t { replace_column, remove_column, add, remove_constraint };
    act what = act::add;
    std::string name;  // of the column or constraint
    std::string text;  // that takes its place, or is added
};

// CREATE TABLE with the edits, for a table of another name. Empty: the text is not understood, or a name is not in it.
std::string edited_table(std::string_view create, const std::vector<table_edit>& edits, std::string_view quoted_name);
// The statements, in order; indexes of these names are not made again.
result<std::vector<ddl>> rebuild_table(ddl_runner& run, const std::string& table, const std::vector<table_edit>& edits,
                                       std::string_view what, bool loses_data,
                                       const std::vector<std::string>& without_indexes = {});

}  // namespace skua::orm::detail
