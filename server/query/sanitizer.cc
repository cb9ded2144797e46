// SPDX-License-Identifier: Apache-2.0
#include "query/sanitizer.h"

#include "model/nested.h"
#include "query/go_syntax.h"
#include "store/keys.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

namespace skua::query {
namespace {

constexpr std::string_view kServiceName = "service.name";

bool is_clean(const model::Attribute& a) {
    return store::is_valid_utf8(a.key) &&
           (a.value.type != model::ValueType::kString || store::is_valid_utf8(a.value.text));
}

// Invalid keys are taken out and kept as bytes at the end; invalid strings become bytes in place.
model::Attributes clean_utf8(model::SpanBatch& batch, model::Attributes attributes) {
    if (std::all_of(attributes.begin(), attributes.end(), is_clean)) return attributes;
    std::vector<model::Attribute> kept;
    std::vector<model::Attribute> moved;
    for (const model::Attribute& a : attributes) {
        if (!store::is_valid_utf8(a.key)) {
            std::string pair = std::string(a.key) + ":";
            model::append_string_form(pair, a.value);
            const std::string key = fmt::format("invalid-tag-key-{}", moved.size() + 1);
            moved.push_back({batch.copy(key), model::Value::of_bytes(batch.copy(pair))});
        } else {
            kept.push_back(a);
            if (!is_clean(a)) kept.back().value.type = model::ValueType::kBytes;
        }
    }
    kept.insert(kept.end(), moved.begin(), moved.end());
    const std::span<model::Attribute> out = batch.allocate<model::Attribute>(kept.size());
    std::copy(kept.begin(), kept.end(), out.begin());
    return out;
}

model::Attributes with(model::SpanBatch& batch, model::Attributes attributes, const model::Attribute& one) {
    const std::span<model::Attribute> out = batch.allocate<model::Attribute>(attributes.size() + 1);
    std::copy(attributes.begin(), attributes.end(), out.begin());
    out.back() = one;
    return out;
}

model::Attributes named_service(model::SpanBatch& batch, const model::Resource& resource) {
    const model::Value* name = store::find(resource.attributes, kServiceName);
    const bool usable = name != nullptr && name->type == model::ValueType::kString && !name->text.empty();
    if (usable) return resource.attributes;
    // The constants of service_key outlive every batch. Invalid UTF-8 is clean_utf8's.
    const model::Value repaired = model::Value::of_string(store::service_key(resource));
    if (name == nullptr) return with(batch, resource.attributes, {kServiceName, repaired});
    const std::span<model::Attribute> out = batch.allocate<model::Attribute>(resource.attributes.size());
    std::copy(resource.attributes.begin(), resource.attributes.end(), out.begin());
    for (model::Attribute& a : out) {
        if (a.key != kServiceName) continue;
        a.value = repaired;
        break;
    }
    return out;
}

const model::Resource* clean(model::SpanBatch& batch, const model::Resource* resource) {
    const model::Attributes attributes = clean_utf8(batch, named_service(batch, *resource));
    if (attributes.data() == resource->attributes.data() && attributes.size() == resource->attributes.size())
        return resource;
    model::Resource& copy = batch.allocate<model::Resource>(1)[0];
    copy = *resource;
    copy.attributes = attributes;
    return &copy;
}

const model::Scope* clean(model::SpanBatch& batch, const model::Scope* scope) {
    const model::Attributes attributes = clean_utf8(batch, scope->attributes);
    if (attributes.data() == scope->attributes.data()) return scope;
    model::Scope& copy = batch.allocate<model::Scope>(1)[0];
    copy = *scope;
    copy.attributes = attributes;
    return &copy;
}

void clean_name(model::SpanBatch& batch, model::Span& span) {
    if (span.name.empty()) {
        span.name = "empty-span-name";
    } else if (!store::is_valid_utf8(span.name)) {
        span.attributes = with(batch, span.attributes, {"invalid-span-name", model::Value::of_bytes(span.name)});
        span.name = "invalid-span-name";
    }
}

}  // namespace

void sanitize(Trace& trace) {
    std::unordered_map<const model::Resource*, const model::Resource*> resources;
    std::unordered_map<const model::Scope*, const model::Scope*> scopes;
    model::SpanBatch& batch = trace.batch;
    for (std::size_t i = 0; i < batch.spans().size(); ++i) {
        model::Span& span = batch.spans()[i];
        const auto [resource, new_resource] = resources.try_emplace(span.resource, nullptr);
        if (new_resource) resource->second = clean(batch, span.resource);
        const auto [scope, new_scope] = scopes.try_emplace(span.scope, nullptr);
        if (new_scope) scope->second = clean(batch, span.scope);
        span.resource = resource->second;
        span.scope = scope->second;
        span.attributes = clean_utf8(batch, span.attributes);
        clean_name(batch, span);
        if (span.end_ns <= span.start_ns) {
            const std::uint64_t end = store::end_key(span);
            trace.warn(
                i,
                fmt::format(
                    "Negative duration detected, sanitizing end timestamp. Original end timestamp: {}, adjusted to: {}",
                    format_time(span.end_ns), format_time(end)));
            span.end_ns = end;
        }
    }
}

}  // namespace skua::query
