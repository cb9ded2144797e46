// SPDX-License-Identifier: Apache-2.0
// joins(): the tables of a statement besides its own, under which names, in which order.
#pragma once

#include "../render/render.h"
#include "relation.h"

#include <string>
#include <vector>

namespace skua::orm {
struct row_target;
class row_source;
}  // namespace skua::orm

namespace skua::orm::detail {

struct joined_table {
    const ast::join* said = nullptr;
    const relation_info* relation = nullptr;  // null: said->model, or text
    std::size_t step = 0;                     // of said->path
    int parent = -1;                          // the table the relation starts from; -1: the statement's
    std::string alias, parent_alias;
    [[nodiscard]] const model_info* model() const noexcept { return relation ? relation->target : said->model; }
    [[nodiscard]] const ast::query* how() const noexcept { return relation ? said->path[step].how.get() : nullptr; }
    // Read into a member of its parent's object.
    bool read = false;
};

struct join_plan {
    const model_info* model = nullptr;
    std::string alias;  // of the statement's own table
    std::vector<joined_table> tables;
    status broken;  // a relation that does not exist

    [[nodiscard]] const joined_table* by_path(const relation_ref* const* path, std::size_t steps) const;
    [[nodiscard]] const joined_table* by_alias(std::string_view alias) const noexcept;
};

// A relation said of an alias (orm::as<User>("boss").company): only where `own` is it, the name of the table asked for.
status check_alias(std::string_view own, const ast::relation_step& first);
// No joins: no tables.
join_plan plan_joins(const ast::query& q);
// The columns of a joined object that are asked for.
std::vector<target_field> columns_of_join(const joined_table& t);
// Text after the alias of a link table.
inline constexpr std::string_view link_alias = "__link";

void add_shape_of_joins(shape& to, const std::vector<ast::join>& joins);
// In the order of the placeholders.
void values_of_joins(value_list& into, const ast::query& q);
void tell_joined(statement_info& about, const join_plan& plan);

// Reads what is behind the columns of the statement's own table.
class join_reader {
public:
    explicit join_reader(const ast::query& q);
    [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }
    // `object`: of the statement's model, `column`: the first one behind its own.
    status read(void* object, row_source& source, int column);

private:
    struct part {
        const relation_info* relation;
        int parent;  // in parts_; -1: the object itself
        std::vector<target_field> fields;
        std::vector<bool> key;  // whether the field is of the key
        void* object = nullptr;
    };
    std::vector<part> parts_;
};

}  // namespace skua::orm::detail
