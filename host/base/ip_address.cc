// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hookhost {
namespace {

constexpr std::uint8_t kV4Prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kV4PrefixBits = 96;

std::optional<IpAddress> parse_ip(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated) return {};
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  in_addr v4;
  if (::inet_pton(AF_INET, terminated, &v4) == 1) return from_v4(&v4);
  IpAddress ip;
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

}  // namespace

bool is_v4(const IpAddress& ip) noexcept {
  return std::equal(kV4Prefix, kV4Prefix + 12, ip.begin());
}

IpAddress from_v4(const void* four_bytes) noexcept {
  IpAddress ip;
  std::copy(kV4Prefix, kV4Prefix + 12, ip.begin());
  std::memcpy(ip.data() + 12, four_bytes, 4);
  return ip;
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

}  // namespace hookhost
