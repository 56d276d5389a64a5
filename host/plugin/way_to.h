// SPDX-License-Identifier: Apache-2.0
//
// WayTo: can a request still reach a replaced generation? As long as a route table lives that leads
// to it: a request keeps the table by which it was routed, while it sends its body for example, and
// several others may have been published since. Control thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "routing/route_table.h"

namespace hookhost::plugin {

class WayTo {
 public:
  WayTo() = default;  // there is none
  // Those of the tables that lead to this generation of the plugin.
  WayTo(const routing::RouteTables& tables, std::string_view plugin_id, std::uint64_t generation) {
    const auto leads_there = [&](const Route& route) {
      return route.generation == generation && route.plugin_id == plugin_id;
    };
    for (const std::weak_ptr<const routing::RouteTable>& one : tables) {
      const auto table = one.lock();
      if (table != nullptr && std::ranges::any_of(table->routes(), leads_there))
        tables_.push_back(one);
    }
  }

  bool is_gone() const noexcept {
    return std::ranges::all_of(tables_, [](const auto& table) { return table.expired(); });
  }

 private:
  routing::RouteTables tables_;
};

}  // namespace hookhost::plugin
