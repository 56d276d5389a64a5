// SPDX-License-Identifier: Apache-2.0
//
// Routes to describe on a page; their handlers are never called.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "routing/route_table.h"

namespace hookhost::test {

struct NoHandler final : Handler {
  Outcome handle(Attempt&) noexcept override { return {}; }
  void cancel(Attempt&, CancelReason) noexcept override {}
};

// Asks for a secret in X-Webhook-Secret.
struct SomeSecret final : Authenticator {
  const SchemeFacts& facts() const noexcept override {
    static constexpr SchemeFacts kFacts{
        .name = "hf", .header = "X-Webhook-Secret", .missing_body = "{}", .wrong_body = "{}"};
    return kFacts;
  }
  bool needs_body() const noexcept override { return false; }
  Verdict judge(const RequestHead&, std::string_view, SystemTime) const override {
    return {Proof::kWrong};
  }
  std::string_view delivery_id(const RequestHead&) const noexcept override { return {}; }
  std::string_view diagnose(const RequestHead&, std::string_view, SystemTime) const override {
    return {};
  }
};

inline Route route(std::string name, std::string path, PayloadForm form = PayloadForm::kHub) {
  Route route;
  route.name = std::move(name);
  route.path = std::move(path);
  route.form = form;
  route.handler = std::make_shared<NoHandler>();
  return route;
}

inline Route secret_route(std::string name, std::string path,
                          PayloadForm form = PayloadForm::kHub) {
  Route made = route(std::move(name), std::move(path), form);
  made.authenticator = std::make_shared<SomeSecret>();
  return made;
}

inline std::shared_ptr<const routing::RouteTable> table(std::vector<Route> routes) {
  auto built = routing::RouteTable::build(std::move(routes));
  HOOKHOST_CHECK(built.has_value());
  return *std::move(built);
}

}  // namespace hookhost::test
