// SPDX-License-Identifier: Apache-2.0
// A list of attributes made once and handed out many times.
#pragma once

#include "skua/otel/options.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <opentelemetry/common/attribute_value.h>
#include <opentelemetry/common/key_value_iterable.h>
#include <opentelemetry/nostd/string_view.h>

namespace skua::otel {

inline opentelemetry::nostd::string_view view(std::string_view s) noexcept {
    return {s.data(), s.size()};
}

// Owns its values; names are literals or owned too. Not changed after it is built, so any thread may read it.
class attribute_list final : public opentelemetry::common::KeyValueIterable {
public:
    using pair = std::pair<opentelemetry::nostd::string_view, opentelemetry::common::AttributeValue>;
    using callback = opentelemetry::nostd::function_ref<bool(opentelemetry::nostd::string_view,
                                                             opentelemetry::common::AttributeValue)>;

    attribute_list() = default;
    attribute_list(attribute_list&&) = default;
    attribute_list& operator=(attribute_list&&) = default;

    // `name` must outlive the list. An empty text is left out.
    void add(const char* name, std::string_view text) {
        if (!text.empty()) pairs_.emplace_back(name, view(texts_.emplace_back(text)));
    }
    void add(const char* name, std::int64_t number) { pairs_.emplace_back(name, number); }
    void add(const attribute& one) {
        const auto name = view(texts_.emplace_back(one.name));
        if (const auto* b = std::get_if<bool>(&one.value)) pairs_.emplace_back(name, *b);
        if (const auto* i = std::get_if<std::int64_t>(&one.value)) pairs_.emplace_back(name, *i);
        if (const auto* d = std::get_if<double>(&one.value)) pairs_.emplace_back(name, *d);
        if (const auto* s = std::get_if<std::string>(&one.value))
            pairs_.emplace_back(name, view(texts_.emplace_back(*s)));
    }
    void add(const std::vector<attribute>& all) {
        for (const attribute& one : all) add(one);
    }

    bool ForEachKeyValue(callback each) const noexcept override {
        for (const pair& p : pairs_) {
            if (!each(p.first, p.second)) return false;
        }
        return true;
    }
    [[nodiscard]] std::size_t size() const noexcept override { return pairs_.size(); }

private:
    std::deque<std::string> texts_;  // a deque: its strings stay where they are
    std::vector<pair> pairs_;
};

// A few more, that live only as long as the call they are made for, after a list.
template <std::size_t capacity>
class extended_attributes final : public opentelemetry::common::KeyValueIterable {
public:
    explicit extended_attributes(const attribute_list& first) noexcept : first_(first) {}
    void add(opentelemetry::nostd::string_view name, opentelemetry::common::AttributeValue value) noexcept {
        if (count_ < capacity) more_[count_++] = {name, value};
    }
    void add_all(const attribute_list* last) noexcept { last_ = last; }
    bool ForEachKeyValue(attribute_list::callback each) const noexcept override {
        if (!first_.ForEachKeyValue(each)) return false;
        for (std::size_t i = 0; i < count_; ++i) {
            if (!each(more_[i].first, more_[i].second)) return false;
        }
        return !last_ || last_->ForEachKeyValue(each);
    }
    [[nodiscard]] std::size_t size() const noexcept override {
        return first_.size() + count_ + (last_ ? last_->size() : 0);
    }

private:
    const attribute_list& first_;
    const attribute_list* last_ = nullptr;
    attribute_list::pair more_[capacity];
    std::size_t count_ = 0;
};

}  // namespace skua::otel
