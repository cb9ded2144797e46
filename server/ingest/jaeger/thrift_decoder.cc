// SPDX-License-Identifier: Apache-2.0
// Field numbers: jaeger-idl, thrift/jaeger.thrift and thrift/agent.thrift.
#include "ingest/jaeger/thrift_decoder.h"

#include "ingest/jaeger/thrift_reader.h"
#include "ingest/jaeger/translate.h"
#include "ingest/limits.h"
#include "ingest/span_builder.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace skua::ingest {
namespace {

using jaeger::Reference;
using jaeger::ThriftField;
using jaeger::ThriftReader;
using jaeger::ThriftType;
using model::Attribute;
using model::Value;

// Which fields of a struct came, to name the first required one that did not.
class Seen {
public:
    void add(std::int16_t id) { bits_ |= 1U << id; }  // REQUIRES: 0 < id < 32
    [[nodiscard]] bool has(std::int16_t id) const { return (bits_ >> id & 1) != 0; }

private:
    std::uint32_t bits_ = 0;
};
struct Required {
    std::int16_t id;
    std::string_view name;
};

class Walk {
public:
    explicit Walk(model::SpanSink& sink) : sink_(sink) {}

    bool agent_message(ThriftReader reader);
    bool batch(ThriftReader reader);
    [[nodiscard]] const std::string& error() const { return error_; }
    model::DecodeCounts take_counts() { return std::move(counts_); }

private:
    bool process(ThriftReader& reader);
    bool spans(ThriftReader& reader);
    bool span(ThriftReader& reader);
    bool tags(ThriftReader& reader, std::vector<Attribute>& out, std::deque<std::string>& texts, std::size_t others);
    bool tag(ThriftReader& reader, Attribute& out, std::deque<std::string>& texts);
    bool logs(ThriftReader& reader);
    bool log(ThriftReader& reader);
    bool references(ThriftReader& reader);
    bool reference(ThriftReader& reader, Reference& out);
    void deliver();

    // False with error_ set when the reader failed or a required field is missing.
    bool complete(const ThriftReader& reader, const Seen& seen, std::span<const Required> required);
    bool refuse(std::string_view cause);

    model::SpanSink& sink_;
    model::DecodeCounts counts_;
    std::string error_;
    std::string place_;  // "process", "spans[3]"
    std::string_view part_;
    model::Resource resource_;
    std::vector<Attribute> resource_attributes_;
    std::deque<std::string> resource_texts_;
    std::optional<jaeger::ScopeName> scope_name_;
    model::Scope scope_;
    SpanBuilder builder_;
    std::vector<Reference> references_;
};

bool Walk::refuse(std::string_view cause) {
    error_ = place_;
    if (!part_.empty()) error_.append(".").append(part_);
    if (!error_.empty()) error_ += ": ";
    error_ += cause;
    return false;
}

bool Walk::complete(const ThriftReader& reader, const Seen& seen, std::span<const Required> required) {
    if (!reader.ok()) return refuse("malformed Thrift: " + reader.error());
    for (const Required& field : required) {
        if (!seen.has(field.id)) return refuse(fmt::format("required field {} is missing", field.name));
    }
    return true;
}

bool Walk::agent_message(ThriftReader reader) {
    const jaeger::ThriftMessage message = reader.read_message();
    if (!reader.ok()) return refuse("malformed Thrift message: " + reader.error());
    if (message.name != "emitBatch") {
        return refuse(fmt::format("got a message named '{}'; want emitBatch", message.name.substr(0, 40)));
    }
    if (message.type != 1 && message.type != 4) {
        return refuse(fmt::format("got a message of type {}; want 1 (call) or 4 (oneway)", message.type));
    }
    ThriftField field;
    while (reader.next_field(field)) {
        if (field.id == 1 && field.type == ThriftType::kStruct) return batch(reader);
        reader.skip(field.type);
    }
    static constexpr std::array<Required, 1> kRequired = {{{1, "batch"}}};
    return complete(reader, {}, kRequired);
}

// The process may stand behind the spans and they need it: one walk finds both (and proves that everything is well
// formed), the next reads them.
bool Walk::batch(ThriftReader reader) {
    std::optional<ThriftReader> process_at;
    std::optional<ThriftReader> spans_at;
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        if (field.id == 1 && field.type == ThriftType::kStruct) process_at = reader;
        if (field.id == 2 && field.type == ThriftType::kList) spans_at = reader;
        reader.skip(field.type);
    }
    if (process_at) seen.add(1);
    if (spans_at) seen.add(2);
    static constexpr std::array<Required, 2> kRequired = {{{1, "process"}, {2, "spans"}}};
    return complete(reader, seen, kRequired) && process(*process_at) && spans(*spans_at);
}

bool Walk::process(ThriftReader& reader) {
    place_ = "process";
    std::string_view service_name;
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        if (field.id == 1 && field.type == ThriftType::kString) {
            service_name = reader.read_string();
            seen.add(1);
        } else if (field.id == 2 && field.type == ThriftType::kList) {
            if (!tags(reader, resource_attributes_, resource_texts_, 0)) return false;
        } else {
            reader.skip(field.type);
        }
    }
    static constexpr std::array<Required, 1> kRequired = {{{1, "serviceName"}}};
    if (!complete(reader, seen, kRequired)) return false;
    jaeger::translate_process(service_name, resource_attributes_, resource_texts_);
    resource_.attributes = resource_attributes_;
    sink_.resource(resource_);
    return true;
}

bool Walk::spans(ThriftReader& reader) {
    ThriftType element{};
    const std::uint32_t count = reader.read_list(element);
    place_ = "spans";
    if (count != 0 && element != ThriftType::kStruct) return refuse("elements are not structs");
    for (std::uint32_t i = 0; i < count; ++i) {
        place_ = fmt::format("spans[{}]", i);
        if (!span(reader)) return false;
        deliver();
    }
    return true;
}

bool Walk::span(ThriftReader& reader) {
    builder_.clear();
    references_.clear();
    model::Span& out = builder_.span;
    std::int64_t start_us = 0;
    std::int64_t duration_us = 0;
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        const auto is = [&](std::int16_t id, ThriftType type) { return field.id == id && field.type == type; };
        if (is(1, ThriftType::kI64)) {
            out.trace_id.low = static_cast<std::uint64_t>(reader.read_i64());
        } else if (is(2, ThriftType::kI64)) {
            out.trace_id.high = static_cast<std::uint64_t>(reader.read_i64());
        } else if (is(3, ThriftType::kI64)) {
            out.span_id.value = static_cast<std::uint64_t>(reader.read_i64());
        } else if (is(4, ThriftType::kI64)) {
            out.parent_span_id.value = static_cast<std::uint64_t>(reader.read_i64());
        } else if (is(5, ThriftType::kString)) {
            out.name = reader.read_string();
        } else if (is(6, ThriftType::kList)) {
            if (!references(reader)) return false;
        } else if (is(7, ThriftType::kI32)) {
            out.flags = static_cast<std::uint32_t>(reader.read_i32()) & 1;  // sampled: the same bit in both
        } else if (is(8, ThriftType::kI64)) {
            start_us = reader.read_i64();
        } else if (is(9, ThriftType::kI64)) {
            duration_us = reader.read_i64();
        } else if (is(10, ThriftType::kList)) {
            if (!tags(reader, builder_.attributes, builder_.texts, builder_.part_attributes.size())) return false;
        } else if (is(11, ThriftType::kList)) {
            if (!logs(reader)) return false;
        } else {
            reader.skip(field.type);
            continue;
        }
        seen.add(field.id);
    }
    out.start_ns = jaeger::to_ns(start_us);
    out.end_ns = jaeger::to_ns(jaeger::add_saturating(start_us, duration_us));
    static constexpr std::array<Required, 8> kRequired = {{{1, "traceIdLow"},
                                                           {2, "traceIdHigh"},
                                                           {3, "spanId"},
                                                           {4, "parentSpanId"},
                                                           {5, "operationName"},
                                                           {7, "flags"},
                                                           {8, "startTime"},
                                                           {9, "duration"}}};
    return complete(reader, seen, kRequired);
}

bool Walk::tags(ThriftReader& reader, std::vector<Attribute>& out, std::deque<std::string>& texts, std::size_t others) {
    part_ = "tags";
    ThriftType element{};
    const std::uint32_t count = reader.read_list(element);
    if (count != 0 && element != ThriftType::kStruct) return refuse("elements are not structs");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (out.size() + others >= kAttributesMax) return refuse(fmt::format("got more than {} tags", kAttributesMax));
        Attribute attribute;
        if (!tag(reader, attribute, texts)) return false;
        out.push_back(attribute);
    }
    part_ = {};
    return true;
}

bool Walk::tag(ThriftReader& reader, Attribute& out, std::deque<std::string>& texts) {
    enum : std::int32_t { kString, kDouble, kBool, kLong, kBinary };
    std::int32_t type = 0;
    std::string_view text;
    std::string_view binary;
    double number = 0;
    std::int64_t integer = 0;
    bool boolean = false;
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        const auto is = [&](std::int16_t id, ThriftType t) { return field.id == id && field.type == t; };
        if (is(1, ThriftType::kString)) {
            out.key = reader.read_string();
        } else if (is(2, ThriftType::kI32)) {
            type = reader.read_i32();
        } else if (is(3, ThriftType::kString)) {
            text = reader.read_string();
        } else if (is(4, ThriftType::kDouble)) {
            number = reader.read_double();
        } else if (is(5, ThriftType::kBool)) {
            boolean = reader.read_bool();
        } else if (is(6, ThriftType::kI64)) {
            integer = reader.read_i64();
        } else if (is(7, ThriftType::kString)) {
            binary = reader.read_string();
        } else {
            reader.skip(field.type);
            continue;
        }
        seen.add(field.id);
    }
    switch (type) {
        case kString:
            out.value = Value::of_string(text);
            break;
        case kDouble:
            out.value = Value::of_double(number);
            break;
        case kBool:
            out.value = Value::of_bool(boolean);
            break;
        case kLong:
            out.value = Value::of_int(integer);
            break;
        case kBinary:
            out.value = Value::of_bytes(binary);
            break;
        default:
            out.value = Value::of_string(texts.emplace_back(fmt::format("<Unknown Jaeger TagType \"{}\">", type)));
    }
    static constexpr std::array<Required, 2> kRequired = {{{1, "key"}, {2, "vType"}}};
    return complete(reader, seen, kRequired);
}

bool Walk::logs(ThriftReader& reader) {
    part_ = "logs";
    ThriftType element{};
    const std::uint32_t count = reader.read_list(element);
    if (count != 0 && element != ThriftType::kStruct) return refuse("elements are not structs");
    for (std::uint32_t i = 0; i < count; ++i) {
        part_ = "logs";
        if (builder_.events_count() >= kEventsMax) return refuse(fmt::format("got more than {} logs", kEventsMax));
        if (!log(reader)) return false;
    }
    part_ = {};
    return true;
}

bool Walk::log(ThriftReader& reader) {
    const std::size_t first = builder_.part_attributes.size();
    std::int64_t time_us = 0;
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        if (field.id == 1 && field.type == ThriftType::kI64) {
            time_us = reader.read_i64();
        } else if (field.id == 2 && field.type == ThriftType::kList) {
            if (!tags(reader, builder_.part_attributes, builder_.texts, builder_.attributes.size())) return false;
            part_ = "logs";
        } else {
            reader.skip(field.type);
            continue;
        }
        seen.add(field.id);
    }
    static constexpr std::array<Required, 2> kRequired = {{{1, "timestamp"}, {2, "fields"}}};
    if (!complete(reader, seen, kRequired)) return false;
    jaeger::add_log(builder_, jaeger::to_ns(time_us), first);
    return true;
}

bool Walk::references(ThriftReader& reader) {
    part_ = "references";
    ThriftType element{};
    const std::uint32_t count = reader.read_list(element);
    if (count != 0 && element != ThriftType::kStruct) return refuse("elements are not structs");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (references_.size() >= kLinksMax) return refuse(fmt::format("got more than {} references", kLinksMax));
        Reference out;
        if (!reference(reader, out)) return false;
        references_.push_back(out);
    }
    part_ = {};
    return true;
}

bool Walk::reference(ThriftReader& reader, Reference& out) {
    Seen seen;
    ThriftField field;
    while (reader.next_field(field)) {
        if (field.id == 1 && field.type == ThriftType::kI32) {
            out.is_child_of = reader.read_i32() == 0;
        } else if (field.id == 2 && field.type == ThriftType::kI64) {
            out.trace_id.low = static_cast<std::uint64_t>(reader.read_i64());
        } else if (field.id == 3 && field.type == ThriftType::kI64) {
            out.trace_id.high = static_cast<std::uint64_t>(reader.read_i64());
        } else if (field.id == 4 && field.type == ThriftType::kI64) {
            out.span_id.value = static_cast<std::uint64_t>(reader.read_i64());
        } else {
            reader.skip(field.type);
            continue;
        }
        seen.add(field.id);
    }
    static constexpr std::array<Required, 4> kRequired = {
        {{1, "refType"}, {2, "traceIdLow"}, {3, "traceIdHigh"}, {4, "spanId"}}};
    return complete(reader, seen, kRequired);
}

void Walk::deliver() {
    const model::Span& out = builder_.span;
    if (out.trace_id.is_zero() || out.span_id.is_zero()) {
        if (counts_.rejected_spans++ == 0) {
            counts_.rejected_reason = place_ + (out.trace_id.is_zero() ? ": trace id is zero" : ": span id is zero");
        }
        return;
    }
    jaeger::translate_tags(builder_);
    jaeger::translate_references(builder_, references_);
    jaeger::ScopeName scope = jaeger::take_scope(builder_);
    if (!scope_name_ || scope.name != scope_name_->name || scope.version != scope_name_->version) {
        scope_name_ = std::move(scope);
        scope_.name = scope_name_->name;
        scope_.version = scope_name_->version;
        sink_.scope(scope_);
    }
    ++counts_.accepted_spans;
    sink_.span(builder_.finish(resource_, scope_));
}

}  // namespace

base::Result<model::DecodeCounts> JaegerThriftDecoder::decode(const model::RawBody& body, model::SpanSink& sink) const {
    Walk walk(sink);
    bool ok = false;
    switch (body.encoding) {
        case model::Encoding::kJaegerAgentCompact:
            ok = walk.agent_message(ThriftReader(jaeger::ThriftProtocol::kCompact, body.bytes));
            break;
        case model::Encoding::kJaegerAgentBinary:
            ok = walk.agent_message(ThriftReader(jaeger::ThriftProtocol::kBinary, body.bytes));
            break;
        case model::Encoding::kJaegerBatchBinary:
            ok = walk.batch(ThriftReader(jaeger::ThriftProtocol::kBinary, body.bytes));
            break;
        default:
            return base::Error{base::Code::kInternal, "cannot read Jaeger batch: not an encoding of it"};
    }
    if (!ok) return base::Error{base::Code::kInvalidArgument, "cannot read Jaeger batch: " + walk.error()};
    return walk.take_counts();
}

}  // namespace skua::ingest
