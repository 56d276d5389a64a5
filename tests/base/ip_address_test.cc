// SPDX-License-Identifier: Apache-2.0
//
// Which texts are addresses and ranges, and which addresses does a range hold?
#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace hookhost {
namespace {

std::string normal(std::string_view text) {
  const auto address = parse_client_address(text);
  if (!address) return "none";
  char printed[kAddressBytesMax];
  return std::string(print_address(*address, printed));
}

// One address.

TEST(ClientAddress, IsReadWithAndWithoutItsPort) {
  EXPECT_EQ(normal("192.0.2.1"), "192.0.2.1:0");
  EXPECT_EQ(normal("192.0.2.1:4711"), "192.0.2.1:4711");
  EXPECT_EQ(normal("192.0.2.1:65535"), "192.0.2.1:65535");
  EXPECT_EQ(normal("2001:DB8::1"), "[2001:db8::1]:0");
  EXPECT_EQ(normal("[2001:db8::1]"), "[2001:db8::1]:0");
  EXPECT_EQ(normal("[2001:db8::1]:4711"), "[2001:db8::1]:4711");
  EXPECT_EQ(normal("::ffff:192.0.2.1"), "192.0.2.1:0") << "IPv4 as IPv6 has it";
}

TEST(ClientAddress, IsNothingElse) {
  for (const char* text :
       {"", " ", "unknown", "_hidden", "192.0.2", "192.0.2.256", "192.0.2.1:", "192.0.2.1:65536",
        "192.0.2.1:-1", "192.0.2.1:80:80", "[192.0.2.1]:80", "[2001:db8::1", "[2001:db8::1]80",
        "[2001:db8::1]:", "2001:db8::1%eth0", "0x7f.1", "localhost", "192.0.2.1 ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(normal(text), "none") << text;
  }
}

// Ranges.

TEST(IpRanges, ContainWhatOneOfThemDoes) {
  const IpRanges two{*parse_ip_range("10.0.0.0/8"), *parse_ip_range("::1")};
  const auto ip = [](std::string_view text) { return parse_client_address(text)->ip; };

  EXPECT_TRUE(contains(two, ip("10.1.2.3")));
  EXPECT_TRUE(contains(two, ip("::1")));
  EXPECT_FALSE(contains(two, ip("::2")));
  EXPECT_FALSE(contains({}, ip("::1")));
}

TEST(IpRange, ContainsWhatItSaysAndNothingBeside) {
  const auto contains = [](std::string_view range, std::string_view address) {
    return parse_ip_range(range)->contains(parse_client_address(address)->ip);
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.7"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.0.0.1"));
}

TEST(IpRange, IsPrintedAsItIsWritten) {
  for (const char* text : {"10.0.0.0/8", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1", "::/0"})
    EXPECT_EQ(print_ip_range(*parse_ip_range(text)), text);
}

TEST(IpRange, IsRefusedWhenItSaysSomethingElseThanItMeans) {
  for (const char* text : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "::1/64",
                           "::/129", "proxy.example", "10.0.0.0/8 ", "10.0.0.0:80"})
    EXPECT_FALSE(parse_ip_range(text)) << text;
}

}  // namespace
}  // namespace hookhost
