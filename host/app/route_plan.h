// SPDX-License-Identifier: Apache-2.0
//
// RoutePlan: what the plugins ask for and what the operator decided, as one route table. Makes the
// authenticators, applies [route.<name>], and finds a section that names no route. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "routing/route_table.h"

namespace hookhost::app {

struct RoutePlan {
  std::shared_ptr<const routing::RouteTable> table;
  bool has_open_route = false;     // somebody may post without a secret
  std::vector<std::string> notes;  // what the operator should know, one sentence each
};

// kInvalid: [route.x] names no route (the message says what is like it), a secret cannot be used.
Result<RoutePlan> plan_routes(std::vector<Route> routes, const Config& config);

}  // namespace hookhost::app
