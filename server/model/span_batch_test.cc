// SPDX-License-Identifier: Apache-2.0
#include "model/span_batch.h"

#include <gtest/gtest.h>

namespace skua::model {
namespace {

TEST(SpanBatch, CopiesEverythingAndSurvivesAMove) {
    SpanBatch batch;
    {
        std::string text = "GET /";
        const Attribute attribute{text, Value::of_string(text)};
        const Event event{7, text, {&attribute, 1}};
        const Link link{{1, 2}, {3}, text, {&attribute, 1}};
        const Resource resource{{&attribute, 1}, 1, text};
        const Scope scope{text, text};
        Span span;
        span.name = text;
        span.attributes = {&attribute, 1};
        span.events = {&event, 1};
        span.links = {&link, 1};
        span.status_message = text;
        batch.append(span, batch.copy(resource), batch.copy(scope));
        text.assign(5, 'x');
    }
    const SpanBatch moved = std::move(batch);
    const Span& span = moved.spans().at(0);
    for (const std::string_view copy :
         {span.name, span.status_message, span.attributes[0].key, span.attributes[0].value.text, span.events[0].name,
          span.events[0].attributes[0].value.text, span.links[0].trace_state, span.links[0].attributes[0].key,
          span.resource->schema_url, span.resource->attributes[0].key, span.scope->name, span.scope->version}) {
        EXPECT_EQ(copy, "GET /");
    }
    EXPECT_EQ(span.events[0].time_ns, 7U);
    EXPECT_EQ(span.links[0].trace_id, (TraceId{1, 2}));
    EXPECT_EQ(span.resource->dropped_attributes_count, 1U);
}

}  // namespace
}  // namespace skua::model
