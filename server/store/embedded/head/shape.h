// SPDX-License-Identifier: Apache-2.0
// What the spans of one operation have in common, kept once: heads build it, segments store it.
//
// A shape is an operation, the list of fields its spans carry, and the values that never changed among them. A span
// refers to a shape and holds only the other values. When a value that was constant changes, the operation goes on with
// a new shape; spans keep the one they have.
#pragma once

#include "model/span.h"

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

// Fields of a span that are not attributes, present when not at their default. Written to disk: never renumber. A span
// lists them in this order, before its attributes.
enum class Special : std::uint8_t {
    kNone,  // an attribute
    kFlags,
    kTraceState,
    kDroppedAttributes,
    kDroppedEvents,
    kDroppedLinks,
    kStatusMessage,
    kUnknownFields,
    kStatusUnknownFields,
    kEvents,      // encode_events
    kLinks,       // encode_links
    kAttributes,  // encode_attributes: all of them, where a bound on fields or shapes was reached
};
inline constexpr std::size_t kSpecialsCount = 12;

enum class Storage : std::uint8_t { kNothing, kWord, kLong, kText };

// What a value is: `key` and `type` of an attribute, or a special.
struct FieldKey {
    Special special = Special::kNone;
    model::ValueType type = model::ValueType::kEmpty;
    std::string_view key;

    [[nodiscard]] Storage storage() const {
        switch (special) {
            case Special::kNone:
                break;
            case Special::kFlags:
            case Special::kDroppedAttributes:
            case Special::kDroppedEvents:
            case Special::kDroppedLinks:
                return Storage::kWord;
            default:
                return Storage::kText;
        }
        switch (type) {
            case model::ValueType::kEmpty:
                return Storage::kNothing;
            case model::ValueType::kBool:
                return Storage::kWord;
            case model::ValueType::kInt:
            case model::ValueType::kDouble:
                return Storage::kLong;
            default:
                return Storage::kText;
        }
    }
};

// A stored value: a number (a word, an integer or the bits of a double), or a text.
struct FieldValue {
    std::uint64_t number = 0;
    std::string_view text;
};

inline model::Value attribute_value(model::ValueType type, const FieldValue& from) {
    model::Value value;
    value.type = type;
    switch (type) {
        case model::ValueType::kEmpty:
            break;
        case model::ValueType::kBool:
            value.boolean = from.number != 0;
            break;
        case model::ValueType::kInt:
            value.integer = static_cast<std::int64_t>(from.number);
            break;
        case model::ValueType::kDouble:
            value.number = std::bit_cast<double>(from.number);
            break;
        default:
            value.text = from.text;
            break;
    }
    return value;
}

// Puts a value where it belongs in a span; attributes go to `attribute`. Events, links and kAttributes are bytes to be
// decoded by the caller and left out here.
inline void put_value(const FieldKey& field, const FieldValue& value, model::Span& span, model::Attribute& attribute) {
    switch (field.special) {
        case Special::kNone:
            break;
        case Special::kFlags:
            span.flags = static_cast<std::uint32_t>(value.number);
            return;
        case Special::kTraceState:
            span.trace_state = value.text;
            return;
        case Special::kDroppedAttributes:
            span.dropped_attributes_count = static_cast<std::uint32_t>(value.number);
            return;
        case Special::kDroppedEvents:
            span.dropped_events_count = static_cast<std::uint32_t>(value.number);
            return;
        case Special::kDroppedLinks:
            span.dropped_links_count = static_cast<std::uint32_t>(value.number);
            return;
        case Special::kStatusMessage:
            span.status_message = value.text;
            return;
        case Special::kUnknownFields:
            span.unknown_fields = value.text;
            return;
        case Special::kStatusUnknownFields:
            span.status_unknown_fields = value.text;
            return;
        default:
            return;
    }
    attribute.key = field.key;
    attribute.value = attribute_value(field.type, value);
}

// Many of them stay in memory: two words.
struct ShapeField {
    std::uint32_t field = 0;
    std::uint16_t slot = 0;  // among the row's, when it varies; of heads only
    bool varies = false;
    std::uint64_t constant = 0;  // else: a number, or a dictionary id
};
static_assert(sizeof(ShapeField) == 16);

struct Shape {
    std::uint32_t operation = 0;
    std::uint32_t slots = 0;
    std::uint32_t attributes = 0;
    std::vector<ShapeField> fields;
};

struct Operation {
    std::uint32_t service = 0;  // text: as found by, see store/keys.h
    std::uint32_t name = 0;     // text: as sent
    model::SpanKind kind = model::SpanKind::kUnspecified;
    model::StatusCode status = model::StatusCode::kUnset;
    std::uint32_t scope = 0;
    friend bool operator==(const Operation&, const Operation&) = default;
};

}  // namespace skua::store::embedded
