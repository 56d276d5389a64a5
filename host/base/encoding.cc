// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <algorithm>

#include "base/text.h"

namespace hookhost {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex =
    "0123456789ABCDEF";  // RFC 3986 2.1: producers use upper case

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Value of a base64 digit, or -1.
constexpr int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

constexpr bool is_path_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '/';
}

}  // namespace

std::string hex_encode(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text.push_back(kLowerHex[std::to_integer<unsigned>(byte) >> 4]);
    text.push_back(kLowerHex[std::to_integer<unsigned>(byte) & 15]);
  }
  return text;
}

bool hex_decode(std::string_view text, std::span<std::byte> out) noexcept {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(ascii_lower(text[i]) == text[i] ? text[i] : '!');
    const int low = hex_digit(ascii_lower(text[i + 1]) == text[i + 1] ? text[i + 1] : '!');
    if (high < 0 || low < 0) return false;
    out[i / 2] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

std::string base64_encode(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned word = 0;
    for (std::size_t k = 0; k < 3; ++k)
      word = word << 8 | (k < count ? std::to_integer<unsigned>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      text.push_back(k <= count ? kBase64[word >> (18 - 6 * k) & 63] : '=');
  }
  return text;
}

std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::byte> out) noexcept {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) text.remove_suffix(1), ++padding;
  const std::size_t size = text.size() * 3 / 4;
  if (size > out.size()) return std::nullopt;
  std::size_t filled = 0;
  unsigned word = 0, bits = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    word = word << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[filled++] = static_cast<std::byte>(word >> bits & 0xff);
    word &= (1U << bits) - 1;
  }
  if (word != 0) return std::nullopt;
  return size;
}

std::optional<std::string_view> percent_decode(std::string_view text, Arena& arena) {
  if (text.find('%') == std::string_view::npos) return text;
  std::span<char> out = arena.allocate_array<char>(text.size());
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out[length++] = text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out[length++] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  return std::string_view(out.data(), length);
}

std::string percent_encode_path(std::string_view path) {
  std::string text;
  text.reserve(path.size());
  for (const char c : path) {
    if (is_path_character(c)) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text.push_back('%');
    text.push_back(kUpperHex[byte >> 4]);
    text.push_back(kUpperHex[byte & 15]);
  }
  return text;
}

}  // namespace hookhost
