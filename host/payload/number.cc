// SPDX-License-Identifier: Apache-2.0
#include "payload/number.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>

namespace hookhost::payload {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// digits x 10^exponent; the digits may hold one point, which counts for nothing.
struct Decimal {
  bool is_negative = false;
  std::string_view digits;
  std::int64_t exponent = 0;
};

Decimal split(std::string_view number) noexcept {
  Decimal decimal;
  if (number.starts_with('-')) {
    decimal.is_negative = true;
    number.remove_prefix(1);
  }
  const std::size_t e = number.find_first_of("eE");
  decimal.digits = number.substr(0, e);
  if (e != std::string_view::npos) {
    std::string_view text = number.substr(e + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), decimal.exponent);
    // Beyond 64 bits; any number of that size does, and leaves room for the digits to be counted.
    constexpr std::int64_t kHuge = std::int64_t{1} << 60;
    if (error != std::errc() || decimal.exponent > kHuge || decimal.exponent < -kHuge)
      decimal.exponent = text.starts_with('-') ? -kHuge : kHuge;
  }
  const std::size_t point = decimal.digits.find('.');
  if (point != std::string_view::npos)
    decimal.exponent -= static_cast<std::int64_t>(decimal.digits.size() - point - 1);
  return decimal;
}

// Drops zeros from the end, each of them a power of ten.
void normalise(Decimal& decimal) noexcept {
  while (!decimal.digits.empty() &&
         (decimal.digits.back() == '0' || decimal.digits.back() == '.')) {
    if (decimal.digits.back() == '0') ++decimal.exponent;
    decimal.digits.remove_suffix(1);
  }
}

// The magnitude, when it is an integer of at most 64 bits.
std::optional<std::uint64_t> magnitude(Decimal decimal) noexcept {
  normalise(decimal);
  if (decimal.digits.empty()) return 0;
  if (decimal.exponent < 0) return std::nullopt;
  std::uint64_t value = 0;
  const auto shift_in = [&value](std::uint64_t digit) {
    return !__builtin_mul_overflow(value, std::uint64_t{10}, &value) &&
           !__builtin_add_overflow(value, digit, &value);
  };
  for (const char c : decimal.digits) {
    if (is_digit(c) && !shift_in(static_cast<std::uint64_t>(c - '0'))) return std::nullopt;
  }
  for (std::int64_t i = 0; i < decimal.exponent; ++i) {
    if (!shift_in(0)) return std::nullopt;
  }
  return value;
}

}  // namespace

bool is_integer_literal(std::string_view number) noexcept {
  return number.find_first_of(".eE") == std::string_view::npos;
}

std::optional<std::int64_t> to_i64(std::string_view number) noexcept {
  std::int64_t quick = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), quick);
  if (error == std::errc() && end == number.data() + number.size()) return quick;

  const Decimal decimal = split(number);
  const auto value = magnitude(decimal);
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value || *value > kMax + (decimal.is_negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(decimal.is_negative ? 0 - *value : *value);
}

std::optional<std::uint64_t> to_u64(std::string_view number) noexcept {
  const Decimal decimal = split(number);
  const auto value = magnitude(decimal);
  if (!value || (decimal.is_negative && *value != 0)) return std::nullopt;
  return value;
}

std::optional<double> to_f64(std::string_view number) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc()) return value;

  // Out of range: too large, unless its first digit that counts stands behind the point.
  Decimal decimal = split(number);
  normalise(decimal);
  std::string_view digits = decimal.digits;
  digits.remove_prefix(std::min(digits.find_first_of("123456789"), digits.size()));
  const auto count = std::count_if(digits.begin(), digits.end(), is_digit);
  if (count != 0 && decimal.exponent + count > 0) return std::nullopt;
  return decimal.is_negative ? -0.0 : 0.0;
}

}  // namespace hookhost::payload
