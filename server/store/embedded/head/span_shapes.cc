// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/span_shapes.h"

#include "store/embedded/codec/span_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace skua::store::embedded {
namespace {

constexpr std::uint32_t kChangesMax = 8;         // a field that changed in so many shapes starts out varying
constexpr std::uint32_t kLookupsMin = 256;       // before judging whether a field's texts repeat
constexpr std::size_t kGroupsMax = 64;           // of an operation
constexpr std::size_t kFieldsOfSpanMax = 16384;  // their slots have 16 bits
constexpr std::uint32_t kNoField = 0xFFFFFFFF;
constexpr const char* kNoShape = "the head has too many shapes of spans";

constexpr std::uint32_t bit_of(Special special) {
    return 1U << static_cast<unsigned>(special);
}

template <class Word>
Word load(const char* at) {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// Texts of spans are short: a call of memcmp costs more than comparing them.
inline bool equal(const char* a, const char* b, std::size_t size) {
    if (size > 64) return std::memcmp(a, b, size) == 0;
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
        }
        return load<std::uint64_t>(a + size - 8) == load<std::uint64_t>(b + size - 8);
    }
    if (size >= 4)
        return load<std::uint32_t>(a) == load<std::uint32_t>(b) &&
               load<std::uint32_t>(a + size - 4) == load<std::uint32_t>(b + size - 4);
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

std::uint64_t number_of(const model::Value& v) {
    switch (v.type) {
        case model::ValueType::kBool:
            return v.boolean ? 1U : 0U;
        case model::ValueType::kInt:
            return static_cast<std::uint64_t>(v.integer);
        case model::ValueType::kDouble:
            return std::bit_cast<std::uint64_t>(v.number);
        default:
            return 0;
    }
}

// Bytes of objects, which are never interned.
bool is_blob(Special special) {
    switch (special) {
        case Special::kNone:
        case Special::kTraceState:
        case Special::kStatusMessage:
            return false;
        default:
            return FieldKey{special, model::ValueType::kEmpty, {}}.storage() == Storage::kText;
    }
}

}  // namespace

SpanShapes::~SpanShapes() = default;

FieldValue SpanShapes::value(std::size_t field) const {
    if (field < specials_.size()) return specials_[field].value;
    const model::Value& v = attributes_[field - specials_.size()].value;
    return {number_of(v), v.text};
}

void SpanShapes::gather(const model::Span& span) {
    specials_.clear();
    specials_mask_ = 0;
    attributes_ = span.attributes;
    if (span.flags != 0) {
        specials_.push_back({Special::kFlags, {span.flags, {}}});
        specials_mask_ |= bit_of(Special::kFlags);
    }
    gather_parts(span);
}

void SpanShapes::gather_parts(const model::Span& span) {
    const auto put = [&](Special special, FieldValue value) {
        specials_.push_back({special, value});
        specials_mask_ |= bit_of(special);
    };
    if (!span.trace_state.empty()) put(Special::kTraceState, {0, span.trace_state});
    if (span.dropped_attributes_count != 0) put(Special::kDroppedAttributes, {span.dropped_attributes_count, {}});
    if (span.dropped_events_count != 0) put(Special::kDroppedEvents, {span.dropped_events_count, {}});
    if (span.dropped_links_count != 0) put(Special::kDroppedLinks, {span.dropped_links_count, {}});
    if (!span.status_message.empty()) put(Special::kStatusMessage, {0, span.status_message});
    if (!span.unknown_fields.empty()) put(Special::kUnknownFields, {0, span.unknown_fields});
    if (!span.status_unknown_fields.empty()) put(Special::kStatusUnknownFields, {0, span.status_unknown_fields});
    if (!span.events.empty()) {
        events_.clear();
        encode_events(span.events, events_);
        for (const model::Event& event : span.events) note_keys(event.attributes);
        put(Special::kEvents, {0, events_});
    }
    if (!span.links.empty()) {
        links_.clear();
        encode_links(span.links, links_);
        for (const model::Link& link : span.links) note_keys(link.attributes);
        put(Special::kLinks, {0, links_});
    }
}

void SpanShapes::note_keys(model::Attributes attributes) {
    for (const model::Attribute& attribute : attributes) packed_keys_.add(attribute.key);
}

// Past a bound: the attributes stay together as bytes.
void SpanShapes::overflow() {
    all_attributes_.clear();
    encode_attributes(attributes_, all_attributes_);
    note_keys(attributes_);
    specials_.push_back({Special::kAttributes, {0, all_attributes_}});
    specials_mask_ |= bit_of(Special::kAttributes);
    attributes_ = {};
}

const char* SpanShapes::put(std::uint32_t operation, const model::Span& span, std::uint32_t& shape,
                            std::uint32_t& first_value) {
    gather(span);
    bool same = true;
    Group* group = group_of(operation, same);
    if (group == nullptr) {
        overflow();
        group = group_of(operation, same);
    }
    if (group == nullptr) return kNoShape;
    if (!same) {
        if (shapes_.full()) return kNoShape;
        release_constants(*group);
    }
    if (const char* failure = write(*group, first_value)) return failure;
    shape = group->shape;
    return nullptr;
}

bool SpanShapes::matches(const Group& group, bool& same) const {
    const std::size_t specials = specials_.size();
    if (group.specials != specials_mask_ || group.fields.size() != specials + attributes_.size()) return false;
    const Expected* want = group.fields.data() + specials;
    bool constants = true;
    for (const model::Attribute& got : attributes_) {
        if (want->type != got.value.type || want->key_size != got.key.size() ||
            !equal(want->key, got.key.data(), want->key_size)) {
            return false;
        }
        if (!want->varies) {
            constants &= want->storage == Storage::kText ? want->text_size == got.value.text.size() &&
                                                               equal(want->text, got.value.text.data(), want->text_size)
                                                         : want->number == number_of(got.value);
        }
        ++want;
    }
    for (std::size_t i = 0; i < specials; ++i) {
        const Expected& special = group.fields[i];
        if (special.varies) continue;
        const FieldValue& got = specials_[i].value;
        constants &= special.storage == Storage::kText
                         ? special.text_size == got.text.size() && equal(special.text, got.text.data(), got.text.size())
                         : special.number == got.number;
    }
    same = constants;
    return true;
}

SpanShapes::Group* SpanShapes::group_of(std::uint32_t operation, bool& same) {
    auto& groups = groups_of_[operation];
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (!matches(*groups[i], same)) continue;
        if (i != 0) std::swap(groups[i], groups[i / 2]);
        return groups[i / 2];
    }
    same = true;
    return new_group(operation);
}

std::uint32_t SpanShapes::field_of(Special special, model::ValueType type, std::string_view key) {
    // Specials are few, and have room beyond the limit.
    const bool full = fields_.full() || (special == Special::kNone && fields_.size() >= limits_.fields);
    const std::uint32_t key_id = full ? strings_.find(key) : strings_.intern(key);
    if (key_id == StringTable::kNone) return kNoField;
    const std::uint64_t name =
        std::uint64_t{key_id} << 16 | static_cast<std::uint64_t>(special) << 8 | static_cast<std::uint64_t>(type);
    const auto at = numbers_.find(name);
    if (at != numbers_.end()) return at->second;
    if (full) return kNoField;
    FieldState state;
    state.key = {special, type, strings_[key_id]};
    state.key_id = key_id;
    const std::uint32_t number = fields_.emplace_back(state);
    numbers_.emplace(name, number);
    return number;
}

SpanShapes::Group* SpanShapes::new_group(std::uint32_t operation) {
    const bool overflowed = (specials_mask_ & bit_of(Special::kAttributes)) != 0;
    if (shapes_.full()) return nullptr;
    // Past the bounds only the shape without attribute fields is made.
    const bool crowded = shapes_.size() >= limits_.templates || groups_of_[operation].size() >= kGroupsMax;
    if (!overflowed && (crowded || attributes_.size() > std::min(limits_.fields_of_span, kFieldsOfSpanMax)))
        return nullptr;

    auto group = std::make_unique<Group>();
    group->operation = operation;
    group->specials = specials_mask_;
    Shape shape;
    shape.operation = operation;
    shape.attributes = static_cast<std::uint32_t>(attributes_.size());
    for (std::size_t i = 0; i < specials_.size() + attributes_.size(); ++i) {
        const bool special = i < specials_.size();
        const model::Attribute* attribute = special ? nullptr : &attributes_[i - specials_.size()];
        const std::uint32_t field = special ? field_of(specials_[i].special, model::ValueType::kEmpty, {})
                                            : field_of(Special::kNone, attribute->value.type, attribute->key);
        if (field == kNoField) return nullptr;
        add_field(*group, shape, i, field);
    }
    group->slots = shape.slots;
    group->shape = shapes_.emplace_back(std::move(shape));
    groups_.push_back(std::move(group));
    groups_of_[operation].push_back(groups_.back().get());
    return groups_.back().get();
}

void SpanShapes::add_field(Group& group, Shape& shape, std::size_t i, std::uint32_t field) {
    FieldState& state = fields_[field];
    const FieldValue is = value(i);
    Expected& expected = group.fields.emplace_back();
    expected.key = state.key.key.data();
    expected.key_size = static_cast<std::uint32_t>(state.key.key.size());
    expected.type = state.key.type;
    expected.storage = state.key.storage();
    expected.field = &state;
    expected.varies = expected.storage != Storage::kNothing &&
                      (state.changes >= kChangesMax || state.raw || is_blob(state.key.special));
    if (expected.storage == Storage::kText && !expected.varies) {
        const std::uint32_t id = may_intern(is.text) ? strings_.intern(is.text) : StringTable::kNone;
        expected.varies = id == StringTable::kNone;
        if (!expected.varies) {
            expected.number = id;
            expected.text = strings_[id].data();
            expected.text_size = strings_[id].size();
        }
    } else if (!expected.varies) {
        expected.number = is.number;
    }
    ShapeField to;
    to.field = field;
    to.varies = expected.varies;
    to.constant = expected.number;
    if (expected.varies) {
        to.slot = static_cast<std::uint16_t>(shape.slots);
        shape.slots += expected.storage == Storage::kLong ? 2 : 1;
    }
    shape.fields.push_back(to);
}

// The group goes on with a shape in which the values that differ from this span's vary.
void SpanShapes::release_constants(Group& group) {
    Shape shape = shapes_[group.shape];
    shape.slots = 0;
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        ShapeField& f = shape.fields[i];
        Expected& expected = group.fields[i];
        if (!expected.varies) {
            const FieldValue is = value(i);
            const bool same = expected.storage == Storage::kText
                                  ? std::string_view(expected.text, expected.text_size) == is.text
                                  : expected.number == is.number;
            if (!same) {
                expected.varies = true;
                expected.text = nullptr;
                ++expected.field->changes;
            }
        }
        f.varies = expected.varies;
        if (expected.varies) {
            f.slot = static_cast<std::uint16_t>(shape.slots);
            shape.slots += expected.storage == Storage::kLong ? 2 : 1;
        }
    }
    group.slots = shape.slots;
    group.shape = shapes_.emplace_back(std::move(shape));
}

const char* SpanShapes::write(Group& group, std::uint32_t& first) {
    constexpr std::size_t kPerBlock = decltype(values_)::kPerBlock;
    std::size_t at = values_end_;
    if (at % kPerBlock + group.slots > kPerBlock) at = (at / kPerBlock + 1) * kPerBlock;
    if (!values_.reserve(at + group.slots + 1)) return "the head has no room for values";
    first = static_cast<std::uint32_t>(at);
    std::uint32_t* out = &values_[at];
    for (std::size_t i = 0; i < group.fields.size(); ++i) {
        Expected& field = group.fields[i];
        if (!field.varies) continue;
        const bool special = i < specials_.size();
        const model::Value* attribute = special ? nullptr : &attributes_[i - specials_.size()].value;
        if (field.storage == Storage::kText) {
            *out = put_text(field, special ? specials_[i].value.text : attribute->text);
            if (*out++ == RawTexts::kFull) return "the head has no room for texts";
            continue;
        }
        const std::uint64_t number = special ? specials_[i].value.number : number_of(*attribute);
        *out++ = static_cast<std::uint32_t>(number);
        if (field.storage == Storage::kLong) *out++ = static_cast<std::uint32_t>(number >> 32);
    }
    values_end_ = static_cast<std::uint32_t>(at + group.slots);
    return nullptr;
}

std::uint32_t SpanShapes::put_text(Expected& expected, std::string_view text) {
    FieldState& field = *expected.field;
    if (field.raw) return raw_.put(text);
    if (expected.text != nullptr && expected.text_size == text.size() &&
        equal(expected.text, text.data(), text.size())) {
        ++field.lookups;
        return static_cast<std::uint32_t>(expected.number);
    }
    if (is_blob(field.key.special) || !may_intern(text)) return raw_.put(text);
    bool created = false;
    const std::uint32_t id = strings_.intern(text, created);
    if (id == StringTable::kNone) return raw_.put(text);
    const std::string_view kept = strings_[id];
    expected.text = kept.data();
    expected.text_size = kept.size();
    expected.number = id;
    ++field.lookups;
    if (created) {
        ++field.inserts;
        if (field.lookups >= kLookupsMin && field.inserts > field.lookups / 4) field.raw = true;
    }
    return id;
}

}  // namespace skua::store::embedded
