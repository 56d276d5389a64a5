// SPDX-License-Identifier: Apache-2.0
//
// Admin: the receiver of the admin listener: /healthz (alias /livez), /readyz, /metrics, the APIs
// of the plugins and of the events, and a small page at / that says so. Every request must name us
// in its Host header, else 421: a browser that was led here by a foreign name (DNS rebinding) reads
// nothing. Where a token is configured, everything but the health checks needs it, else 401, and
// 429 for whoever guesses. Any loop.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "admin/access.h"
#include "admin/events_api.h"
#include "admin/health.h"
#include "admin/plugins_api.h"
#include "model/exchange.h"
#include "pages/static_files.h"

namespace hookhost::admin {

struct AdminOptions {
  HostAllowList hosts = {};
  std::span<const auth::Credential> tokens = {};  // none: open, which only loopback may be
};

class Admin final : public Receiver {
 public:
  // metrics: the Prometheus text, called for each request to /metrics, on its loop; thread-safe.
  // health, orders and clock must outlive it.
  Admin(AdminOptions options, const Health& health, std::function<std::string()> metrics,
        PluginOrders& orders, EventsApi events, const Clock& clock);

  Task<Response> receive(Exchange& exchange) override;

 private:
  const HostAllowList hosts_;
  TokenGate gate_;
  PluginsApi plugins_;
  EventsApi events_;
  const Health& health_;
  const std::function<std::string()> metrics_;
  const pages::StaticFiles files_;
};

}  // namespace hookhost::admin
