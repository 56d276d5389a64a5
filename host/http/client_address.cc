// SPDX-License-Identifier: Apache-2.0
#include "http/client_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace hookhost::http {
namespace {

constexpr std::uint8_t kV4Prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kV4PrefixBits = 96;

std::optional<IpAddress> parse_ip(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated) return {};
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  IpAddress ip;
  std::copy(kV4Prefix, kV4Prefix + 12, ip.begin());
  if (::inet_pton(AF_INET, terminated, ip.data() + 12) == 1) return ip;
  if (::inet_pton(AF_INET6, terminated, ip.data()) == 1) return ip;
  return {};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return number;
}

std::string_view print_ip(const IpAddress& ip, char (&out)[INET6_ADDRSTRLEN]) noexcept {
  return is_v4(ip) ? ::inet_ntop(AF_INET, ip.data() + 12, out, sizeof out)
                   : ::inet_ntop(AF_INET6, ip.data(), out, sizeof out);
}

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

bool is_v4(const IpAddress& ip) noexcept {
  return std::equal(kV4Prefix, kV4Prefix + 12, ip.begin());
}

ClientAddress address_of(const sockaddr_storage& address) noexcept {
  ClientAddress result;
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(result.ip.data(), &v6.sin6_addr, result.ip.size());
    result.port = ntohs(v6.sin6_port);
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::copy(kV4Prefix, kV4Prefix + 12, result.ip.begin());
    std::memcpy(result.ip.data() + 12, &v4.sin_addr, sizeof v4.sin_addr);
    result.port = ntohs(v4.sin_port);
  }
  return result;
}

std::optional<ClientAddress> parse_client_address(std::string_view text) noexcept {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return {};
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (host.find(':') == host.npos) return {};
  } else if (const std::size_t colon = text.find(':');
             colon != text.npos && text.find(':', colon + 1) == text.npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  const auto ip = parse_ip(host);
  if (!ip) return {};
  if (port.empty()) return ClientAddress{*ip, 0};
  const auto number = port[0] == ':' ? parse_number<std::uint16_t>(port.substr(1)) : std::nullopt;
  if (!number) return {};
  return ClientAddress{*ip, *number};
}

std::string_view print_address(const ClientAddress& address,
                               std::span<char, kAddressBytesMax> out) noexcept {
  char host[INET6_ADDRSTRLEN];
  const std::string_view ip = print_ip(address.ip, host);
  const bool is_bracketed = !is_v4(address.ip);
  const auto printed =
      fmt::format_to_n(out.data(), out.size(), "{}{}{}:{}", is_bracketed ? "[" : "", ip,
                       is_bracketed ? "]" : "", address.port);
  return {out.data(), std::min(printed.size, out.size())};
}

bool IpRange::contains(const IpAddress& address) const noexcept {
  const std::size_t whole = bits / 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((first[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool contains(const IpRanges& ranges, const IpAddress& address) noexcept {
  return std::ranges::any_of(ranges, [&](const IpRange& range) { return range.contains(address); });
}

std::optional<IpRange> parse_ip_range(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return {};
  if (slash == text.npos) return IpRange{*ip, 128};
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  const unsigned offset = is_v4(*ip) ? kV4PrefixBits : 0;
  if (!bits || *bits > 128 - offset) return {};
  const IpRange range{*ip, static_cast<std::uint8_t>(*bits + offset)};
  // 10.1.2.3/8 is a slip of the pen: it says less, or more, than was meant.
  for (unsigned bit = range.bits; bit < 128; ++bit) {
    if ((range.first[bit / 8] >> (7 - bit % 8) & 1) != 0) return {};
  }
  return range;
}

std::string print_ip_range(const IpRange& range) {
  char out[INET6_ADDRSTRLEN];
  const std::string_view ip = print_ip(range.first, out);
  if (range.bits == 128) return std::string(ip);
  return fmt::format("{}/{}", ip, range.bits - (is_v4(range.first) ? kV4PrefixBits : 0));
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
