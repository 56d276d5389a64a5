// SPDX-License-Identifier: Apache-2.0
//
// IP addresses, with and without a port, and ranges of them. IPv4 is held as IPv6 has it, so that
// one address has one form. Pure. Any thread. Hot path: no allocation, lock or shared counter per
// request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hookhost {

// IPv4 as IPv6 has it: ::ffff:192.0.2.1.
using IpAddress = std::array<std::uint8_t, 16>;

bool is_v4(const IpAddress& ip) noexcept;
IpAddress from_v4(const void* four_bytes) noexcept;

struct ClientAddress {
  IpAddress ip = {};
  std::uint16_t port = 0;  // 0: unknown
};

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711". Nothing:
// something else.
std::optional<ClientAddress> parse_client_address(std::string_view text) noexcept;

// "192.0.2.1:4711" or "[2001:db8::1]:4711" into out; the view of it.
inline constexpr std::size_t kAddressBytesMax = 64;
std::string_view print_address(const ClientAddress& address,
                               std::span<char, kAddressBytesMax> out) noexcept;

struct IpRange {
  IpAddress first = {};
  std::uint8_t bits = 128;  // how many of the address count

  bool contains(const IpAddress& address) const noexcept;
};

// "10.0.0.0/8", "2001:db8::/32", or one address. Nothing: something else, or bits beyond the range.
std::optional<IpRange> parse_ip_range(std::string_view text) noexcept;
std::string print_ip_range(const IpRange& range);

using IpRanges = std::vector<IpRange>;

bool contains(const IpRanges& ranges, const IpAddress& address) noexcept;

}  // namespace hookhost
