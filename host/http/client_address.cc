// SPDX-License-Identifier: Apache-2.0
#include "http/client_address.h"

#include <netinet/in.h>

#include <cstring>

#include "base/text.h"

namespace hookhost::http {
namespace {

// Takes the last element off a list with commas.
std::string_view take_last(std::string_view& list) noexcept {
  const std::size_t comma = list.rfind(',');
  std::string_view last = comma == list.npos ? list : list.substr(comma + 1);
  list = comma == list.npos ? std::string_view() : list.substr(0, comma);
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!last.empty() && is_space(last.front())) last.remove_prefix(1);
  while (!last.empty() && is_space(last.back())) last.remove_suffix(1);
  return last;
}

}  // namespace

ClientAddress address_of(const sockaddr_storage& address) noexcept {
  ClientAddress result;
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(result.ip.data(), &v6.sin6_addr, result.ip.size());
    result.port = ntohs(v6.sin6_port);
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    result.ip = from_v4(&v4.sin_addr);
    result.port = ntohs(v4.sin_port);
  }
  return result;
}

std::optional<ClientAddress> forwarded_client(const IpAddress& peer,
                                              std::span<const Header> headers,
                                              const IpRanges& trusted) noexcept {
  std::optional<ClientAddress> client;
  if (!contains(trusted, peer)) return client;
  // Several lines are one list (RFC 9110 5.3).
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (!ascii_iequals(headers[i].name, "x-forwarded-for")) continue;
    std::string_view list = headers[i].value;
    do {
      const auto address = parse_client_address(take_last(list));
      if (!address) return client;
      client = address;
      if (!contains(trusted, address->ip)) return client;
    } while (!list.empty());
  }
  return client;
}

}  // namespace hookhost::http
