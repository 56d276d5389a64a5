// SPDX-License-Identifier: Apache-2.0
//
// What may strangers take of the real binary, and who counts as one? Each limit as its operator
// writes it, seen by those beyond it and by those who go on.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/live_host.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

// The answers of the sample plugin.
constexpr const char* kPath = "/webhooks/r02_bool";
constexpr const char* kAnswer = "true";

class LimitedHost {
 public:
  explicit LimitedHost(std::string_view config)
      : host_({"serve", "--plugins", plugin_folder("parity"), "--config",
               folder_.write("hookhost.toml", config)}) {}
  LiveHost* operator->() { return &host_; }

 private:
  test::TempDir folder_;
  LiveHost host_;
};

template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    test::rest();
  }
  return true;
}

// A connection that is kept open, and the first answer on it.
struct Kept {
  explicit Kept(std::uint16_t port) : client(port) {
    client.send(bytes_of({.target = kPath}, false));
    answer = client.read_answer();
  }
  RawClient client;
  std::optional<RawAnswer> answer;
};

TEST(StrangerLimit, AnAddressWithItsShareOfConnectionsIsTurnedAwayUntilOneEnds) {
  LimitedHost host("[limits]\nconnections_per_address_max = 3\n");
  const std::uint16_t port = host->process().port();
  std::vector<std::unique_ptr<Kept>> share;
  for (int i = 0; i < 3; ++i) {
    share.push_back(std::make_unique<Kept>(port));
    ASSERT_TRUE(share.back()->answer);
    EXPECT_EQ(share.back()->answer->body, kAnswer);
  }
  for (int i = 0; i < 5; ++i) {
    RawClient one_too_many(port);
    const auto answer = one_too_many.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->header("Connection"), "close");
  }

  share.pop_back();

  EXPECT_TRUE(eventually([&] {
    const Kept next(port);
    return next.answer && next.answer->body == kAnswer;
  }));
  // The admin's connection counts too, and waits until the host has seen the last one end.
  EXPECT_TRUE(eventually([&] {
    const std::string metrics = host->get_admin("/metrics").body;
    return metrics.find("rule=\"connections-of-address\"") != metrics.npos;
  }));
  EXPECT_TRUE(host->process().wait_for_output("its address has 3 connections open"));
}

constexpr const char* kAllowed = "[route.r02_bool]\nallow_from = [\"203.0.113.0/24\"]\n";
Headers forwarded_for(std::string list) { return {{"X-Forwarded-For", std::move(list)}}; }

TEST(StrangerLimit, OnlyAllowedAddressesReachARoute) {
  LimitedHost elsewhere(kAllowed);
  LimitedHost here("[route.r02_bool]\nallow_from = [\"127.0.0.0/8\"]\n");

  const RawAnswer refused = elsewhere->post(kPath, "");

  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"detail":"This address is not in allow_from of the webhook"})");
  EXPECT_EQ(elsewhere->post("/webhooks/r02_number", "").status, 200) << "a route without a list";
  EXPECT_EQ(here->post(kPath, "").body, kAnswer);
}

TEST(StrangerLimit, ATrustedProxySaysWhoTheClientIs) {
  LimitedHost host(std::string("trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n") + kAllowed);

  EXPECT_EQ(host->post(kPath, "", forwarded_for("203.0.113.7")).body, kAnswer);
  EXPECT_EQ(host->post(kPath, "", forwarded_for("203.0.113.7, 10.0.0.2")).body, kAnswer);
  EXPECT_EQ(host->post(kPath, "", forwarded_for("198.51.100.1")).status, 403);
  EXPECT_EQ(host->post(kPath, "", forwarded_for("203.0.113.7, 198.51.100.1")).status, 403)
      << "what a stranger wrote in front of its own address";
  EXPECT_EQ(host->post(kPath, "").status, 403) << "the proxy itself";
}

TEST(StrangerLimit, NobodyElseSaysWhoTheClientIs) {
  LimitedHost without_proxies(kAllowed);
  LimitedHost with_others(std::string("trusted_proxies = [\"10.0.0.0/8\"]\n") + kAllowed);

  EXPECT_EQ(without_proxies->post(kPath, "", forwarded_for("203.0.113.7")).status, 403);
  EXPECT_EQ(with_others->post(kPath, "", forwarded_for("203.0.113.7")).status, 403);
}

}  // namespace
}  // namespace hookhost::e2e
