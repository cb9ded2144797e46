// SPDX-License-Identifier: Apache-2.0
// Nested values of any bytes: read, printed, and built again from what was read.
#include "model/nested.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace skua::model;  // NOLINT(google-build-using-namespace)

// The same container made by the builders.
std::string rebuild(const Value& container, int depth) {
    std::string body;
    if (depth >= kNestingMax) return body;
    NestedReader reader(container);
    Attribute child;
    while (reader.next(child)) {
        std::string inner;
        if (child.value.type == ValueType::kArray || child.value.type == ValueType::kMap) {
            inner = rebuild(child.value, depth + 1);
            child.value.text = inner;
        }
        if (container.type == ValueType::kArray) {
            append_element(body, child.value);
        } else {
            append_entry(body, child.key, child.value);
        }
    }
    return body;
}

void check(ValueType type, std::string_view bytes) {
    const Value value = Value::with_text(type, bytes);
    std::string form;
    append_string_form(form, value);
    if (check_nested(value) != NestedCheck::kOk) return;
    const std::string body = rebuild(value, 0);
    const Value again = Value::with_text(type, body);
    std::string form_again;
    append_string_form(form_again, again);
    if (check_nested(again) != NestedCheck::kOk || form != form_again) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check(ValueType::kArray, bytes);
    check(ValueType::kMap, bytes);
    if (const auto value = read_any_value(bytes)) {
        std::string body;
        append_any_value(body, *value);
        if (!read_any_value(body)) std::abort();
    }
    (void)read_key_value(bytes);
    return 0;
}
