// SPDX-License-Identifier: Apache-2.0
//
// Admin: the receiver of the admin listener: /healthz (alias /livez), /readyz, /metrics, and a
// small page at / that says so. Every request must name us in its Host header, else 421: a browser
// that was led here by a foreign name (DNS rebinding) reads nothing. GET and HEAD only. Any loop.
#pragma once

#include <functional>
#include <string>

#include "admin/access.h"
#include "admin/health.h"
#include "model/exchange.h"
#include "pages/static_files.h"

namespace hookhost::admin {

struct AdminOptions {
  HostAllowList hosts = {};
};

class Admin final : public Receiver {
 public:
  // metrics: the Prometheus text, called for each request to /metrics, on its loop; thread-safe.
  // health must outlive it.
  Admin(AdminOptions options, const Health& health, std::function<std::string()> metrics);

  Task<Response> receive(Exchange& exchange) override;

 private:
  const AdminOptions options_;
  const Health& health_;
  const std::function<std::string()> metrics_;
  const pages::StaticFiles files_;
};

}  // namespace hookhost::admin
