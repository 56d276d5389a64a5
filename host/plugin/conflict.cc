// SPDX-License-Identifier: Apache-2.0
#include "plugin/conflict.h"

#include <fmt/format.h>

#include "plugin/manifest.h"

namespace hookhost::plugin {

Status check_conflict(const Claim& first, const Claim& newcomer) {
  if (first.id == newcomer.id)
    return Error{ErrorCode::kInvalid,
                 fmt::format("plugin id \"{}\" is taken by {}", newcomer.id, first.file),
                 "remove one of the two files, or give the plugin another id"};
  for (const Claim::Endpoint& their : first.endpoints) {
    for (const Claim::Endpoint& our : newcomer.endpoints) {
      if (!is_same_route(their.path, our.path)) continue;
      // Seed row P09, and what the operator needs to find both.
      return Error{ErrorCode::kInvalid, fmt::format("Webhook {} already exists.", our.path),
                   fmt::format("first:  {}, endpoint {}\nsecond: {}, endpoint {}   (refused)",
                               first.file, their.name, newcomer.file, our.name)};
    }
  }
  return {};
}

}  // namespace hookhost::plugin
