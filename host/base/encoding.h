// SPDX-License-Identifier: Apache-2.0
//
// Hex, base64 and percent-decoding, strict: what does not fit the form is refused, never guessed.
// Pure. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace hookhost {

// Lower-case hex, two digits a byte.
std::string hex_encode(std::span<const std::byte> bytes);

// Decodes exactly out.size() bytes of lower-case hex. False: another length, another character.
bool hex_decode(std::string_view text, std::span<std::byte> out) noexcept;

// Standard base64 with padding (RFC 4648 4).
std::string base64_encode(std::span<const std::byte> bytes);

// How many bytes of out the text fills. Nothing: no padding where it belongs, a character of
// another alphabet, bits behind the end that are not 0, or more bytes than out has.
std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::byte> out) noexcept;

// Decodes %XX once (RFC 3986 2.1). Text without '%' comes back as it is, else the arena holds the
// result. Nothing: a '%' without two hex digits behind it.
std::optional<std::string_view> percent_decode(std::string_view text, Arena& arena);

// Writes every byte outside the unreserved set of RFC 3986 and '/' as %XX: for printing a path,
// never for matching one.
std::string percent_encode_path(std::string_view path);

// Value of a hex digit, or -1.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace hookhost
