// SPDX-License-Identifier: Apache-2.0
//
// How many connections may one address have, and what counts as one address? The answers of a real
// door to the one too many are at the end.
#include "http/address_places.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "http/door_fixture.h"

namespace hookhost::http {
namespace {

constexpr std::uint64_t kSeed = 4711;

IpAddress ip(std::string_view text) { return parse_client_address(text)->ip; }

// How many of so many connections of the address get a place while all of them are kept.
std::size_t places(AddressPlaces& all, std::string_view address, std::size_t connections,
                   std::vector<AddressPlaces::Place>& kept) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    auto place = all.take(ip(address));
    if (!place) continue;
    kept.push_back(*std::move(place));
    ++taken;
  }
  return taken;
}

TEST(AddressPlaces, AreGivenUpToTheLimit) {
  AddressPlaces all(3, kSeed);
  std::vector<AddressPlaces::Place> kept;

  EXPECT_EQ(places(all, "192.0.2.1", 3, kept), 3U);
  EXPECT_EQ(places(all, "192.0.2.1", 1, kept), 0U);
}

TEST(AddressPlaces, ComeBackWithTheEndOfAConnection) {
  AddressPlaces all(2, kSeed);
  std::vector<AddressPlaces::Place> kept;
  places(all, "192.0.2.1", 2, kept);
  EXPECT_FALSE(all.take(ip("192.0.2.1"))) << "who is turned away takes nothing";

  kept.pop_back();

  EXPECT_EQ(places(all, "192.0.2.1", 2, kept), 1U);
}

TEST(AddressPlaces, OfOneAddressAreNotThoseOfItsNeighbour) {
  AddressPlaces all(1, kSeed);
  std::vector<AddressPlaces::Place> kept;

  for (const auto* address :
       {"192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1", "::1"})
    EXPECT_EQ(places(all, address, 2, kept), 1U) << address;
}

TEST(AddressPlaces, AreSharedByTheAddressesOfASlash64) {
  AddressPlaces all(2, kSeed);
  std::vector<AddressPlaces::Place> kept;

  EXPECT_EQ(places(all, "2001:db8::1", 1, kept), 1U);
  EXPECT_EQ(places(all, "2001:db8::ffff:ffff:ffff:ffff", 2, kept), 1U);
}

TEST(AddressPlaces, AreTheSameForAnIPv4AddressHoweverItIsWritten) {
  AddressPlaces all(1, kSeed);
  std::vector<AddressPlaces::Place> kept;

  EXPECT_EQ(places(all, "192.0.2.1", 1, kept), 1U);
  EXPECT_EQ(places(all, "::ffff:192.0.2.1", 1, kept), 0U);
}

TEST(AddressPlaces, AreWithoutEndWhereThereIsNoLimit) {
  AddressPlaces all(0, kSeed);
  std::vector<AddressPlaces::Place> kept;

  EXPECT_EQ(places(all, "192.0.2.1", 5000, kept), 5000U);
}

// 20,000 connections of 20,000 addresses, as many as a door has.
TEST(AddressPlaces, AreNotUsedUpByStrangersWithFewConnectionsEach) {
  AddressPlaces all(100, kSeed);
  std::vector<AddressPlaces::Place> kept;

  for (int i = 0; i < 20'000; ++i) {
    const std::string address = fmt::format("10.0.{}.{}", i / 256, i % 256);
    ASSERT_EQ(places(all, address, 1, kept), 1U) << address;
  }
}

TEST(AddressPlaces, AreWorthALineOnceASecond) {
  AddressPlaces all(1, kSeed);
  const MonotonicTime start{1h};

  EXPECT_TRUE(all.may_log(start));
  EXPECT_FALSE(all.may_log(start + 999ms));
  EXPECT_TRUE(all.may_log(start + 1s));
}

Limits one_connection() {
  Limits limits = quick_limits();
  limits.connections_per_address_max = 1;
  return limits;
}

TEST(Door, TellsAnAddressThatHasItsShareOfConnections) {
  RunningDoor door(one_connection());
  RawClient first(door.port());
  first.send(post("/echo", "1"));
  ASSERT_TRUE(first.read_answer());
  RawClient second(door.port());

  const auto answer = second.read_answer();

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, R"({"detail":"Too many connections from this address"})");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(second.is_closed_by_peer());
  EXPECT_EQ(door.refused("connections-of-address"), 1U);
  EXPECT_EQ(door.loops().stats().connections_accepted, 1U);
  first.send(post("/echo", "2"));
  EXPECT_EQ(first.read_answer()->body, "2") << "who is in stays";
}

TEST(Door, ThrowsNobodyOutForAnAddressThatHasItsShare) {
  Limits limits = one_connection();
  limits.connections_max = 1;
  RunningDoor door(limits);
  RawClient idle(door.port());
  idle.send(post("/echo", "1"));
  ASSERT_TRUE(idle.read_answer());

  RawClient second(door.port());

  EXPECT_EQ(second.read_answer()->status, 503);
  idle.send(post("/echo", "2"));
  EXPECT_EQ(idle.read_answer()->body, "2");
}

TEST(Door, LetsTheNextOfAnAddressInWhenOneHasGone) {
  RunningDoor door(one_connection());
  {
    RawClient first(door.port());
    first.send(post("/echo", "1"));
    ASSERT_TRUE(first.read_answer());
  }
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));

  RawClient second(door.port());
  second.send(post("/echo", "2"));

  EXPECT_EQ(second.read_answer()->body, "2");
}

TEST(Door, DoesNotCountTheConnectionsOfATrustedProxy) {
  RunningDoor door(one_connection(), 1, nullptr, {*parse_ip_range("127.0.0.1")});
  RawClient first(door.port()), second(door.port());
  first.send(post("/echo", "1"));
  second.send(post("/echo", "2"));

  EXPECT_EQ(first.read_answer()->body, "1");
  EXPECT_EQ(second.read_answer()->body, "2");
}

}  // namespace
}  // namespace hookhost::http
