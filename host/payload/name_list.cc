// SPDX-License-Identifier: Apache-2.0
#include "payload/name_list.h"

#include <algorithm>
#include <cstddef>

namespace hookhost::payload {
namespace {

// The first item; the rest is what remains.
std::string_view take_item(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find(','), rest.size());
  std::string_view item = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (item.starts_with(' ')) item.remove_prefix(1);
  while (item.ends_with(' ')) item.remove_suffix(1);
  return item;
}

// Only the last star is ever tried again: an earlier one would find nothing that it does not.
bool matches(std::string_view pattern, std::string_view name) noexcept {
  std::size_t at = 0, in_name = 0, star = pattern.npos, behind_star = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      behind_star = in_name;
    } else if (at < pattern.size() && pattern[at] == name[in_name]) {
      ++at;
      ++in_name;
    } else if (star != pattern.npos) {
      at = star + 1;
      in_name = ++behind_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == pattern.npos;
}

}  // namespace

Status validate_names(std::string_view list) {
  for (bool has_more = true; has_more;) {
    has_more = list.find(',') != list.npos;
    if (take_item(list).empty())
      return Error{ErrorCode::kInvalid, "an item of the list is empty", "\"me/*, org/data\""};
  }
  return {};
}

bool names_match(std::string_view list, std::string_view name) noexcept {
  while (!list.empty()) {
    if (matches(take_item(list), name)) return true;
  }
  return false;
}

}  // namespace hookhost::payload
