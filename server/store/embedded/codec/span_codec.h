// SPDX-License-Identifier: Apache-2.0
// Resources, scopes, events and links as bytes that stand alone. Everything comes back as it was given, in order.
//
// Format: docs/formats/segment.md, "Objects". Decoded texts are views into the bytes; arrays lie in the batch.
#pragma once

#include "model/span_batch.h"

#include <span>
#include <string>
#include <string_view>

namespace skua::store::embedded {

void encode_attributes(model::Attributes attributes, std::string& out);
void encode_resource(const model::Resource& resource, std::string& out);
void encode_scope(const model::Scope& scope, std::string& out);
void encode_events(std::span<const model::Event> events, std::string& out);
void encode_links(std::span<const model::Link> links, std::string& out);

// False: not such bytes. They are bounded by the input: no count is believed that the bytes could not hold.
bool decode_attributes(std::string_view in, model::SpanBatch& into, model::Attributes& out);
bool decode_resource(std::string_view in, model::SpanBatch& into, model::Resource& out);
bool decode_scope(std::string_view in, model::SpanBatch& into, model::Scope& out);
bool decode_events(std::string_view in, model::SpanBatch& into, std::span<const model::Event>& out);
bool decode_links(std::string_view in, model::SpanBatch& into, std::span<const model::Link>& out);

}  // namespace skua::store::embedded
