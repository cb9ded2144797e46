// SPDX-License-Identifier: Apache-2.0
// The one predicate language of the engine: a tree in the shapes of Jaeger's structured filters (RFC 0005). Jaeger's
// v1 tags, its v3 attributes and every other query language compile to it.
//
// A filter is asked of one span at a time. Meaning of the leaves, all decided on the values the reference has there:
//   eq gt lt gte lte regex in   some value satisfies it
//   ne not_in                   there is a value, and none is equal
//   exists                      there is a value
//   not                         plain negation: also true where nothing is there
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store {

enum class Op : std::uint8_t {
    kAnd,  // of no children: true
    kOr,   // of no children: false
    kNot,
    kSome,  // one event or link (Filter::reference.level) satisfies the child by itself
    kExists,
    kEq,
    kNe,
    kGt,
    kLt,
    kGte,
    kLte,
    kRegex,  // RE2, unanchored, case-sensitive, on the canonical string form
    kIn,
    kNotIn,
};

enum class Level : std::uint8_t {
    kSpanOrResource,  // RFC 0005's empty level
    kSpan,
    kResource,
    kScope,
    kEvent,
    kLink,
    kEverywhere,  // all five: what Jaeger's tags ask
};

// Built-in fields; which level has which is checked by validate().
enum class Field : std::uint8_t {
    kAttribute,       // not a field: Reference::key names an attribute
    kTraceId,         // span, link; 32 hex digits
    kSpanId,          // span, link; 16 hex digits
    kParentSpanId,    // span; absent for roots
    kTraceState,      // span, link
    kName,            // span, scope, event
    kKind,            // span: unspecified internal server client producer consumer
    kStartTime,       // span; ns since the epoch
    kEndTime,         // span
    kDuration,        // span; ns
    kStatus,          // span: unset ok error
    kStatusMessage,   // span
    kService,         // resource
    kSchemaUrl,       // resource, scope
    kVersion,         // scope
    kTime,            // event
    kTimeSinceStart,  // event; ns since the span's start, may be negative
};

// What a field holds; attributes hold whatever was sent.
enum class FieldType : std::uint8_t { kText, kWord, kTraceId, kSpanId, kNanos };

struct Reference {
    Level level = Level::kSpanOrResource;
    Field field = Field::kAttribute;
    std::string key;  // of an attribute
};

enum class LiteralType : std::uint8_t {
    kUntyped,  // equal to anything with this string form; ordered as a number if it reads as one, else as text
    kString,
    kInt,
    kDouble,
    kBool,
    kNanos,  // a time or a duration
};

struct Literal {
    LiteralType type = LiteralType::kUntyped;
    std::string text;          // kUntyped, kString
    std::int64_t integer = 0;  // kInt, kNanos
    double number = 0;         // kDouble
    bool boolean = false;      // kBool
};

struct Filter {
    Op op = Op::kAnd;
    std::vector<Filter> children;   // kAnd, kOr: any number; kNot, kSome: one
    Reference reference;            // of the leaves; kSome: only its level counts
    std::vector<Literal> literals;  // kIn, kNotIn: any number; kExists: none; other leaves: one

    static Filter all_of(std::vector<Filter> children);
    static Filter any_of(std::vector<Filter> children);
    static Filter negation(Filter child);
    static Filter some(Level level, Filter child);
    static Filter compare(Op op, Reference reference, Literal literal);
    static Filter exists(Reference reference);
};

Reference attribute(Level level, std::string key);
Reference field(Level level, Field field);
Literal untyped(std::string text);
Literal text(std::string text);
Literal integer(std::int64_t value);
Literal number(double value);
Literal boolean(bool value);
Literal nanos(std::int64_t value);

struct FilterLimits {
    std::size_t max_depth = 32;
    std::size_t max_nodes = 1024;
    std::size_t max_literals = 4096;
    std::size_t max_pattern_bytes = 1024;
    std::size_t max_bytes = std::size_t{64} << 10;  // keys and texts together
};

// The wire names of RFC 0005: "not_in", "scope", "timeSinceStart". Nothing: no such name at that level.
std::string_view to_string(Op op);
std::string_view to_string(Level level);
std::string_view to_string(Field field);
const Op* op_from(std::string_view name);
const Level* level_from(std::string_view name);  // "" is kSpanOrResource; kEverywhere has no wire name
base::Result<Field> field_from(Level level, std::string_view name);
FieldType field_type(Field field);

// Shape, limits, known fields, literals that fit their field. kInvalidArgument names the first thing wrong.
base::Status validate(const Filter& filter, const FilterLimits& limits = {});

}  // namespace skua::store
