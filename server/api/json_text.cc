// SPDX-License-Identifier: Apache-2.0
#include "api/json_text.h"

#include "api/json_writer.h"

namespace skua::api {

void append_json_text(std::string& out, std::string_view text) {
    JsonWriter(out, JsonWriter::Escape::kGo).string(text);
}

void append_json_number(std::string& out, double value) {
    JsonWriter(out, JsonWriter::Escape::kGo).number(value);
}

}  // namespace skua::api
