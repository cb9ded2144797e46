// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

#include <cstddef>

namespace skua::store {
namespace {

// Bytes of the well-formed sequence at `text[0]`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    const unsigned char a = byte(0);
    if (a < 0x80) return 1;
    if (a < 0xC2 || a > 0xF4 || !tail(1)) return 0;
    if (a < 0xE0) return 2;
    const unsigned char b = byte(1);
    if (a < 0xF0) {
        if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;
        return tail(2) ? 3 : 0;
    }
    if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;
    return tail(2) && tail(3) ? 4 : 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t n = sequence_length(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

const model::Value* find(model::Attributes attributes, std::string_view key) {
    for (const model::Attribute& attribute : attributes) {
        if (attribute.key == key) return &attribute.value;
    }
    return nullptr;
}

std::string_view service_key(const model::Resource& resource) {
    const model::Value* name = find(resource.attributes, "service.name");
    if (name == nullptr) return "missing-service-name";
    if (name->type != model::ValueType::kString) return "service-name-wrong-type";
    if (name->text.empty()) return "empty-service-name";
    return is_valid_utf8(name->text) ? name->text : "service-name-wrong-type";
}

std::string_view name_key(const model::Span& span) {
    if (span.name.empty()) return "empty-span-name";
    return is_valid_utf8(span.name) ? span.name : "invalid-span-name";
}

std::string_view kind_word(model::SpanKind kind) {
    const std::string_view word = operation_kind(kind);
    return word.empty() ? "unspecified" : word;
}

std::string_view operation_kind(model::SpanKind kind) {
    switch (kind) {
        case model::SpanKind::kUnspecified:
            return "";
        case model::SpanKind::kInternal:
            return "internal";
        case model::SpanKind::kServer:
            return "server";
        case model::SpanKind::kClient:
            return "client";
        case model::SpanKind::kProducer:
            return "producer";
        case model::SpanKind::kConsumer:
            return "consumer";
    }
    return "";
}

std::string_view status_word(model::StatusCode code) {
    switch (code) {
        case model::StatusCode::kOk:
            return "ok";
        case model::StatusCode::kError:
            return "error";
        case model::StatusCode::kUnset:
            break;
    }
    return "unset";
}

}  // namespace skua::store
