// SPDX-License-Identifier: Apache-2.0
// What the spans of a shard have in common, and the values that differ: takes a span apart into a shape and value
// slots.
//
// Threads: one puts; others may read what was published to them. Nothing moves.
#pragma once

#include "model/span.h"
#include "store/embedded/head/packed_keys.h"
#include "store/embedded/head/raw_texts.h"
#include "store/embedded/head/shape.h"
#include "store/embedded/head/stable_array.h"
#include "store/embedded/head/string_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

struct HeadLimits {
    std::size_t interned_bytes = std::size_t{16} << 20;
    std::size_t fields = 1024;
    std::size_t fields_of_span = 512;
    std::size_t templates = 65536;
    std::size_t intern_text_max = 4096;  // longer texts are never interned
};

struct FieldState {
    FieldKey key;
    std::uint32_t key_id = 0;
    // Of the appender: whether values repeat.
    std::uint32_t lookups = 0;
    std::uint32_t inserts = 0;
    std::uint32_t changes = 0;  // shapes where it turned out not to be constant
    bool raw = false;
};

class SpanShapes {
public:
    // All outlive it.
    SpanShapes(ArenaPool& pool, const HeadLimits& limits, StringTable& strings)
        : limits_(limits), strings_(strings), values_(pool), raw_(pool) {}
    ~SpanShapes();

    // A number that is to be asked for with every span of that operation from now on.
    void add_operation() { groups_of_.emplace_back(); }
    // What keeps a span from being stored; null: it was.
    const char* put(std::uint32_t operation, const model::Span& span, std::uint32_t& shape, std::uint32_t& first_value);
    [[nodiscard]] std::uint32_t values_end() const { return values_end_; }
    // Forgets the values from `end` on. REQUIRES: nobody was told of them.
    void undo(std::uint32_t end) { values_end_ = end; }

    [[nodiscard]] const Shape& shape(std::uint32_t i) const { return shapes_[i]; }
    [[nodiscard]] const FieldState& field(std::uint32_t i) const { return fields_[i]; }
    [[nodiscard]] const std::uint32_t* slots(std::uint32_t first) const { return &values_[first]; }
    [[nodiscard]] std::string_view text(std::uint32_t slot) const {
        return (slot & kRawText) == 0 ? strings_[slot] : raw_[slot];
    }
    // Whether attributes of events or links, or all of a span's where they are kept as bytes, have the key; maybe.
    [[nodiscard]] bool may_be_packed(std::string_view key) const { return packed_keys_.may_have(key); }
    // Interned texts are met again and again.
    void prefetch_text(std::uint32_t slot) const {
        if ((slot & kRawText) != 0) raw_.prefetch(slot);
    }
    [[nodiscard]] std::uint32_t fields_size() const { return static_cast<std::uint32_t>(fields_.size()); }
    [[nodiscard]] std::uint32_t shapes_size() const { return static_cast<std::uint32_t>(shapes_.size()); }
    [[nodiscard]] std::size_t bytes() const {
        return values_.bytes() + raw_.bytes() + fields_.bytes() + shapes_.bytes();
    }

private:
    // Of a field of a group: what its spans are compared with, field by field.
    struct Expected {
        const char* key = nullptr;  // of an attribute
        std::uint32_t key_size = 0;
        model::ValueType type = model::ValueType::kEmpty;
        Storage storage = Storage::kNothing;
        bool varies = false;
        // The constant; of one that varies the text that it had last, values often come in a row.
        const char* text = nullptr;
        std::size_t text_size = 0;
        std::uint64_t number = 0;  // or the dictionary id of the text
        FieldState* field = nullptr;
    };
    // An operation's spans of one list of fields.
    struct Group {
        std::uint32_t operation = 0;
        std::uint32_t shape = 0;
        std::uint32_t slots = 0;
        std::uint32_t specials = 0;  // bits
        std::vector<Expected> fields;
    };
    // Of the span being put.
    struct Item {
        Special special = Special::kNone;
        FieldValue value;
    };

    void gather(const model::Span& span);
    void gather_parts(const model::Span& span);
    void note_keys(model::Attributes attributes);
    void overflow();
    [[nodiscard]] FieldValue value(std::size_t field) const;
    // `same`: the constants are the span's, too.
    bool matches(const Group& group, bool& same) const;
    Group* group_of(std::uint32_t operation, bool& same);
    Group* new_group(std::uint32_t operation);
    void add_field(Group& group, Shape& shape, std::size_t i, std::uint32_t field);
    void release_constants(Group& group);
    std::uint32_t field_of(Special special, model::ValueType type, std::string_view key);
    const char* write(Group& group, std::uint32_t& first);
    std::uint32_t put_text(Expected& field, std::string_view text);
    [[nodiscard]] bool may_intern(std::string_view text) const {
        return text.size() <= limits_.intern_text_max && strings_.text_bytes() <= limits_.interned_bytes;
    }

    const HeadLimits& limits_;
    StringTable& strings_;
    ArenaArray<std::uint32_t, 4095> values_;
    std::uint32_t values_end_ = 0;
    RawTexts raw_;
    PackedKeys packed_keys_;
    StableArray<FieldState, 64, 32> fields_;
    StableArray<Shape, 256, 1024> shapes_;
    std::vector<std::vector<Group*>> groups_of_;  // by operation; the one used last is first
    std::vector<std::unique_ptr<Group>> groups_;
    std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  // of fields, by special, type and key id

    // The span being put: specials come first.
    std::vector<Item> specials_;
    std::uint32_t specials_mask_ = 0;
    model::Attributes attributes_;
    std::string events_;
    std::string links_;
    std::string all_attributes_;
};

}  // namespace skua::store::embedded
