// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

namespace hookhost {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex =
    "0123456789ABCDEF";  // RFC 3986 2.1: producers use upper case

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
