// SPDX-License-Identifier: Apache-2.0
//
// Conflict: may two plugins serve side by side? An id and a route belong to one. Pure. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace hookhost::plugin {

// What a plugin takes for itself.
struct Claim {
  struct Endpoint {
    std::string name, path;
  };
  std::string file;  // "retrain.so", for messages
  std::string id;
  std::vector<Endpoint> endpoints;
};

// kInvalid: the newcomer wants an id or a route of the first; both files are named.
Status check_conflict(const Claim& first, const Claim& newcomer);

}  // namespace hookhost::plugin
