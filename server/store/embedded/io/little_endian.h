// SPDX-License-Identifier: Apache-2.0
// Integers in files are little endian, at any address.
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

namespace skua::store::embedded {

static_assert(std::endian::native == std::endian::little, "files are little endian and read by copying");

template <class T>
[[nodiscard]] T load(const char* from) {
    static_assert(std::is_integral_v<T>);
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class T>
void store_at(char* to, T value) {
    static_assert(std::is_integral_v<T>);
    std::memcpy(to, &value, sizeof value);
}

template <class T>
void append_int(std::string& to, T value) {
    static_assert(std::is_integral_v<T>);
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace skua::store::embedded
