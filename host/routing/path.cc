// SPDX-License-Identifier: Apache-2.0
#include "routing/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "routing/route_table.h"

namespace hookhost::routing {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_name(std::string_view text) noexcept {
  const auto is_letter = [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
  };
  if (text.empty() || !is_letter(text.front())) return false;
  return std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// The rule that the path breaks; nullptr: none. path: without slashes at its ends.
const char* flaw_of(std::string_view path) {
  if (!is_utf8(path)) return "is not UTF-8";
  if (std::ranges::any_of(path, is_control)) return "has control characters";
  // These mean something else in the address of a request: a route with one would be reached by a
  // spelling that nobody expects, or not at all.
  if (path.find_first_of("%?#;\\") != std::string_view::npos)
    return R"(has one of the characters % ? # ; \)";

  if (path.find("//") != std::string_view::npos) return "has two slashes in a row";

  std::vector<std::string_view> names;
  std::size_t segments = 1;  // "webhooks" itself
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    if (++segments > kSegmentsMax) return "has more than 32 segments";
    if (segment == "." || segment == "..") return "has a segment . or ..";
    if (segment.find_first_of("{}") == std::string_view::npos) continue;
    const std::string_view name = parameter_name(segment);
    if (!is_name(name)) return "has a parameter that is not a whole segment like {name}";
    if (std::ranges::find(names, name) != names.end()) return "has a parameter twice";
    names.push_back(name);
    if (names.size() > kParametersMax) return "has more than 8 parameters";
  }
  return nullptr;
}

}  // namespace

std::string_view take_segment(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return segment;
}

std::string_view parameter_name(std::string_view segment) noexcept {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return {};
  return segment.substr(1, segment.size() - 2);
}

bool is_parameter_value(std::string_view text) noexcept {
  if (text.empty() || text == "." || text == "..") return false;
  for (const char c : text) {
    if (is_control(c) || c == '/' || c == '\\' || c == ';' || c == '%') return false;
  }
  return is_utf8(text);
}

std::string printed_path(std::string_view route_path) {
  std::string printed;
  bool is_first = true;
  for (std::string_view rest = route_path; is_first || !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    if (!is_first) printed.push_back('/');
    printed +=
        parameter_name(segment).empty() ? percent_encode_path(segment) : std::string(segment);
    is_first = false;
  }
  return printed;
}

Result<std::string> route_path(std::string_view path, std::string_view name) {
  const std::string_view wanted = path.empty() ? name : path;
  std::string_view bare = wanted;
  while (!bare.empty() && bare.front() == '/') bare.remove_prefix(1);
  while (!bare.empty() && bare.back() == '/') bare.remove_suffix(1);

  const char* flaw = nullptr;
  if (bare.empty()) {
    flaw = "is that of all webhooks";  // P06: /webhooks and /webhooks/ would be one route
  } else if (kPrefix.size() + bare.size() > kRoutePathBytesMax) {
    flaw = "is longer than 1024 bytes";
  } else {
    flaw = flaw_of(bare);
  }
  if (flaw != nullptr) {
    return Error{ErrorCode::kInvalid, fmt::format("path \"{}\" {}", printable(wanted, 128), flaw),
                 "write it like \"retrain\" or \"team/{id}\""};
  }
  return std::string(kPrefix).append(bare);
}

}  // namespace hookhost::routing
