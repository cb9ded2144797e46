// SPDX-License-Identifier: Apache-2.0
#include "model/nested.h"
#include "query/adjusters/adjusters.h"
#include "store/keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <fmt/core.h>

namespace skua::query {
namespace {

constexpr std::array<std::string_view, 5> kLibraryKeys = {"telemetry.sdk.language", "telemetry.sdk.name",
                                                          "telemetry.sdk.version", "telemetry.distro.name",
                                                          "telemetry.distro.version"};

bool is_library_key(std::string_view key) {
    return std::find(kLibraryKeys.begin(), kLibraryKeys.end(), key) != kLibraryKeys.end();
}

std::string form(const model::Value& value) {
    std::string text;
    model::append_string_form(text, value);
    return text;
}

// A resource while spans give it attributes.
struct Growing {
    std::vector<model::Attribute> attributes;
    bool grown = false;
};

}  // namespace

void move_library_attributes(Trace& trace) {
    model::SpanBatch& batch = trace.batch;
    auto& spans = batch.spans();
    std::unordered_map<const model::Resource*, Growing> resources;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        model::Span& span = spans[i];
        if (std::none_of(span.attributes.begin(), span.attributes.end(),
                         [](const auto& a) { return is_library_key(a.key); }))
            continue;
        Growing& resource = resources[span.resource];
        if (resource.attributes.empty())
            resource.attributes.assign(span.resource->attributes.begin(), span.resource->attributes.end());
        std::vector<model::Attribute> kept;
        for (const model::Attribute& a : span.attributes) {
            if (!is_library_key(a.key)) {
                kept.push_back(a);
                continue;
            }
            const model::Value* there = store::find(resource.attributes, a.key);
            if (there == nullptr) {
                resource.attributes.push_back(a);
                resource.grown = true;
            } else if (form(*there) != form(a.value)) {
                trace.warn(i, fmt::format("conflicting values between Span and Resource for attribute {}", a.key));
                kept.push_back(a);
            }
        }
        const std::span<model::Attribute> out = batch.allocate<model::Attribute>(kept.size());
        std::copy(kept.begin(), kept.end(), out.begin());
        span.attributes = out;
    }
    std::unordered_map<const model::Resource*, const model::Resource*> made;
    for (const auto& [old, growing] : resources) {
        if (!growing.grown) continue;
        model::Resource& resource = batch.allocate<model::Resource>(1)[0];
        resource = *old;
        const std::span<model::Attribute> out = batch.allocate<model::Attribute>(growing.attributes.size());
        std::copy(growing.attributes.begin(), growing.attributes.end(), out.begin());
        resource.attributes = out;
        made.emplace(old, &resource);
    }
    for (model::Span& span : spans) {
        const auto found = made.find(span.resource);
        if (found != made.end()) span.resource = found->second;
    }
}

}  // namespace skua::query
