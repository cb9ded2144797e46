// SPDX-License-Identifier: Apache-2.0
// Tags are checked while compiling; the names of these functions are what the compiler says of a wrong one. At run time
// only checked text is read.
#include <skua/orm/relation.hpp>

namespace skua::orm::detail {

void unknown_field_tag() {
    wrong_access();
}
void a_number_is_expected_in_this_field_tag() {
    wrong_access();
}
void unknown_index_setting_in_this_field_tag() {
    wrong_access();
}
void this_field_tag_needs_a_value() {
    wrong_access();
}
void this_constraint_tag_is_not_OnUpdate_or_OnDelete() {
    wrong_access();
}
void unknown_serializer_in_this_field_tag() {
    wrong_access();
}
void a_struct_without_codec_is_tagged_embedded_or_serializer_json() {
    wrong_access();
}

}  // namespace skua::orm::detail
