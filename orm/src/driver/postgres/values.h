// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's binary and text forms of values. No libpq here.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <skua/orm/codec.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm::detail::postgres {

using type_id = std::uint32_t;  // pg_type.oid

// Whether column values of this type can be read in their binary form; any other makes its whole statement text.
bool reads_binary(type_id type) noexcept;

// Values of one execution in the form that PQexecPrepared takes. Reused: no allocation once it has grown.
class parameters {
public:
    void reset(std::size_t count);
    // As the parameter's type wants it. A failure names the parameter's number (from 1), never its value.
    status add(value_view v, type_id type);
    // When the type is not known: the server decides.
    status add_untyped(value_view v);

    [[nodiscard]] int count() const noexcept { return static_cast<int>(data_.size()); }
    [[nodiscard]] const char* const* data() const noexcept { return data_.data(); }
    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

private:
    status binary(std::string_view bytes);  // not copied
    status text(std::string_view text);     // copied, with its end
    status number(std::uint64_t bits, int size);
    status integer(std::int64_t v, type_id type);
    status real(double v, type_id type);
    status moment(std::int64_t ns, type_id type);
    status words(std::string_view v, type_id type);

    struct eight_bytes {
        char at[8];
    };
    std::vector<eight_bytes> numbers_;  // as many as parameters: never moved while in use
    std::deque<std::string> texts_;
    std::size_t texts_used_ = 0;
    std::vector<const char*> data_;
    std::vector<int> lengths_, formats_;
};

// `keeper` holds what the view looks at when it is not in `bytes` itself.
value_view read_binary(std::string_view bytes, type_id type, std::string& keeper);
value_view read_text(std::string_view text, type_id type, std::string& keeper);

}  // namespace skua::orm::detail::postgres
