// SPDX-License-Identifier: Apache-2.0
//
// Whose address does a request get, whatever strangers write into X-Forwarded-For?
#include "http/client_address.h"

#include <gtest/gtest.h>

#include "http/door_fixture.h"

namespace hookhost::http {
namespace {

IpRanges ranges(std::initializer_list<std::string_view> texts) {
  IpRanges all;
  for (const std::string_view text : texts) {
    const auto range = parse_ip_range(text);
    EXPECT_TRUE(range) << text;
    if (range) all.push_back(*range);
  }
  return all;
}

std::string printed(const std::optional<ClientAddress>& address) {
  if (!address) return "none";
  char text[kAddressBytesMax];
  return std::string(print_address(*address, text));
}

// With 10.0.0.0/8 and 2001:db8::/32 trusted; "peer": nothing was believed.
std::string client(std::string_view peer, std::initializer_list<std::string_view> lines) {
  std::vector<Header> headers{{"Host", "localhost"}};
  for (const std::string_view line : lines) headers.push_back({"X-Forwarded-For", line});
  const auto found = forwarded_client(parse_client_address(peer)->ip, headers,
                                      ranges({"10.0.0.0/8", "2001:db8::/32"}));
  return found ? printed(found) : "peer";
}

// The client.

TEST(ForwardedClient, IsTheRightMostAddressThatNobodyTrusts) {
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7"}), "203.0.113.7:0");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7, 10.0.0.2"}), "203.0.113.7:0");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7:4711 ,\t2001:db8::2,10.0.0.2"}),
            "203.0.113.7:4711");
  EXPECT_EQ(client("[2001:db8::1]:80", {"2001:dead::7"}), "[2001:dead::7]:0");
}

TEST(ForwardedClient, IsNotWhatAStrangerWroteInFront) {
  EXPECT_EQ(client("10.0.0.1:80", {"127.0.0.1, 203.0.113.7"}), "203.0.113.7:0");
  EXPECT_EQ(client("10.0.0.1:80", {"10.0.0.9, 203.0.113.7, 10.0.0.2"}), "203.0.113.7:0");
}

TEST(ForwardedClient, IsThePeerThatNobodyTrusts) {
  EXPECT_EQ(client("203.0.113.7:80", {"127.0.0.1"}), "peer");
  EXPECT_EQ(client("11.0.0.1:80", {"127.0.0.1"}), "peer");
}

TEST(ForwardedClient, IsThePeerWhenItsHeaderIsMissingOrEmpty) {
  EXPECT_EQ(client("10.0.0.1:80", {}), "peer");
  EXPECT_EQ(client("10.0.0.1:80", {""}), "peer");
}

TEST(ForwardedClient, ReadsSeveralLinesAsOneList) {
  EXPECT_EQ(client("10.0.0.1:80", {"127.0.0.1", "203.0.113.7", "10.0.0.2, 10.0.0.3"}),
            "203.0.113.7:0");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7, 10.0.0.3", "10.0.0.2"}), "203.0.113.7:0");
}

TEST(ForwardedClient, BelievesNothingBehindGarbage) {
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7, unknown"}), "peer");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7, unknown, 10.0.0.2"}), "10.0.0.2:0");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7", "", "10.0.0.2"}), "10.0.0.2:0");
  EXPECT_EQ(client("10.0.0.1:80", {"203.0.113.7,"}), "peer");
}

TEST(ForwardedClient, IsTheFirstProxyWhenAllAreTrusted) {
  EXPECT_EQ(client("10.0.0.1:80", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3:0");
}

// The door.

TEST(ForwardedClient, IsTheRemoteAddressOfARequest) {
  RunningDoor believing(quick_limits(), 1, nullptr, ranges({"127.0.0.0/8"}));
  RawClient client(believing.port());
  client.send(post("/echo", "x", "X-Forwarded-For: 203.0.113.7\r\n"));
  ASSERT_TRUE(client.read_answer());
  EXPECT_EQ(believing.receiver.seen().back().remote_address, "203.0.113.7:0");
  client.send(post("/echo", "x"));
  ASSERT_TRUE(client.read_answer());
  EXPECT_TRUE(believing.receiver.seen().back().remote_address.starts_with("127.0.0.1:"));

  RunningDoor unbelieving;
  RawClient stranger(unbelieving.port());
  stranger.send(post("/echo", "x", "X-Forwarded-For: 203.0.113.7\r\n"));
  ASSERT_TRUE(stranger.read_answer());
  EXPECT_TRUE(unbelieving.receiver.seen().back().remote_address.starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace hookhost::http
