// SPDX-License-Identifier: Apache-2.0
//
// A corridor with everything behind it but a socket: real routes, real secret, real parser, a
// scripted handler.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "intake/intake.h"
#include "support/fake_exchange.h"
#include "support/hub_secret.h"
#include "support/routes.h"
#include "support/scripted_handler.h"

namespace hookhost::intake {

// The smallest payload that the Hub's model accepts.
inline const std::string kPush =
    R"({"event":{"action":"update","scope":"repo.content"},)"
    R"("repo":{"type":"model","name":"org/name","id":"1","private":false,)"
    R"("url":{"web":"https://hf.co/org/name"},"owner":{"id":"2"}},)"
    R"("webhook":{"id":"3","version":3}})";

class CorridorTest : public ::testing::Test {
 protected:
  // The route /webhooks/x with a secret, as a plugin's author gets it by default, but inline.
  CorridorTest() {
    EXPECT_TRUE(pool.start());
    route = test::route_to(handler);
    route.form = PayloadForm::kHub;
    route.authenticator = test::hub_secret({"s3cret"});
  }
  ~CorridorTest() override {
    handler->open();
    pool.stop();
    loop.run();
  }

  void serve(std::vector<Route> routes) { published.publish(test::table_of(std::move(routes))); }
  void serve() { serve({route}); }

  // A good request; tests spoil it.
  static test::FakeRequest good() {
    return {.headers = {{"Host", "localhost"},
                        {"Content-Type", "application/json"},
                        {"X-Webhook-Secret", "s3cret"},
                        {"Webhook-Id", "delivery-1"}},
            .body = kPush};
  }
  std::unique_ptr<test::FakeExchange> start(test::FakeRequest request) {
    auto exchange = std::make_unique<test::FakeExchange>(loop, std::move(request));
    exchange->start(intake);
    return exchange;
  }
  test::FakeAnswer answer(test::FakeRequest request) {
    const auto exchange = start(std::move(request));
    loop.run_until([&] { return exchange->is_answered(); });
    return exchange->answer();
  }

  test::FakeClock clock;
  test::FakeLoop loop{clock};
  dispatch::WorkerPool pool{{.threads = 1, .queue_max = 1}};
  dispatch::Dispatcher dispatcher{pool, 1};
  routing::PublishedTable published{test::table_of({})};
  test::RecordingObserver observer;
  Intake intake{{}, published, dispatcher, observer, clock, 1};
  std::shared_ptr<test::ScriptedHandler> handler = std::make_shared<test::ScriptedHandler>();
  Route route;
};

}  // namespace hookhost::intake
