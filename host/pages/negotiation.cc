// SPDX-License-Identifier: Apache-2.0
#include "pages/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace hookhost::pages {
namespace {

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The text up to the separator, which is taken away with it.
std::string_view next_part(std::string_view& text, char separator) noexcept {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trim(part);
}

// "gzip;q=0.5": false when a weight says 0 in any of its forms ("0", "0.", "0.000").
bool has_weight(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    std::string_view parameter = next_part(parameters, ';');
    if (!ascii_iequals(next_part(parameter, '='), "q")) continue;
    const std::string_view weight = trim(parameter);
    return weight.empty() || weight.find_first_not_of("0.") != std::string_view::npos;
  }
  return true;
}

}  // namespace

bool accepts_gzip(const RequestHead& head) noexcept {
  bool any = false;
  bool is_listed = false;
  bool is_wanted = false;
  for (const Header& header : head.headers) {
    if (!ascii_iequals(header.name, "accept-encoding")) continue;
    std::string_view list = header.value;
    while (!list.empty()) {
      std::string_view parameters = next_part(list, ',');
      const std::string_view coding = next_part(parameters, ';');
      if (ascii_iequals(coding, "gzip") || ascii_iequals(coding, "x-gzip")) {
        is_listed = true;
        is_wanted = has_weight(parameters);
      } else if (coding == "*") {
        any = has_weight(parameters);
      }
    }
  }
  return is_listed ? is_wanted : any;
}

bool has_copy(const RequestHead& head, std::string_view etag) noexcept {
  for (const Header& header : head.headers) {
    if (!ascii_iequals(header.name, "if-none-match")) continue;
    std::string_view list = trim(header.value);
    if (list == "*") return true;
    while (!list.empty()) {
      if (list.starts_with("W/")) list.remove_prefix(2);
      if (!list.starts_with('"')) break;  // malformed: nothing behind it can be trusted
      const std::size_t end = list.find('"', 1);
      if (end == std::string_view::npos) break;
      if (list.substr(0, end + 1) == etag) return true;
      list = trim(list.substr(end + 1));
      if (list.starts_with(',')) list = trim(list.substr(1));
    }
  }
  return false;
}

std::string etag_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("\"{:016x}-{:x}\"", hash, bytes.size());
}

}  // namespace hookhost::pages
