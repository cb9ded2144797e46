// SPDX-License-Identifier: Apache-2.0
// What lies between tables that are there and models.
#pragma once

#include "../relation/constraint.h"
#include "rebuild.h"
#include "run.h"
#include "text.h"

#include <deque>
#include <span>
#include <vector>

namespace skua::orm::detail {

class planner {
public:
    planner(ddl_runner& run, bool alters) : run_(run), text_(run.of()), alters_(alters) {}
    // Every difference, or (alters: false) only what adds.
    result<std::vector<ddl>> plan(std::span<const model_info* const> models);
    // One column, to what the model says.
    result<std::vector<ddl>> alter(const model_info& m, const field_info& f);

private:
    // A table and its models. Of several, `all` has what each has that those
    // before it have not.
    struct table_models {
        const model_info* all = nullptr;
        std::vector<const model_info*> of;
        model_info* merged = nullptr;  // the same as `all`, where there are several
    };
    void gather();
    // Names that the database would cut, and that cannot be.
    [[nodiscard]] status names_fit(const model_info& m) const;
    status table(const table_models& t);
    status create(const model_info& m, std::vector<foreign_key> keys);
    status keys_of(const table_models& t, std::vector<foreign_key>& into) const;
    [[nodiscard]] bool made_later(const model_info& m, const model_info& referenced) const;
    status columns(const model_info& m);
    void comment(const model_info& m, const field_info& f);
    void compare(const model_info& m, const field_info& f, const stored_column& stored);
    status constraints(const model_info& m, const std::vector<stored_index>& indexes,
                       const std::vector<foreign_key>& keys);
    void add_constraint(const model_info& m, const std::string& name, std::string clause);
    status finish_rebuild(const model_info& m);
    void add(std::string sql, std::string operation, const std::string& table, std::string what, bool alters = false,
             bool loses = false);

    ddl_runner& run_;
    ddl_text text_;
    bool alters_;
    std::vector<const model_info*> all_;  // to be there, in the order of their tables
    std::vector<table_models> tables_;    // the same, each table once
    std::deque<model_info> merged_;       // of those that have several models
    std::vector<foreign_key> later_;      // that refer to tables made after theirs
    std::vector<ddl> steps_;
    std::vector<table_edit> edits_;  // of the present table, where it must be made anew
    std::string edits_what_;
    bool edits_lose_ = false, edits_alter_ = false;
};

// Runs the steps in a transaction, where the database has DDL in transactions. `replan`: asked again inside, where
// nobody can interfere.
status apply_steps(const handle& on, location at, const operation_info& operation, std::vector<ddl> steps,
                   result<std::vector<ddl>> (*replan)(void* arg, ddl_runner& run), void* arg);

}  // namespace skua::orm::detail
