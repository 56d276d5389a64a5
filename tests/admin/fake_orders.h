// SPDX-License-Identifier: Apache-2.0
//
// FakeOrders: keeps what the API asks for, and replies when the test says so.
#pragma once

#include <utility>
#include <vector>

#include "admin/plugins_api.h"

namespace hookhost::admin {

struct FakeOrders final : PluginOrders {
  void submit(PluginOrder order, std::function<void(PluginReply)> reply) override {
    orders.push_back(std::move(order));
    if (replies_at_once) return reply({200, "{\"ok\":true}"});
    waiting.push_back(std::move(reply));
  }
  bool replies_at_once = true;
  std::vector<PluginOrder> orders;
  std::vector<std::function<void(PluginReply)>> waiting;
};

}  // namespace hookhost::admin
