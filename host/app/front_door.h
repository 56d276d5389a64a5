// SPDX-License-Identifier: Apache-2.0
//
// FrontDoor: the receiver of the public listener. Webhooks go to the corridor, /healthz to the
// health checks, everything else to the pages. Any loop. Hot path: no allocation, lock or shared
// counter per request.
#pragma once

#include <string_view>

#include "admin/health.h"
#include "model/exchange.h"
#include "routing/route_table.h"

namespace hookhost::app {

class FrontDoor final : public Receiver {
 public:
  // All three outlive it.
  FrontDoor(Receiver& intake, Receiver& pages, const admin::Health& health)
      : intake_(intake), pages_(pages), health_(health) {}

  Task<Response> receive(Exchange& exchange) override {
    const std::string_view path = exchange.head().path;
    if (path.starts_with(routing::kPrefix)) return intake_.receive(exchange);
    if (path == "/healthz") return answer_health(exchange);
    return pages_.receive(exchange);
  }

 private:
  Task<Response> answer_health(Exchange& exchange) { co_return health_.answer_healthz(exchange); }

  Receiver& intake_;
  Receiver& pages_;
  const admin::Health& health_;
};

}  // namespace hookhost::app
