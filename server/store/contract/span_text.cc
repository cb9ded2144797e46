// SPDX-License-Identifier: Apache-2.0
#include "store/contract/span_text.h"

#include "base/hex.h"
#include "model/nested.h"
#include "model/span_batch.h"

#include <charconv>
#include <cstdlib>
#include <future>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace skua::store::testing {
namespace {

using model::Value;

// The parts of a line before they are put together; views live in the arena.
struct Line {
    std::string verb;
    std::vector<std::pair<std::string, std::string>> words;
};

Line read_line(std::string_view text) {
    Line line;
    for (std::string& token : tokens(text)) {
        if (line.verb.empty()) {
            line.verb = std::move(token);
            continue;
        }
        const std::size_t equals = token.find('=');
        line.words.emplace_back(token.substr(0, equals), equals == std::string::npos ? "" : token.substr(equals + 1));
    }
    return line;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t at = text.find(by);
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    }
    return parts;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

Value read_value(model::SpanBatch& arena, std::string_view text) {
    if (take_prefix(text, "int:")) return Value::of_int(std::strtoll(std::string(text).c_str(), nullptr, 10));
    if (take_prefix(text, "double:")) return Value::of_double(std::strtod(std::string(text).c_str(), nullptr));
    if (take_prefix(text, "bool:")) return Value::of_bool(text == "true");
    if (take_prefix(text, "bytes:")) return Value::of_bytes(arena.copy(base::from_hex(text).value_or("")));
    if (take_prefix(text, "empty:")) return {};
    std::string body;
    if (take_prefix(text, "strings:")) {
        for (const std::string_view part : split(text, ',')) model::append_element(body, Value::of_string(part));
        return Value::with_text(model::ValueType::kArray, arena.copy(body));
    }
    if (take_prefix(text, "map:")) {
        for (const std::string_view part : split(text, ',')) {
            const std::size_t equals = part.find('=');
            model::append_entry(body, part.substr(0, equals), Value::of_string(part.substr(equals + 1)));
        }
        return Value::with_text(model::ValueType::kMap, arena.copy(body));
    }
    return Value::of_string(arena.copy(text));
}

std::optional<model::SpanKind> read_kind(std::string_view word) {
    constexpr std::string_view kWords[] = {"unspecified", "internal", "server", "client", "producer", "consumer"};
    for (std::size_t i = 0; i < std::size(kWords); ++i) {
        if (kWords[i] == word) return static_cast<model::SpanKind>(i);
    }
    return std::nullopt;
}

std::uint64_t read_time(std::string_view text) {
    if (take_prefix(text, "abs:")) return std::strtoull(std::string(text).c_str(), nullptr, 10);
    return kTextEpochNs + static_cast<std::uint64_t>(offset_ns(text));
}

class Reader {
public:
    explicit Reader(model::SpanSink& sink) : sink_(sink) {}

    // False: the line is not understood.
    bool take(const Line& line) {
        if (line.verb == "span") {
            flush();
            open_ = true;
            for (const auto& [key, value] : line.words) span_word(key, value);
            return true;
        }
        if (!open_) return false;
        if (line.verb == "event") {
            event(line);
            return true;
        }
        if (line.verb == "link") {
            link(line);
            return true;
        }
        return false;
    }

    void flush() {
        if (!open_) return;
        span_.attributes = attributes_;
        span_.events = events_;
        span_.links = links_;
        resource_.attributes = resource_attributes_;
        scope_.attributes = scope_attributes_;
        sink_.resource(resource_);
        sink_.scope(scope_);
        span_.resource = &resource_;
        span_.scope = &scope_;
        span_.end_ns = ended_ ? span_.end_ns : span_.start_ns + duration_;
        sink_.span(span_);
        ++spans;
        // `events_` keep views into attribute vectors that must outlive the call above only.
        Reader next(sink_);
        next.spans = spans;
        swap(next);
    }

    std::uint64_t spans = 0;

private:
    void swap(Reader& other) {
        std::swap(open_, other.open_);
        std::swap(ended_, other.ended_);
        std::swap(duration_, other.duration_);
        std::swap(span_, other.span_);
        std::swap(resource_, other.resource_);
        std::swap(scope_, other.scope_);
        attributes_.swap(other.attributes_);
        resource_attributes_.swap(other.resource_attributes_);
        scope_attributes_.swap(other.scope_attributes_);
        events_.swap(other.events_);
        links_.swap(other.links_);
        std::swap(arena_, other.arena_);
    }

    model::Attribute attribute(std::string_view key, std::string_view value) {
        return {arena_.copy(key), read_value(arena_, value)};
    }

    void span_word(std::string_view key, const std::string& value) {
        if (key == "trace")
            span_.trace_id = model::TraceId::from_hex(value).value_or(model::TraceId{});
        else if (key == "id")
            span_.span_id = model::SpanId::from_hex(value).value_or(model::SpanId{});
        else if (key == "parent")
            span_.parent_span_id = model::SpanId::from_hex(value).value_or(model::SpanId{});
        else if (key == "service")
            resource_attributes_.push_back(attribute("service.name", value));
        else if (key == "name")
            span_.name = arena_.copy(value);
        else if (key == "kind")
            span_.kind = read_kind(value).value_or(model::SpanKind::kUnspecified);
        else if (key == "start")
            span_.start_ns = read_time(value);
        else if (key == "dur")
            duration_ = static_cast<std::uint64_t>(offset_ns(value));
        else if (key == "end") {
            span_.end_ns = read_time(value);
            ended_ = true;
        } else if (key == "status")
            span_.status_code = value == "error" ? model::StatusCode::kError
                                : value == "ok"  ? model::StatusCode::kOk
                                                 : model::StatusCode::kUnset;
        else if (key == "message")
            span_.status_message = arena_.copy(value);
        else if (key == "state")
            span_.trace_state = arena_.copy(value);
        else if (key == "flags")
            span_.flags = static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 0));
        else if (key == "schema") {
            resource_.schema_url = arena_.copy(value);
            scope_.schema_url = resource_.schema_url;
        } else if (key == "unknown")
            span_.unknown_fields = arena_.copy(base::from_hex(value).value_or(""));
        else if (key == "dropped") {
            const auto n = static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
            span_.dropped_attributes_count = n;
            span_.dropped_events_count = n + 1;
            span_.dropped_links_count = n + 2;
            resource_.dropped_attributes_count = n + 3;
            scope_.dropped_attributes_count = n + 4;
        } else if (key == "scope") {
            const std::string_view text = arena_.copy(value);
            scope_.name = text.substr(0, text.find('@'));
            if (text.find('@') != std::string_view::npos) scope_.version = text.substr(text.find('@') + 1);
        } else if (take_prefix(key, "res:"))
            resource_attributes_.push_back(attribute(key, value));
        else if (take_prefix(key, "scope:"))
            scope_attributes_.push_back(attribute(key, value));
        else {
            take_prefix(key, "attr:");
            attributes_.push_back(attribute(key, value));
        }
    }

    void event(const Line& line) {
        model::Event event;
        std::vector<model::Attribute> attributes;
        for (const auto& [key, value] : line.words) {
            if (key == "name")
                event.name = arena_.copy(value);
            else if (key == "at")
                event.time_ns = read_time(value);
            else if (key == "dropped")
                event.dropped_attributes_count = static_cast<std::uint32_t>(offset_ns(value));
            else
                attributes.push_back(attribute(key, value));
        }
        event.attributes = arena_.copy(model::Attributes(attributes));
        events_.push_back(event);
    }

    void link(const Line& line) {
        model::Link link;
        std::vector<model::Attribute> attributes;
        for (const auto& [key, value] : line.words) {
            if (key == "trace")
                link.trace_id = model::TraceId::from_hex(value).value_or(model::TraceId{});
            else if (key == "id")
                link.span_id = model::SpanId::from_hex(value).value_or(model::SpanId{});
            else if (key == "state")
                link.trace_state = arena_.copy(value);
            else if (key == "flags")
                link.flags = static_cast<std::uint32_t>(offset_ns(value));
            else
                attributes.push_back(attribute(key, value));
        }
        link.attributes = arena_.copy(model::Attributes(attributes));
        links_.push_back(link);
    }

    model::SpanSink& sink_;
    bool open_ = false;
    bool ended_ = false;
    std::uint64_t duration_ = 0;
    model::Span span_;
    model::Resource resource_;
    model::Scope scope_;
    std::vector<model::Attribute> attributes_;
    std::vector<model::Attribute> resource_attributes_;
    std::vector<model::Attribute> scope_attributes_;
    std::vector<model::Event> events_;
    std::vector<model::Link> links_;
    model::SpanBatch arena_;
};

}  // namespace

std::vector<std::string> tokens(std::string_view line) {
    std::vector<std::string> found;
    std::string token;
    bool quoted = false;
    bool any = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '\\' && i + 1 < line.size()) {
            const char escaped = line[++i];
            if (escaped == 'x' && i + 2 < line.size()) {
                token += base::from_hex(line.substr(i + 1, 2)).value_or("?");
                i += 2;
            } else {
                token += escaped == 'n' ? '\n' : escaped;
            }
        } else if (c == '"') {
            quoted = !quoted;
            any = true;
        } else if (!quoted && (c == ' ' || c == '\t')) {
            if (any || !token.empty()) found.push_back(std::move(token));
            token.clear();
            any = false;
        } else {
            token += c;
        }
    }
    if (any || !token.empty()) found.push_back(std::move(token));
    return found;
}

std::int64_t offset_ns(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
    if (unit == "us") return value * 1'000;
    if (unit == "ms") return value * 1'000'000;
    if (unit == "s") return value * 1'000'000'000;
    if (unit == "m") return value * 60'000'000'000;
    if (unit == "h") return value * 3'600'000'000'000;
    return value;
}

base::Result<model::DecodeCounts> SpanTextDecoder::decode(const model::RawBody& body, model::SpanSink& sink) const {
    Reader reader(sink);
    std::string_view rest = body.bytes;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        std::string_view text = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const std::size_t first = text.find_first_not_of(" \t");
        if (first == std::string_view::npos || text[first] == '#') continue;
        if (!reader.take(read_line(text))) {
            return base::Error{base::Code::kInvalidArgument, fmt::format("cannot read span text: got '{}'", text)};
        }
    }
    reader.flush();
    model::DecodeCounts counts;
    counts.accepted_spans = reader.spans;
    return counts;
}

model::AppendOutcome append_text(model::SpanWriter& writer, std::string_view text,
                                 const model::RequestContext& context) {
    static const SpanTextDecoder kDecoder;
    std::promise<model::AppendOutcome> promise;
    model::RawBody body;
    body.bytes = text;
    writer.append(context, body, kDecoder,
                  [&](model::AppendOutcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
}

}  // namespace skua::store::testing
