// SPDX-License-Identifier: Apache-2.0
#include "payload/unescape.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/encoding.h"

namespace hookhost::payload {
namespace {

// The code unit of the four digits at the front, or -1.
std::int32_t code_unit(std::string_view digits) noexcept {
  if (digits.size() < 4) return -1;
  std::int32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_digit(digits[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

constexpr bool is_high_surrogate(std::int32_t unit) noexcept { return (unit >> 10) == 0x36; }
constexpr bool is_low_surrogate(std::int32_t unit) noexcept { return (unit >> 10) == 0x37; }

char* write_utf8(std::int32_t c, char* out) noexcept {
  const auto put = [&out](std::int32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)),
        put(0x80 | (c & 0x3F));
  }
  return out;
}

// The character of \uXXXX, or of two that are a surrogate pair; takes them off the front (which
// stands behind the first 'u'). -1: there is none.
std::int32_t take_unicode(std::string_view& rest) noexcept {
  const std::int32_t first = code_unit(rest);
  if (first < 0 || is_low_surrogate(first)) return -1;
  rest.remove_prefix(4);
  if (!is_high_surrogate(first)) return first;
  if (!rest.starts_with("\\u")) return -1;
  const std::int32_t second = code_unit(rest.substr(2));
  if (!is_low_surrogate(second)) return -1;
  rest.remove_prefix(6);
  return 0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF));
}

char simple_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return '\0';
  }
}

// Copies what stands before the first backslash and takes it off the front; returns the end of the
// copy. Eight bytes at a time and in one pass, since what lies between two escapes is short:
// looking for the next one and copying up to it are two calls for a line of a README. Never writes
// more than was read, so it needs no more room than the source has.
char* take_plain(std::string_view& source, char* out) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  const char* in = source.data();
  const char* const end = in + source.size();
  for (std::uint64_t word; end - in >= 8; in += 8, out += 8) {
    std::memcpy(&word, in, 8);
    std::memcpy(out, &word, 8);
    const std::uint64_t difference = word ^ kOnes * '\\';
    const std::uint64_t found =
        (difference - kOnes) & ~difference & kTops;  // its lowest bit is true
    if (found == 0) continue;
    const int plain = std::countr_zero(found) / 8;
    in += plain, out += plain;
    source = {in, end};
    return out;
  }
  while (in != end && *in != '\\') *out++ = *in++;
  source = {in, end};
  return out;
}

}  // namespace

char* unescape(std::string_view source, char* out) noexcept {
  while (!source.empty()) {
    out = take_plain(source, out);
    if (source.empty()) break;
    if (source.size() < 2) return nullptr;
    const char kind = source[1];
    source.remove_prefix(2);
    if (kind == 'u') {
      const std::int32_t c = take_unicode(source);
      if (c < 0) return nullptr;
      out = write_utf8(c, out);
    } else {
      const char c = simple_escape(kind);
      if (c == '\0') return nullptr;
      *out++ = c;
    }
  }
  return out;
}

}  // namespace hookhost::payload
