// SPDX-License-Identifier: Apache-2.0
//
// Values of JSON numbers, read from their source text when somebody asks: exact for integers
// however they are written (`19`, `19.0`, `1.9e1`), correctly rounded for doubles. The text is a
// number of RFC 8259 already. Pure. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hookhost::payload {

// No '.', 'e' or 'E' in it.
bool is_integer_literal(std::string_view number) noexcept;

// Nothing: a fraction other than zero, or out of range.
std::optional<std::int64_t> to_i64(std::string_view number) noexcept;
std::optional<std::uint64_t> to_u64(std::string_view number) noexcept;

// Nothing: beyond the largest double. What is too small is zero, as in Python.
std::optional<double> to_f64(std::string_view number) noexcept;

}  // namespace hookhost::payload
