// SPDX-License-Identifier: Apache-2.0
// Exact duplicates: clients send a span again when an answer got lost. Equal means every byte of the span, its scope,
// its resource and their schema URLs; a span that differs in anything is another span.
#pragma once

#include "model/span.h"

#include <cstdint>

namespace skua::store {

bool same_content(const model::Resource& a, const model::Resource& b);
bool same_content(const model::Scope& a, const model::Scope& b);
bool same_content(const model::Span& a, const model::Span& b);

// Equal spans have equal hashes. Cheap, not all fields, not for hostile input without the comparison above.
std::uint64_t content_hash(const model::Span& span);
std::uint64_t content_hash(const model::Resource& resource);
std::uint64_t content_hash(const model::Scope& scope);

}  // namespace skua::store
