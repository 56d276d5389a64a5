// SPDX-License-Identifier: Apache-2.0
//
// Who a request comes from when proxies stand in front. A proxy appends the address that it was
// called from to X-Forwarded-For, and what is left of that anybody may have written: the list is
// read from its right end, as long as those who wrote it are trusted. RFC 7239's Forwarded is not
// read: a proxy that writes one of the two passes the other on as a stranger sent it. Pure. Any
// thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"

namespace hookhost::http {

// IPv4 as IPv6 has it: ::ffff:192.0.2.1.
using IpAddress = std::array<std::uint8_t, 16>;

bool is_v4(const IpAddress& ip) noexcept;

struct ClientAddress {
  IpAddress ip = {};
  std::uint16_t port = 0;  // 0: unknown
};

ClientAddress address_of(const sockaddr_storage& address) noexcept;

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

// The client of a request that peer, whose connection it is, has sent with these headers: the
// right-most address that is no trusted proxy's. Behind something that is no address nothing is
// believed, so then, and when all of them are trusted, it is the last one that was understood.
// Nothing: the peer itself.
std::optional<ClientAddress> forwarded_client(const IpAddress& peer,
                                              std::span<const Header> headers,
                                              const IpRanges& trusted) noexcept;

}  // namespace hookhost::http
