// SPDX-License-Identifier: Apache-2.0
//
// PluginDesk: takes the orders of the admin API on any loop, has PluginSwap carry them out on the
// control thread, and writes the replies as JSON.
#pragma once

#include <functional>

#include "admin/plugins_api.h"
#include "app/control_queue.h"
#include "app/plugin_swap.h"
#include "plugin/registry.h"

namespace hookhost::app {

class PluginDesk final : public admin::PluginOrders {
 public:
  // Both outlive it.
  PluginDesk(PluginSwap& swap, const plugin::Registry& registry)
      : swap_(swap), registry_(registry) {}

  void submit(admin::PluginOrder order, std::function<void(admin::PluginReply)> reply) override;

  ControlQueue& queue() noexcept { return queue_; }

 private:
  void carry_out(const admin::PluginOrder& order,
                 const std::function<void(admin::PluginReply)>& reply);

  PluginSwap& swap_;
  const plugin::Registry& registry_;
  ControlQueue queue_;
};

// What the API answers. Pure.
admin::PluginReply reply_of(const SwapOutcome& outcome);
admin::PluginReply reply_of(const std::vector<plugin::GenerationStatus>& generations,
                            const std::vector<plugin::Refusal>& refusals);
admin::PluginReply reply_of(const SwapHistory& history);

}  // namespace hookhost::app
