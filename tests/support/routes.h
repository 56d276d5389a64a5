// SPDX-License-Identifier: Apache-2.0
//
// Routes and tables for tests, and an observer that remembers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "routing/route_table.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::test {

// A raw, inline route without a secret that fails as the seed does: a test changes what it is
// about. path: as a plugin writes it, "x" or "/team/{id}".
inline Route route_to(std::shared_ptr<Handler> handler, std::string_view path = "x") {
  Route route;
  route.name = "endpoint";
  route.path = routing::route_path(path, "endpoint").value();
  route.plugin = "plugin.so";
  route.plugin_id = "plugin";
  route.form = PayloadForm::kRaw;
  route.place = Place::kInline;
  route.on_failure = OnFailure::kFail;
  route.handler = std::move(handler);
  return route;
}

inline std::shared_ptr<const routing::RouteTable> table_of(std::vector<Route> routes) {
  return routing::RouteTable::build(std::move(routes)).value();
}

// What the observer was told, with texts of its own.
struct SeenDelivery {
  std::string method, path, route, plugin, event_id, rule, detail;
  telemetry::Result result{};
  int status = 0;
  unsigned secret = 0;
  std::size_t body_bytes = 0;
  std::chrono::nanoseconds total{}, handler{};
};

class RecordingObserver final : public telemetry::DeliveryObserver {
 public:
  void delivered(const telemetry::DeliveryRecord& record) noexcept override {
    seen.push_back({.method = std::string(record.method),
                    .path = std::string(record.path),
                    .route = std::string(record.route),
                    .plugin = std::string(record.plugin),
                    .event_id = std::string(record.event_id),
                    .rule = std::string(record.rule),
                    .detail = std::string(record.detail),
                    .result = record.result,
                    .status = record.status,
                    .secret = record.secret,
                    .body_bytes = record.body_bytes,
                    .total = record.total,
                    .handler = record.handler});
  }
  std::vector<SeenDelivery> seen;
};

}  // namespace hookhost::test
