// SPDX-License-Identifier: Apache-2.0
// The codecs of the types that most columns have, compiled once for all programs; values and what they look at.
#include <skua/orm/codec.hpp>

namespace skua::orm {

value::value(value_view from) : view_(from) {
    if (from.kind() >= value_kind::text) text_ = from.as_bytes();
}
value::value(const value& other) = default;
value::value(value&& other) noexcept = default;
value& value::operator=(const value& other) = default;
value& value::operator=(value&& other) noexcept = default;
value::~value() = default;
value::value(value_kind kind, std::string&& v)
    : view_(kind == value_kind::text ? value_view::text({}) : value_view::blob({})), text_(std::move(v)) {}
value value::text(std::string v) {
    return {value_kind::text, std::move(v)};
}
value value::blob(std::string v) {
    return {value_kind::blob, std::move(v)};
}

struct scratch::kept {
    std::string text;
    kept* before;
};
std::string_view scratch::keep(std::string text) {
    last_ = new kept{std::move(text), last_};
    return last_->text;
}
void scratch::drop() noexcept {
    while (last_) delete std::exchange(last_, last_->before);
}

namespace detail {
#define SKUA_ORM_COMPILED_HERE(T) \
    template struct ops<T>;       \
    template struct ops<std::optional<T>>;
SKUA_ORM_COMMON_TYPES(SKUA_ORM_COMPILED_HERE)
}  // namespace detail

}  // namespace skua::orm
