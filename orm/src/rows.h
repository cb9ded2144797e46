// SPDX-License-Identifier: Apache-2.0
// Targets of the finishers: rows that become a vector, one row that goes into an object.
#pragma once

#include <skua/orm/detail/engine.hpp>

namespace skua::orm::detail {

class vector_target : public row_target {
public:
    // `expected`: as many rows will come; 0: unknown.
    vector_target(rows_wanted into, std::size_t expected);
    vector_target(const vector_target&) = delete;
    vector_target& operator=(const vector_target&) = delete;
    ~vector_target();
    // All went well: the vector is there, and the caller's.
    void finish();

private:
    // The vector is made once: when somebody wants to see the objects, or at the end.
    void* collect();

    row_blocks rows_;
    rows_wanted into_;
    void* first_ = nullptr;
    bool collected_ = false, finished_ = false;
};

class object_target : public row_target {
public:
    explicit object_target(row_wanted into);
    // Of a model.
    object_target(const model_info& model, void* object);
    bool there = false;

private:
    void take_one(void* object);
    void* object_;
};

}  // namespace skua::orm::detail
