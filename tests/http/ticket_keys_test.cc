// SPDX-License-Identifier: Apache-2.0
//
// How long does a key seal tickets, and how long does it open them?
#include "http/ticket_keys.h"

#include <gtest/gtest.h>

namespace hookhost::http {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{1h};

TEST(TicketKeys, SealWithOneKeyUntilItIsOld) {
  TicketKeys keys(kStart);
  const auto name = keys.current().name;
  EXPECT_FALSE(keys.is_due(kStart + TicketKeys::kAge - 1ns));
  keys.rotate(kStart + TicketKeys::kAge - 1ns);
  EXPECT_EQ(keys.current().name, name);

  EXPECT_TRUE(keys.is_due(kStart + TicketKeys::kAge));
  keys.rotate(kStart + TicketKeys::kAge);
  EXPECT_NE(keys.current().name, name);
}

TEST(TicketKeys, OpenWithTheKeyBeforeForAsLongAgain) {
  TicketKeys keys(kStart);
  const auto name = keys.current().name;
  keys.rotate(kStart + TicketKeys::kAge);
  ASSERT_NE(keys.find(name), nullptr);
  EXPECT_EQ(keys.find(name)->name, name);
  EXPECT_EQ(keys.find(keys.current().name), &keys.current());

  keys.rotate(kStart + 2 * TicketKeys::kAge);
  EXPECT_EQ(keys.find(name), nullptr);
}

TEST(TicketKeys, OpenNothingOfAKeyThatNobodyHasReplacedInTime) {
  TicketKeys keys(kStart);
  const auto name = keys.current().name;
  keys.rotate(kStart + 2 * TicketKeys::kAge);
  EXPECT_EQ(keys.find(name), nullptr);
}

TEST(TicketKeys, DifferFromEachOther) {
  const TicketKeys a(kStart), b(kStart);
  EXPECT_NE(a.current().name, b.current().name);
  EXPECT_NE(a.current().cipher, b.current().cipher);
  EXPECT_NE(a.current().mac, b.current().mac);
}

}  // namespace
}  // namespace hookhost::http
