// SPDX-License-Identifier: Apache-2.0
#include "payload/content_type.h"

#include <cstddef>

#include "base/text.h"

namespace hookhost::payload {

bool is_json_content_type(std::string_view value) noexcept {
  constexpr std::string_view kType = "application/";
  constexpr std::string_view kJson = "json";
  constexpr std::string_view kSuffix = "+json";
  value = value.substr(0, value.find(';'));
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);

  if (value.size() <= kType.size() || !ascii_iequals(value.substr(0, kType.size()), kType))
    return false;
  const std::string_view subtype = value.substr(kType.size());
  if (subtype.find('/') != std::string_view::npos) return false;  // two values in one header
  return ascii_iequals(subtype, kJson) ||
         (subtype.size() >= kSuffix.size() &&
          ascii_iequals(subtype.substr(subtype.size() - kSuffix.size()), kSuffix));
}

}  // namespace hookhost::payload
