// SPDX-License-Identifier: Apache-2.0
//
// Does each path become its order, is a change refused to a foreign page, and may the asker go
// while it waits?
#include "admin/plugins_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "admin/fake_orders.h"
#include "pages/support/page_exchange.h"

namespace hookhost::admin {
namespace {

using test::HeaderList;
using testing::HasSubstr;

// The API alone, as a receiver.
struct ApiReceiver final : Receiver {
  explicit ApiReceiver(PluginOrders& orders) : api(orders) {}
  Task<Response> receive(Exchange& exchange) override { return api.answer(exchange); }
  PluginsApi api;
};

class PluginsApiTest : public testing::Test {
 protected:
  const HeaderList kJson = {{"Content-Type", "application/json"}};
  test::Answer ask(std::string_view method, std::string_view path, HeaderList headers = {},
                   std::string body = {}) {
    test::FakeClock clock;
    test::FakeLoop loop(clock);
    test::FakeExchange exchange(loop, {.method = std::string(method),
                                       .target = std::string(path),
                                       .headers = std::move(headers),
                                       .body = std::move(body)});
    exchange.start(receiver_);
    loop.run_until([&] { return exchange.is_answered(); });
    return test::copy_and_release(exchange.take());
  }
  test::Answer post(std::string_view path, std::string body = "{}") {
    return ask("POST", path, kJson, std::move(body));
  }

  FakeOrders orders_;
  ApiReceiver receiver_{orders_};
};

TEST_F(PluginsApiTest, HasItsPathsAndNoOthers) {
  for (const std::string_view path :
       {"/api/v1/plugins", "/api/v1/plugins/", "/api/v1/plugins/x", "/api/v1/swaps"})
    EXPECT_TRUE(PluginsApi::has(path)) << path;
  for (const std::string_view path :
       {"/", "/api/v1/plugin", "/api/v1/pluginsx", "/api/v1/events", "/api/v1/swaps/"})
    EXPECT_FALSE(PluginsApi::has(path)) << path;
}

TEST_F(PluginsApiTest, ListsForWhoeverReads) {
  const test::Answer answer = ask("GET", "/api/v1/plugins");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"ok":true})");
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  ASSERT_EQ(orders_.orders.size(), 1u);
  EXPECT_EQ(orders_.orders[0].kind, PluginOrder::Kind::kList);
}

TEST_F(PluginsApiTest, ShowsTheHistoryToWhoeverReads) {
  EXPECT_EQ(ask("GET", "/api/v1/swaps").status, 200);
  ASSERT_EQ(orders_.orders.size(), 1u);
  EXPECT_EQ(orders_.orders[0].kind, PluginOrder::Kind::kHistory);
  EXPECT_EQ(post("/api/v1/swaps").status, 405);
}

TEST_F(PluginsApiTest, TurnsPathsIntoOrders) {
  EXPECT_EQ(post("/api/v1/plugins/deploy", R"({"file":"/x/a.so"})").status, 200);
  EXPECT_EQ(post("/api/v1/plugins/retrain/rollback").status, 200);
  EXPECT_EQ(post("/api/v1/plugins/retrain/reload").status, 200);
  ASSERT_EQ(orders_.orders.size(), 3u);
  EXPECT_EQ(orders_.orders[0].kind, PluginOrder::Kind::kDeploy);
  EXPECT_EQ(orders_.orders[0].operand, "/x/a.so");
  EXPECT_EQ(orders_.orders[1].kind, PluginOrder::Kind::kRollBack);
  EXPECT_EQ(orders_.orders[1].operand, "retrain");
  EXPECT_EQ(orders_.orders[2].kind, PluginOrder::Kind::kReload);
}

TEST_F(PluginsApiTest, KnowsNoOtherPathAndNoOtherMethod) {
  for (const std::string_view path :
       {"/api/v1/plugins/", "/api/v1/plugins/x", "/api/v1/plugins//reload", "/api/v1/plugins/x/",
        "/api/v1/plugins/x/reload/y"})
    EXPECT_EQ(post(path).status, 404) << path;
  EXPECT_EQ(post("/api/v1/plugins").status, 405);
  for (const std::string_view method : {"GET", "PUT", "DELETE"}) {
    const test::Answer answer = ask(method, "/api/v1/plugins/x/rollback", kJson);
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("Allow"), "POST");
  }
  EXPECT_TRUE(orders_.orders.empty());
}

TEST_F(PluginsApiTest, ADeployWithoutAFileIsRefused) {
  for (const char* body : {"", "{}", "[]", R"({"file":""})", R"({"file":7})", "{\"file\""}) {
    const test::Answer answer = post("/api/v1/plugins/deploy", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_THAT(answer.body, HasSubstr("expected"));
  }
  EXPECT_TRUE(orders_.orders.empty());
}

TEST_F(PluginsApiTest, AFormOfAForeignPageChangesNothing) {
  const HeaderList foreign[] = {
      {},
      {{"Content-Type", "text/plain"}},
      {{"Content-Type", "application/x-www-form-urlencoded"}},
      {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}},
      {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "same-site"}},
      {{"X-Hookhost", "1"}, {"Sec-Fetch-Site", "none"}},
  };
  for (const HeaderList& headers : foreign)
    EXPECT_EQ(ask("POST", "/api/v1/plugins/x/rollback", headers, "{}").status, 403);
  EXPECT_TRUE(orders_.orders.empty());
}

TEST_F(PluginsApiTest, OurOwnPageAndACommandMay) {
  const HeaderList own[] = {
      {{"X-Hookhost", "1"}},
      {{"Content-Type", "application/json; charset=utf-8"}},
      {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "same-origin"}},
  };
  for (const HeaderList& headers : own)
    EXPECT_EQ(ask("POST", "/api/v1/plugins/x/rollback", headers, "{}").status, 200);
}

TEST_F(PluginsApiTest, TheReplyComesFromAnotherThread) {
  orders_.replies_at_once = false;
  test::FakeClock clock;
  test::FakeLoop loop(clock);
  test::FakeExchange exchange(loop, {.method = "GET", .target = "/api/v1/plugins"});
  exchange.start(receiver_);
  loop.run();
  EXPECT_FALSE(exchange.is_answered());

  std::thread control([&] { orders_.waiting[0]({409, "{}"}); });
  loop.run_until([&] { return exchange.is_answered(); });
  control.join();
  EXPECT_EQ(test::copy_and_release(exchange.take()).status, 409);
}

TEST_F(PluginsApiTest, WhoeverAskedMayBeGoneWhenTheReplyComes) {
  orders_.replies_at_once = false;
  test::FakeClock clock;
  test::FakeLoop loop(clock);
  {
    test::FakeExchange exchange(loop, {.method = "GET", .target = "/api/v1/plugins"});
    exchange.start(receiver_);
    loop.run();
  }
  orders_.waiting[0]({200, "{}"});
  loop.run();  // finds nobody, and that is all
}

}  // namespace
}  // namespace hookhost::admin
