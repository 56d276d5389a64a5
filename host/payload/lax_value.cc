// SPDX-License-Identifier: Apache-2.0
#include "payload/lax_value.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "base/text.h"
#include "payload/number.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr std::string_view kTrueTexts[] = {"true", "t", "yes", "y", "on", "1"};
constexpr std::string_view kFalseTexts[] = {"false", "f", "no", "n", "off", "0"};

bool is_one_of(std::string_view text, std::span<const std::string_view> texts) noexcept {
  return std::any_of(texts.begin(), texts.end(),
                     [text](std::string_view one) { return ascii_iequals(text, one); });
}

// The characters of Unicode's White_Space, which pydantic strips, as UTF-8.
constexpr std::string_view kSpaces[] = {
    "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00A0", "\u1680",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

std::string_view trim(std::string_view text) noexcept {
  const auto strip_one = [&text] {
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) return text.remove_prefix(space.size()), true;
      if (text.ends_with(space)) return text.remove_suffix(space.size()), true;
    }
    return false;
  };
  while (strip_one()) {
  }
  return text;
}

// pydantic steps over zeros and underscores up to the first digit or sign, so "0_-1" is -1.
// Nothing: another character stands there.
std::optional<std::string_view> strip_leading_zeros(std::string_view text) noexcept {
  if (!text.starts_with('0')) {
    const bool can_begin = !text.empty() && (is_digit(text.front()) || text.front() == '-');
    return can_begin ? std::optional(text) : std::nullopt;
  }
  const std::size_t end = text.find_first_not_of("0_");
  if (end == std::string_view::npos) return text.substr(text.size() - 1);
  const bool can_follow = is_digit(text[end]) || text[end] == '-';
  return can_follow ? std::optional(text.substr(end)) : std::nullopt;
}

// An optional minus and digits, single underscores between them.
Result<std::int64_t, ErrorType> digits_to_int(std::string_view text) noexcept {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  std::int64_t value = 0;
  bool fits = true;
  bool has_underscore = false;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_' && i != 0 && is_digit(text[i - 1]) && i + 1 < text.size()) {
      has_underscore = true;
      continue;
    }
    if (!is_digit(c))
      return digits > kIntegerDigitsMax && !has_underscore ? ErrorType::kIntParsingSize
                                                           : ErrorType::kIntParsing;
    ++digits;
    const std::int64_t digit = is_negative ? '0' - c : c - '0';
    fits = fits && !__builtin_mul_overflow(value, std::int64_t{10}, &value) &&
           !__builtin_add_overflow(value, digit, &value);
  }
  if (digits == 0) return ErrorType::kIntParsing;
  if (fits) return value;
  return digits > kIntegerDigitsMax && has_underscore ? ErrorType::kIntParsing
                                                      : ErrorType::kIntParsingSize;
}

Result<std::int64_t, ErrorType> text_to_int(std::string_view text) noexcept {
  text = trim(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return ErrorType::kIntParsing;
  }
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && point + 1 != text.size() &&
      text.find_first_not_of('0', point + 1) == std::string_view::npos) {
    text = text.substr(0, point);
  }
  const auto stripped = strip_leading_zeros(text);
  return stripped ? digits_to_int(*stripped) : ErrorType::kIntParsing;
}

// A double with a fraction or an exponent in its text, as an int.
Result<std::int64_t, ErrorType> float_to_int(std::string_view number) noexcept {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const auto value = to_f64(number);
  if (!value) return ErrorType::kIntParsingSize;
  if (std::trunc(*value) != *value) return ErrorType::kIntFromFloat;
  if (*value <= -kTwoTo63 || *value >= kTwoTo63) return ErrorType::kIntParsingSize;
  return static_cast<std::int64_t>(*value);
}

Result<std::int64_t, ErrorType> number_to_int(std::string_view number) noexcept {
  if (!is_integer_literal(number)) return float_to_int(number);
  const auto value = to_i64(number);
  return value ? Result<std::int64_t, ErrorType>(*value) : ErrorType::kIntParsingSize;
}

bool is_true(const Cursor& cursor, NodeId node) noexcept {
  bool value = false;
  return cursor.read_bool(node, value) == ReadError::kOk && value;
}

}  // namespace

Result<bool, ErrorType> to_lax_bool(const Cursor& cursor, NodeId node) {
  switch (cursor.type(node)) {
    case NodeType::kBool: return is_true(cursor, node);
    case NodeType::kNumber: {
      const auto value = number_to_int(cursor.raw(node));
      if (!value) return ErrorType::kBoolType;
      if (*value != 0 && *value != 1) return ErrorType::kBoolParsing;
      return *value == 1;
    }
    case NodeType::kString: {
      const std::string_view text = cursor.text(node);
      if (is_one_of(text, kTrueTexts)) return true;
      if (is_one_of(text, kFalseTexts)) return false;
      return ErrorType::kBoolParsing;
    }
    default: return ErrorType::kBoolType;
  }
}

Result<std::int64_t, ErrorType> to_lax_int(const Cursor& cursor, NodeId node) {
  switch (cursor.type(node)) {
    case NodeType::kBool: return is_true(cursor, node) ? 1 : 0;
    case NodeType::kNumber: return number_to_int(cursor.raw(node));
    case NodeType::kString: return text_to_int(cursor.text(node));
    default: return ErrorType::kIntType;
  }
}

bool equals(const Cursor& cursor, NodeId number, std::int64_t integer) noexcept {
  if (cursor.type(number) != NodeType::kNumber) return false;
  const std::string_view source = cursor.raw(number);
  if (is_integer_literal(source)) return to_i64(source) == integer;
  return to_f64(source) == static_cast<double>(integer);
}

}  // namespace hookhost::payload
