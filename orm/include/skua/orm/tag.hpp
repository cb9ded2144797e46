// SPDX-License-Identifier: Apache-2.0
// gorm's field tags, read while compiling: keys in any case, separated by ';', key and value by the first ':', "\;"
// escapes. An unknown key does not compile; the compiler names one of the functions below. The text is read twice:
// while compiling, to be checked, and once at run time, when the model is first used: a table of parsed tags in every
// file that sees the model would cost the compiler far more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skua::orm {
namespace detail {
// Reached while compiling, each is the error message: they are not constexpr. Never reached at run time.
void unknown_field_tag();
void a_number_is_expected_in_this_field_tag();
void unknown_index_setting_in_this_field_tag();
void this_field_tag_needs_a_value();
void this_constraint_tag_is_not_OnUpdate_or_OnDelete();
void unknown_serializer_in_this_field_tag();
void a_struct_without_codec_is_tagged_embedded_or_serializer_json();

constexpr char lower(char ch) {
    return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
}
constexpr bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}
// `spaces`: what is cut from both ends.
constexpr std::string_view trimmed(std::string_view s, std::string_view spaces = " ") {
    const std::size_t first = s.find_first_not_of(spaces);
    return first == std::string_view::npos ? s.substr(s.size())
                                           : s.substr(first, s.find_last_not_of(spaces) - first + 1);
}
constexpr std::uint32_t number(std::string_view s) {
    if (s.empty()) a_number_is_expected_in_this_field_tag();
    std::uint32_t n = 0;
    for (char ch : s) {
        if (ch < '0' || ch > '9') a_number_is_expected_in_this_field_tag();
        n = n * 10 + static_cast<std::uint32_t>(ch - '0');
    }
    return n;
}
}  // namespace detail

enum class tag_time : std::uint8_t { by_name, off, moment, seconds, milli, nano };

// One index, uniqueIndex, check or constraint of a field; parsed further where it is used (migration).
struct tag_item {
    enum class kind : std::uint8_t { none, index, unique_index, check, constraint };
    kind what = kind::none;
    std::string_view text;  // what follows the first ':'
};

// The views look into the tag literal.
struct tag_set {
    std::string_view column, type, default_value, comment, generated, serializer, embedded_prefix;
    std::string_view foreign_key, references, many2many, polymorphic, join_foreign_key, join_references;
    std::string_view polymorphic_type, polymorphic_id, polymorphic_value;
    bool belongs_to = false;
    bool has_default = false, primary_key = false, unique = false, not_null = false, embedded = false;
    bool creatable = true, updatable = true, readable = true, migrated = true, stored = true, sensitive = false;
    std::int8_t auto_increment = -1;  // -1: not said
    tag_time auto_create = tag_time::by_name, auto_update = tag_time::by_name;
    bool soft_delete = false;                       // softDelete, softDelete:flag …
    tag_time soft_delete_unit = tag_time::by_name;  // off: a flag
    std::uint32_t size = 0, precision = 0, scale = 0;
    static constexpr std::size_t max_items = 8;
    tag_item items[max_items];
    std::size_t item_count = 0;
};

namespace detail {
constexpr tag_time parse_auto_time(std::string_view value) {
    if (value.empty()) return tag_time::moment;
    if (same_word(value, "false")) return tag_time::off;
    if (same_word(value, "milli")) return tag_time::milli;
    if (same_word(value, "nano")) return tag_time::nano;
    unknown_field_tag();
    return tag_time::off;
}

// Of "[name,]key:value,…": what stands before the next comma is taken away. A name has no colon, and comes first.
struct tag_setting {
    std::string_view key;
    bool may_be_name;
};
constexpr tag_setting take_setting(std::string_view& text, bool first) {
    const std::size_t comma = text.find(',');
    const std::string_view part = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t colon = part.find(':');
    return {trimmed(part.substr(0, colon)), first && colon == std::string_view::npos};
}

constexpr bool is_index_setting(std::string_view key) {
    return same_word(key, "class") || same_word(key, "type") || same_word(key, "where") || same_word(key, "comment") ||
           same_word(key, "expression") || same_word(key, "sort") || same_word(key, "collate") ||
           same_word(key, "length") || same_word(key, "option") || same_word(key, "priority") ||
           same_word(key, "composite") || same_word(key, "unique");
}
constexpr void check_index_settings(std::string_view text) {
    for (bool first = true; !text.empty(); first = false) {
        const tag_setting s = take_setting(text, first);
        if (!is_index_setting(s.key) && !s.may_be_name) unknown_index_setting_in_this_field_tag();
    }
}

constexpr void add_item(tag_set& tags, tag_item::kind what, std::string_view text) {
    if (tags.item_count == tag_set::max_items) unknown_field_tag();
    tags.items[tags.item_count++] = {what, text};
}

constexpr void parse_permission(tag_set& tags, std::string_view key, std::string_view value) {
    if (key == "<-") {
        if (same_word(value, "create"))
            tags.updatable = false;
        else if (same_word(value, "update"))
            tags.creatable = false;
        else if (same_word(value, "false"))
            tags.creatable = tags.updatable = false;
        else if (!value.empty())
            unknown_field_tag();
    } else if (key == "->") {
        if (same_word(value, "false"))
            tags.readable = false;
        else if (value.empty())
            tags.creatable = tags.updatable = false;
        else
            unknown_field_tag();
    } else if (value.empty()) {
        tags.creatable = tags.updatable = tags.readable = tags.stored = false;
    } else if (same_word(value, "migration")) {
        tags.migrated = false;
    } else if (same_word(value, "all")) {
        tags.creatable = tags.updatable = tags.readable = tags.stored = tags.migrated = false;
    } else {
        unknown_field_tag();
    }
}

// [name,]OnUpdate:…,OnDelete:… or -
constexpr void check_constraint(std::string_view text) {
    for (bool first = true; !text.empty(); first = false) {
        const tag_setting s = take_setting(text, first);
        if (!same_word(s.key, "OnUpdate") && !same_word(s.key, "OnDelete") && !s.may_be_name)
            this_constraint_tag_is_not_OnUpdate_or_OnDelete();
    }
}

constexpr bool parse_relation(tag_set& tags, std::string_view key, std::string_view value) {
    if (same_word(key, "foreignKey"))
        tags.foreign_key = value;
    else if (same_word(key, "references"))
        tags.references = value;
    else if (same_word(key, "many2many"))
        tags.many2many = value;
    else if (same_word(key, "polymorphic"))
        tags.polymorphic = value;
    else if (same_word(key, "polymorphicType"))
        tags.polymorphic_type = value;
    else if (same_word(key, "polymorphicId"))
        tags.polymorphic_id = value;
    else if (same_word(key, "polymorphicValue"))
        tags.polymorphic_value = value;
    else if (same_word(key, "belongsTo"))
        tags.belongs_to = true;
    else if (same_word(key, "joinForeignKey"))
        tags.join_foreign_key = value;
    else if (same_word(key, "joinReferences"))
        tags.join_references = value;
    else if (same_word(key, "constraint")) {
        check_constraint(value);
        add_item(tags, tag_item::kind::constraint, value);
    } else
        return false;
    return true;
}

constexpr void parse_setting(tag_set& tags, std::string_view key, std::string_view value) {
    if (key == "<-" || key == "->" || key == "-") return parse_permission(tags, key, value);
    if (parse_relation(tags, key, value)) return;
    if (same_word(key, "column"))
        tags.column = value;
    else if (same_word(key, "primaryKey") || same_word(key, "primary_key"))
        tags.primary_key = !same_word(value, "false");
    else if (same_word(key, "autoIncrement"))
        tags.auto_increment = same_word(value, "false") ? 0 : 1;
    else if (same_word(key, "type"))
        tags.type = value;
    else if (same_word(key, "size"))
        tags.size = number(value);
    else if (same_word(key, "precision"))
        tags.precision = number(value);
    else if (same_word(key, "scale"))
        tags.scale = number(value);
    else if (same_word(key, "not null") || same_word(key, "notNull"))
        tags.not_null = true;
    else if (same_word(key, "unique"))
        tags.unique = true;
    else if (same_word(key, "comment"))
        tags.comment = value;
    else if (same_word(key, "generated")) {
        if (value.empty()) this_field_tag_needs_a_value();
        tags.generated = value;
        tags.creatable = tags.updatable = false;
    } else if (same_word(key, "default")) {
        tags.has_default = true;
        tags.default_value = value;
    } else if (same_word(key, "index")) {
        check_index_settings(value);
        add_item(tags, tag_item::kind::index, value);
    } else if (same_word(key, "uniqueIndex")) {
        check_index_settings(value);
        add_item(tags, tag_item::kind::unique_index, value);
    } else if (same_word(key, "check")) {
        if (value.empty()) this_field_tag_needs_a_value();
        add_item(tags, tag_item::kind::check, value);
    } else if (same_word(key, "softDelete")) {
        tags.soft_delete = true;
        if (!value.empty()) tags.soft_delete_unit = same_word(value, "flag") ? tag_time::off : parse_auto_time(value);
    } else if (same_word(key, "embedded"))
        tags.embedded = true;
    else if (same_word(key, "embeddedPrefix"))
        tags.embedded_prefix = value;
    else if (same_word(key, "autoCreateTime"))
        tags.auto_create = parse_auto_time(value);
    else if (same_word(key, "autoUpdateTime"))
        tags.auto_update = parse_auto_time(value);
    else if (same_word(key, "serializer"))
        tags.serializer = value;
    else if (same_word(key, "sensitive"))
        tags.sensitive = true;
    else
        unknown_field_tag();
}

constexpr tag_set parse_tags(std::string_view text) {
    tag_set tags;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && (text[end] != ';' || (end > 0 && text[end - 1] == '\\'))) ++end;
        const std::string_view part = trimmed(text.substr(0, end));
        text.remove_prefix(end < text.size() ? end + 1 : end);
        if (part.empty()) continue;
        const std::size_t colon = part.find(':');
        const std::string_view key = trimmed(part.substr(0, colon));
        parse_setting(tags, key,
                      colon == std::string_view::npos ? std::string_view() : trimmed(part.substr(colon + 1)));
    }
    return tags;
}

// The one tag that decides on types.
enum class serializer : std::uint8_t { none, json, unixtime };
consteval serializer serializer_of(std::string_view text) {
    if (text.empty()) return serializer::none;
    if (text.find("erializer") == std::string_view::npos && text.find("ERIALIZER") == std::string_view::npos)
        return serializer::none;
    const std::string_view said = parse_tags(text).serializer;
    if (same_word(said, "json")) return serializer::json;
    if (same_word(said, "unixtime")) return serializer::unixtime;
    if (!said.empty()) unknown_serializer_in_this_field_tag();
    return serializer::none;
}

// A tag in the source, checked.
struct checked_tags {
    const char* text;
    consteval checked_tags(const char* tags) : text(tags) {  // NOLINT(google-explicit-constructor)
        if (*tags) static_cast<void>(parse_tags(tags));
    }
};
}  // namespace detail
}  // namespace skua::orm
