// SPDX-License-Identifier: Apache-2.0
//
// FrontDoor: the receiver of the public listener. Webhooks go to the corridor, /healthz to the
// health checks, on a single port what is below /_host/ to the admin's receiver, everything else to
// the pages. Any loop. Hot path: no allocation, lock or shared
// counter per request.
#pragma once

#include <string_view>

#include "admin/health.h"
#include "app/mounted_exchange.h"
#include "model/exchange.h"
#include "routing/route_table.h"

namespace hookhost::app {

class FrontDoor final : public Receiver {
 public:
  // All of them outlive it. admin: nullptr: has a listener of its own alone.
  FrontDoor(Receiver& intake, Receiver& pages, const admin::Health& health, Receiver* admin)
      : intake_(intake), pages_(pages), health_(health), admin_(admin) {}

  Task<Response> receive(Exchange& exchange) override {
    const std::string_view path = exchange.head().path;
    if (path.starts_with(routing::kPrefix)) return intake_.receive(exchange);
    if (path == "/healthz") return answer_health(exchange);
    if (admin_ != nullptr && path.starts_with(kAdminFolder)) return answer_admin(exchange);
    return pages_.receive(exchange);
  }

 private:
  static constexpr std::string_view kAdminFolder = "/_host/";
  static constexpr std::string_view kAdminPrefix = kAdminFolder.substr(0, kAdminFolder.size() - 1);

  Task<Response> answer_admin(Exchange& exchange) {
    MountedExchange mounted(exchange, kAdminPrefix);
    co_return co_await admin_->receive(mounted);
  }
  Task<Response> answer_health(Exchange& exchange) { co_return health_.answer_healthz(exchange); }

  Receiver& intake_;
  Receiver& pages_;
  const admin::Health& health_;
  Receiver* const admin_;
};

}  // namespace hookhost::app
