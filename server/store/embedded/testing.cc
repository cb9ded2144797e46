// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/testing.h"

#include <cstring>
#include <limits>

namespace skua::store::embedded {

model::RawBody body_of(const model::SpanBatch& batch) {
    model::RawBody body;
    body.bytes = std::string_view(reinterpret_cast<const char*>(&batch), sizeof batch);
    return body;
}

base::Result<model::DecodeCounts> BatchDecoder::decode(const model::RawBody& body, model::SpanSink& sink) const {
    const auto& batch = *reinterpret_cast<const model::SpanBatch*>(body.bytes.data());
    const model::Resource* resource = nullptr;
    const model::Scope* scope = nullptr;
    model::DecodeCounts counts;
    for (const model::Span& span : batch.spans()) {
        if (span.resource != resource) {
            sink.resource(*span.resource);
            scope = nullptr;
        }
        resource = span.resource;
        if (span.scope != scope) sink.scope(*span.scope);
        scope = span.scope;
        sink.span(span);
        ++counts.accepted_spans;
    }
    return counts;
}

base::Result<SegmentFiles::Created> DiskFiles::create(std::uint64_t id, std::string_view suffix) {
    const std::string name = "seg/" + std::to_string(id) + "." + std::string(suffix);
    SKUA_ASSIGN_OR_RETURN(auto file, disk_.open(name, {Access::kCreate}));
    files_.push_back(std::move(file));
    return Created{files_.back().get(), name};
}

std::string SpanMaker::text(std::size_t variants) {
    return "text-" + std::to_string(below(variants));
}

std::string SpanMaker::bytes() {
    std::string out(below(12), '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
}

model::Attributes SpanMaker::attributes(model::SpanBatch& into, std::size_t max) {
    const auto out = into.allocate<model::Attribute>(below(max + 1));
    for (model::Attribute& a : out) {
        a.key = into.copy("key." + std::to_string(below(10)));
        switch (below(options_.plain ? 5 : 9)) {
            case 0:
                a.value = model::Value::of_string(into.copy(text(6)));
                break;
            case 1:
                a.value = model::Value::of_string(into.copy(text(1'000'000)));
                break;
            case 2:
                a.value = model::Value::of_int(static_cast<std::int64_t>(below(2) == 0 ? below(5) : random_()));
                break;
            case 3:
                a.value = model::Value::of_bool(below(2) == 0);
                break;
            case 4:
                a.value = model::Value::of_double(static_cast<double>(below(1000)) / 8);
                break;
            case 5:
                a.value = model::Value::of_bytes(into.copy(bytes()));
                break;
            // Bodies of nested messages are opaque to the store.
            case 6:
                a.value =
                    model::Value::with_text(model::ValueType::kArray, into.copy(std::string("\x0a\x03\x0a\x01x", 5)));
                break;
            case 7:
                a.value = model::Value{};
                break;
            default:
                a.value = model::Value::of_string(into.copy(std::string(below(600), 'x')));
                break;
        }
    }
    return out;
}

model::Span SpanMaker::span(model::SpanBatch& into) {
    model::Span s;
    s.trace_id = {0xABCD, (below(options_.traces) + 1) * 0x9E3779B97F4A7C15ULL};
    s.span_id = {next_id_++ * 0x2545F4914F6CDD1DULL};
    if (below(5) != 0) s.parent_span_id = {(1 + below(next_id_)) * 0x2545F4914F6CDD1DULL};
    s.name = into.copy("operation-" + std::to_string(below(options_.names)));
    s.kind = static_cast<model::SpanKind>(below(options_.plain ? 6 : 8));
    s.start_ns = options_.start_ns + below(options_.spread_ns);
    if (below(3) == 0) s.start_ns -= s.start_ns % 1000;
    s.end_ns = s.start_ns + below(1'000'000'000);
    if (below(3) == 0) s.end_ns -= s.end_ns % 1000;
    if (!options_.plain && below(30) == 0) s.end_ns = s.start_ns - below(1000);
    if (!options_.plain && below(50) == 0) s.start_ns = below(2) == 0 ? 0 : std::numeric_limits<std::uint64_t>::max();
    s.attributes = attributes(into, 6);
    s.status_code = below(10) == 0 ? model::StatusCode::kError : static_cast<model::StatusCode>(below(2));
    if (below(8) == 0) s.status_message = into.copy(text(3));
    if (below(3) == 0) s.flags = 0x101;
    if (below(6) == 0) s.trace_state = into.copy("vendor=" + text(4));
    if (below(4) == 0) {
        const auto events = into.allocate<model::Event>(below(4));
        for (model::Event& e : events) {
            e.time_ns = s.start_ns + below(1000);
            e.name = into.copy(text(4));
            e.attributes = attributes(into, 3);
            if (below(3) == 0) e.dropped_attributes_count = 2;
            if (!options_.plain) e.unknown_fields = into.copy(bytes());
        }
        s.events = events;
    }
    if (below(6) == 0) {
        const auto links = into.allocate<model::Link>(below(3));
        for (model::Link& l : links) {
            l.trace_id = {random_(), random_()};
            l.span_id = {random_()};
            l.trace_state = into.copy(text(2));
            l.attributes = attributes(into, 2);
            l.flags = static_cast<std::uint32_t>(below(300));
            l.dropped_attributes_count = static_cast<std::uint32_t>(below(2));
            if (!options_.plain) l.unknown_fields = into.copy(bytes());
        }
        s.links = links;
    }
    if (below(20) == 0) {
        s.dropped_attributes_count = 1;
        s.dropped_events_count = 2;
        s.dropped_links_count = 3;
    }
    if (!options_.plain && below(10) == 0) {
        s.unknown_fields = into.copy(bytes());
        s.status_unknown_fields = into.copy(bytes());
    }
    return s;
}

model::SpanBatch SpanMaker::batch(std::size_t spans) {
    model::SpanBatch out;
    const model::Resource* resource = nullptr;
    const model::Scope* scope = nullptr;
    for (std::size_t i = 0; i < spans; ++i) {
        if (resource == nullptr || below(20) == 0) {
            model::Resource r;
            const auto attributes = out.allocate<model::Attribute>(3);
            attributes[0] = {"service.name",
                             model::Value::of_string(out.copy("service-" + std::to_string(below(options_.services))))};
            attributes[1] = {"host.name", model::Value::of_string(out.copy(text(3)))};
            attributes[2] = {"process.pid", model::Value::of_int(static_cast<std::int64_t>(below(4)))};
            r.attributes = attributes;
            r.schema_url = below(2) == 0 ? "https://example.com/schema" : "";
            if (!options_.plain && below(5) == 0) r.unknown_fields = "\x1a\x01z";
            if (!options_.plain && below(5) == 0) r.attributes = {};
            resource = out.copy(r);
            scope = nullptr;
        }
        if (scope == nullptr || below(10) == 0) {
            model::Scope s;
            s.name = out.copy(text(3));
            s.version = below(2) == 0 ? "1.0" : "";
            if (!options_.plain) s.attributes = attributes(out, 2);
            scope = out.copy(s);
        }
        out.append(span(out), resource, scope);
    }
    return out;
}

}  // namespace skua::store::embedded
