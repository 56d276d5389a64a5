// SPDX-License-Identifier: Apache-2.0
//
// Do parent and child understand each other, and does the parent survive a child that lies?
#include "plugin/probe_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hookhost::plugin {
namespace {

TEST(ProbeProtocol, ARequestComesBackAsItWas) {
  ProbeRequest request{"1.2.3", true, {50, 200, ~0ULL, "x:17", true}, {}};
  request.orders.push_back({"/stage/a.so", "a.so", "a", {}});
  request.orders[0].settings.config_json = R"({"x":"\"é\n"})";
  request.orders[0].settings.secrets.emplace("TOKEN", Secret("s\"1"));

  const auto read = read_request(write_request(request));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->host_version, "1.2.3");
  EXPECT_TRUE(read->calls_handlers);
  EXPECT_EQ(read->stress.swaps, 50u);
  EXPECT_EQ(read->stress.payloads, 200u);
  EXPECT_EQ(read->stress.seed, ~0ULL);
  EXPECT_EQ(read->stress.only, "x:17");
  EXPECT_TRUE(read->stress.calls_all);
  ASSERT_EQ(read->orders.size(), 1u);
  EXPECT_EQ(read->orders[0].library, "/stage/a.so");
  EXPECT_EQ(read->orders[0].settings.config_json, request.orders[0].settings.config_json);
  EXPECT_EQ(read->orders[0].settings.secrets.at("TOKEN").reveal(), "s\"1");
}

TEST(ProbeProtocol, NoOrderIsAnError) {
  for (const char* text : {"", "{}", "[]", "{\"orders\":[]}", "nonsense"})
    EXPECT_FALSE(read_request(text)) << text;
}

TEST(ProbeProtocol, AVerdictComesBackAsItWas) {
  ProbeReport report;
  report.is_good = true;
  report.id = "a";
  report.routes.push_back({"n", "/webhooks/n", "json", "inline", "reply", "fail", true, 199});
  report.notes = {"one", "two"};
  report.was_unmapped = true;
  report.abi_minor_built = 7;
  report.swaps = 50;
  report.swaps_pinned = 49;
  report.payload = "n:17";

  const auto read = read_message(write_message({3, {}, {}, {}, report}));

  ASSERT_TRUE(read && read->verdict);
  EXPECT_EQ(read->index, 3u);
  EXPECT_TRUE(read->verdict->is_good);
  EXPECT_EQ(read->verdict->routes[0].place, "inline");
  EXPECT_EQ(read->verdict->routes[0].on_failure, "fail");
  EXPECT_TRUE(read->verdict->routes[0].is_called);
  EXPECT_EQ(read->verdict->routes[0].payloads, 199u);
  EXPECT_EQ(read->verdict->swaps, 50u);
  EXPECT_EQ(read->verdict->swaps_pinned, 49u);
  EXPECT_EQ(read->verdict->payload, "n:17");
  EXPECT_THAT(read->verdict->notes, testing::ElementsAre("one", "two"));
  EXPECT_TRUE(read->verdict->was_unmapped);
  EXPECT_EQ(read->verdict->abi_minor_built, 7u);
}

TEST(ProbeProtocol, APhaseNamesItsPayload) {
  const auto read = read_message(write_message({0, "payload 17 of endpoint x", "x:17", {}, {}}));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->phase, "payload 17 of endpoint x");
  EXPECT_EQ(read->payload, "x:17");
  EXPECT_FALSE(read->verdict);
}

TEST(ProbeProtocol, WhatAChildSaysIsMadePrintable) {
  const auto read =
      read_message(R"({"index":0,"verdict":true,"good":false,"reason":"a\u001b[31m"})");
  EXPECT_EQ(read->verdict->reason, "a\\x1b[31m");
}

TEST(ProbeProtocol, NonsenseIsNoMessage) {
  for (const char* line : {"", "hello", "[]", "{", "7"}) EXPECT_FALSE(read_message(line)) << line;
  const auto empty = read_message("{}");
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->verdict);
  EXPECT_FALSE(read_message("{\"a\":\"" + std::string(kVerdictBytesMax, 'x') + "\"}"));
}

}  // namespace
}  // namespace hookhost::plugin
