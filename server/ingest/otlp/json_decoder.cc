// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/json_decoder.h"

#include "ingest/limits.h"
#include "ingest/otlp/json_fields.h"
#include "ingest/otlp/json_pieces.h"
#include "ingest/span_builder.h"
#include "model/nested.h"

#include <deque>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace skua::ingest {
namespace {

using model::Attribute;
using simdjson::dom::element;
using namespace otlp;  // NOLINT(google-build-using-namespace): JSON readers

std::int32_t read_enum(element value, const JsonPath& path, std::string_view prefix,
                       const std::vector<std::string_view>& names) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && text.substr(0, prefix.size()) == prefix) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (text.substr(prefix.size()) == names[i]) return static_cast<std::int32_t>(i);
        }
        refuse(path, fmt::format("got '{}'; want one of {}*", text.substr(0, 60), prefix));
    }
    const std::int64_t number = read_int64(value, path);
    if (number < std::numeric_limits<std::int32_t>::min() || number > std::numeric_limits<std::int32_t>::max()) {
        refuse(path, fmt::format("got {}; want a 32-bit integer", number));
    }
    return static_cast<std::int32_t>(number);
}

model::SpanKind read_kind(element value, const JsonPath& path) {
    static const std::vector<std::string_view> names{"UNSPECIFIED", "INTERNAL", "SERVER",
                                                     "CLIENT",      "PRODUCER", "CONSUMER"};
    return static_cast<model::SpanKind>(read_enum(value, path, "SPAN_KIND_", names));
}

model::StatusCode read_status_code(element value, const JsonPath& path) {
    static const std::vector<std::string_view> names{"UNSET", "OK", "ERROR"};
    return static_cast<model::StatusCode>(read_enum(value, path, "STATUS_CODE_", names));
}

class Walk {
public:
    explicit Walk(model::SpanSink& sink) : sink_(sink) {}

    void request(element root);
    void request_in_pieces(std::string_view body);
    model::DecodeCounts take_counts() { return std::move(counts_); }

private:
    void resource_spans(element value, const JsonPath& path);
    void resource_spans_in_pieces(std::string_view text, const JsonPath& path);
    void begin_resource();
    void scope_spans(element value, const JsonPath& path);
    void scope_spans_in_pieces(std::string_view text, const JsonPath& path);
    void begin_scope();
    void resource(element value, const JsonPath& path);
    void scope(element value, const JsonPath& path);
    void span(element value, const JsonPath& path);
    void event(element value, const JsonPath& path);
    void link(element value, const JsonPath& path);
    void status(element value, const JsonPath& path);

    // `others`: attributes counted together with those of `out`.
    void attributes(element value, const JsonPath& path, std::vector<Attribute>& out, std::deque<std::string>& texts,
                    std::size_t others);
    Attribute key_value(element value, const JsonPath& path, std::deque<std::string>& texts, int depth);
    model::Value any_value(element value, const JsonPath& path, std::deque<std::string>& texts, int depth);
    std::string container(element value, const JsonPath& path, model::ValueType type, int depth);

    model::SpanSink& sink_;
    model::DecodeCounts counts_;
    model::Resource resource_;
    std::vector<Attribute> resource_attributes_;
    std::deque<std::string> resource_texts_;
    model::Scope scope_;
    std::vector<Attribute> scope_attributes_;
    std::deque<std::string> scope_texts_;
    SpanBuilder builder_;
    // Told to the sink with their first span: two bytes on the wire make an empty one, and no one needs it.
    bool is_resource_told_ = false;
    bool is_scope_told_ = false;
    // Of a body in pieces: what resources and scopes point to stays while their spans are parsed.
    JsonPieceParser resource_piece_;
    JsonPieceParser scope_piece_;
    JsonPieceParser piece_;
    std::string resource_schema_url_;
    std::string scope_schema_url_;
};

void Walk::request(element root) {
    const JsonPath path;
    for_each_member(root, path, [&](std::string_view key, element value) {
        if (!named(key, "resourceSpans")) return;
        for_each_element(value, path, "resourceSpans", [&](element e, const JsonPath& at) { resource_spans(e, at); });
    });
}

void Walk::request_in_pieces(std::string_view body) {
    const JsonPath path;
    if (JsonText(body).peek() != '{') refuse_type({}, piece_.parse(body), "an object");
    for_each_member_text(body, path, piece_, [&](std::string_view key, std::string_view value) {
        if (!named(key, "resourceSpans")) {
            piece_.parse(value);  // it must be JSON all the same
            return;
        }
        for_each_element_text(value, path, "resourceSpans", piece_,
                              [&](std::string_view text, const JsonPath& at) { resource_spans_in_pieces(text, at); });
    });
}

void Walk::begin_resource() {
    resource_ = {};
    resource_attributes_.clear();
    resource_texts_.clear();
}

void Walk::begin_scope() {
    scope_ = {};
    scope_attributes_.clear();
    scope_texts_.clear();
}

void Walk::resource_spans_in_pieces(std::string_view text, const JsonPath& path) {
    begin_resource();
    for_each_member_text(text, path, piece_, [&](std::string_view key, std::string_view value) {
        if (named(key, "resource")) {
            resource(resource_piece_.parse(value), path.at("resource"));
        } else if (named(key, "schemaUrl")) {
            resource_schema_url_ = read_text(piece_.parse(value), path.at("schemaUrl"));
            resource_.schema_url = resource_schema_url_;
        } else if (!named(key, "scopeSpans")) {
            piece_.parse(value);
        }
    });
    is_resource_told_ = false;
    for_each_member_text(text, path, piece_, [&](std::string_view key, std::string_view value) {
        if (!named(key, "scopeSpans")) return;
        for_each_element_text(value, path, "scopeSpans", piece_,
                              [&](std::string_view e, const JsonPath& at) { scope_spans_in_pieces(e, at); });
    });
}

void Walk::scope_spans_in_pieces(std::string_view text, const JsonPath& path) {
    begin_scope();
    for_each_member_text(text, path, piece_, [&](std::string_view key, std::string_view value) {
        if (named(key, "scope")) {
            scope(scope_piece_.parse(value), path.at("scope"));
        } else if (named(key, "schemaUrl")) {
            scope_schema_url_ = read_text(piece_.parse(value), path.at("schemaUrl"));
            scope_.schema_url = scope_schema_url_;
        } else if (!named(key, "spans")) {
            piece_.parse(value);
        }
    });
    is_scope_told_ = false;
    for_each_member_text(text, path, piece_, [&](std::string_view key, std::string_view value) {
        if (!named(key, "spans")) return;
        for_each_element_text(value, path, "spans", piece_,
                              [&](std::string_view e, const JsonPath& at) { span(piece_.parse(e), at); });
    });
}

// What the spans need may stand behind them: two walks over the members.
void Walk::resource_spans(element value, const JsonPath& path) {
    begin_resource();
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (named(key, "resource")) resource(member, path.at("resource"));
        if (named(key, "schemaUrl")) resource_.schema_url = read_text(member, path.at("schemaUrl"));
    });
    is_resource_told_ = false;
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (!named(key, "scopeSpans")) return;
        for_each_element(member, path, "scopeSpans", [&](element e, const JsonPath& at) { scope_spans(e, at); });
    });
}

void Walk::resource(element value, const JsonPath& path) {
    resource_attributes_.clear();
    resource_.dropped_attributes_count = 0;
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (named(key, "attributes")) attributes(member, path, resource_attributes_, resource_texts_, 0);
        if (named(key, "droppedAttributesCount")) {
            resource_.dropped_attributes_count = read_uint32(member, path.at("droppedAttributesCount"));
        }
    });
    resource_.attributes = resource_attributes_;
}

void Walk::scope_spans(element value, const JsonPath& path) {
    begin_scope();
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (named(key, "scope")) scope(member, path.at("scope"));
        if (named(key, "schemaUrl")) scope_.schema_url = read_text(member, path.at("schemaUrl"));
    });
    is_scope_told_ = false;
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (!named(key, "spans")) return;
        for_each_element(member, path, "spans", [&](element e, const JsonPath& at) { span(e, at); });
    });
}

void Walk::scope(element value, const JsonPath& path) {
    const std::string_view schema_url = scope_.schema_url;
    scope_ = {};
    scope_.schema_url = schema_url;
    scope_attributes_.clear();
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (named(key, "name")) scope_.name = read_text(member, path.at("name"));
        if (named(key, "version")) scope_.version = read_text(member, path.at("version"));
        if (named(key, "attributes")) attributes(member, path, scope_attributes_, scope_texts_, 0);
        if (named(key, "droppedAttributesCount")) {
            scope_.dropped_attributes_count = read_uint32(member, path.at("droppedAttributesCount"));
        }
    });
    scope_.attributes = scope_attributes_;
}

void Walk::span(element value, const JsonPath& path) {
    builder_.clear();
    model::Span& out = builder_.span;
    for_each_member(value, path, [&](std::string_view key, element member) {
        const auto is = [&](std::string_view name) { return named(key, name); };
        const JsonPath at = path.at(key);
        if (is("traceId")) {
            out.trace_id = read_trace_id(member, at);
        } else if (is("spanId")) {
            out.span_id = read_span_id(member, at);
        } else if (is("parentSpanId")) {
            out.parent_span_id = read_span_id(member, at);
        } else if (is("name")) {
            out.name = read_text(member, at);
        } else if (is("kind")) {
            out.kind = read_kind(member, at);
        } else if (is("startTimeUnixNano")) {
            out.start_ns = read_uint64(member, at);
        } else if (is("endTimeUnixNano")) {
            out.end_ns = read_uint64(member, at);
        } else if (is("attributes")) {
            attributes(member, path, builder_.attributes, builder_.texts, builder_.part_attributes.size());
        } else if (is("events")) {
            for_each_element(member, path, "events", [&](element e, const JsonPath& p) { event(e, p); });
        } else if (is("links")) {
            for_each_element(member, path, "links", [&](element e, const JsonPath& p) { link(e, p); });
        } else if (is("status")) {
            status(member, at);
        } else if (is("traceState")) {
            out.trace_state = read_text(member, at);
        } else if (is("flags")) {
            out.flags = read_uint32(member, at);
        } else if (is("droppedAttributesCount")) {
            out.dropped_attributes_count = read_uint32(member, at);
        } else if (is("droppedEventsCount")) {
            out.dropped_events_count = read_uint32(member, at);
        } else if (is("droppedLinksCount")) {
            out.dropped_links_count = read_uint32(member, at);
        }
    });
    if (out.trace_id.is_zero() || out.span_id.is_zero()) {
        if (counts_.rejected_spans++ == 0) {
            counts_.rejected_reason = path.text() + (out.trace_id.is_zero() ? ".traceId: is zero" : ".spanId: is zero");
        }
        return;
    }
    if (!is_resource_told_) sink_.resource(resource_);
    if (!is_scope_told_) sink_.scope(scope_);
    is_resource_told_ = is_scope_told_ = true;
    ++counts_.accepted_spans;
    sink_.span(builder_.finish(resource_, scope_));
}

void Walk::event(element value, const JsonPath& path) {
    if (builder_.events_count() >= kEventsMax)
        refuse(path, fmt::format("got more than {} events in a span", kEventsMax));
    model::Event out;
    const std::size_t first = builder_.part_attributes.size();
    for_each_member(value, path, [&](std::string_view key, element member) {
        const JsonPath at = path.at(key);
        if (named(key, "timeUnixNano")) out.time_ns = read_uint64(member, at);
        if (named(key, "name")) out.name = read_text(member, at);
        if (named(key, "attributes")) {
            attributes(member, path, builder_.part_attributes, builder_.texts, builder_.attributes.size());
        }
        if (named(key, "droppedAttributesCount")) out.dropped_attributes_count = read_uint32(member, at);
    });
    builder_.add_event(out, first);
}

void Walk::link(element value, const JsonPath& path) {
    if (builder_.links_count() >= kLinksMax) refuse(path, fmt::format("got more than {} links in a span", kLinksMax));
    model::Link out;
    const std::size_t first = builder_.part_attributes.size();
    for_each_member(value, path, [&](std::string_view key, element member) {
        const JsonPath at = path.at(key);
        if (named(key, "traceId")) out.trace_id = read_trace_id(member, at);
        if (named(key, "spanId")) out.span_id = read_span_id(member, at);
        if (named(key, "traceState")) out.trace_state = read_text(member, at);
        if (named(key, "attributes")) {
            attributes(member, path, builder_.part_attributes, builder_.texts, builder_.attributes.size());
        }
        if (named(key, "droppedAttributesCount")) out.dropped_attributes_count = read_uint32(member, at);
        if (named(key, "flags")) out.flags = read_uint32(member, at);
    });
    builder_.add_link(out, first);
}

void Walk::status(element value, const JsonPath& path) {
    model::Span& out = builder_.span;
    out.status_code = {};
    out.status_message = {};
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (named(key, "message")) out.status_message = read_text(member, path.at(key));
        if (named(key, "code")) out.status_code = read_status_code(member, path.at(key));
    });
}

void Walk::attributes(element value, const JsonPath& path, std::vector<Attribute>& out, std::deque<std::string>& texts,
                      std::size_t others) {
    for_each_element(value, path, "attributes", [&](element e, const JsonPath& at) {
        if (out.size() + others >= kAttributesMax) {
            refuse(at, fmt::format("got more than {} attributes", kAttributesMax));
        }
        out.push_back(key_value(e, at, texts, 0));
    });
}

Attribute Walk::key_value(element value, const JsonPath& path, std::deque<std::string>& texts, int depth) {
    Attribute out;
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (key == "key") out.key = read_text(member, path.at(key));
        if (key == "value") out.value = any_value(member, path.at(key), texts, depth);
    });
    return out;
}

// `texts` keeps what does not stand in the document as such: bytes, arrays and maps.
model::Value Walk::any_value(element value, const JsonPath& path, std::deque<std::string>& texts, int depth) {
    model::Value out;
    for_each_member(value, path, [&](std::string_view key, element member) {
        const JsonPath at = path.at(key);
        if (member.is_null()) return;  // a oneof that is not set
        if (named(key, "stringValue")) {
            out = model::Value::of_string(read_text(member, at));
        } else if (named(key, "boolValue")) {
            out = model::Value::of_bool(read_bool(member, at));
        } else if (named(key, "intValue")) {
            out = model::Value::of_int(read_int64(member, at));
        } else if (named(key, "doubleValue")) {
            out = model::Value::of_double(read_double(member, at));
        } else if (named(key, "bytesValue")) {
            out = model::Value::of_bytes(texts.emplace_back(read_bytes(member, at)));
        } else if (named(key, "arrayValue")) {
            out = model::Value::with_text(model::ValueType::kArray,
                                          texts.emplace_back(container(member, at, model::ValueType::kArray, depth)));
        } else if (named(key, "kvlistValue")) {
            out = model::Value::with_text(model::ValueType::kMap,
                                          texts.emplace_back(container(member, at, model::ValueType::kMap, depth)));
        }
    });
    return out;
}

std::string Walk::container(element value, const JsonPath& path, model::ValueType type, int depth) {
    if (depth >= model::kNestingMax) {
        refuse(path, fmt::format("nests too deep; want at most {} levels", model::kNestingMax));
    }
    std::string body;
    std::deque<std::string> texts;  // of one child at a time: they are copied into the body
    for_each_member(value, path, [&](std::string_view key, element member) {
        if (key != "values") return;
        for_each_element(member, path, "values", [&](element e, const JsonPath& at) {
            texts.clear();
            if (type == model::ValueType::kArray) {
                model::append_element(body, any_value(e, at, texts, depth + 1));
            } else {
                const Attribute entry = key_value(e, at, texts, depth + 1);
                model::append_entry(body, entry.key, entry.value);
            }
        });
    });
    return body;
}

}  // namespace

base::Result<model::DecodeCounts> OtlpJsonDecoder::decode(const model::RawBody& body, model::SpanSink& sink) const {
    try {
        Walk walk(sink);
        if (body.bytes.size() > whole_bytes_max_) {
            walk.request_in_pieces(body.bytes);
            return walk.take_counts();
        }
        simdjson::dom::parser parser;
        walk.request(parse_json(parser, body.bytes));
        return walk.take_counts();
    } catch (const JsonRefused& refused) {
        return base::Error{base::Code::kInvalidArgument, "cannot read OTLP JSON request: " + refused.cause};
    }
}

}  // namespace skua::ingest
