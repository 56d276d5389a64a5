// SPDX-License-Identifier: Apache-2.0
#include "app/config_value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_writer.h"
#include "base/text.h"

namespace hookhost::app {
namespace {

using std::chrono::milliseconds;

std::string toml_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);  // the escapes of JSON are valid in TOML
  return out;
}

bool is_text(const ConfigNode& node) {
  return node.type == NodeType::kText || node.type == NodeType::kWritten;
}

std::string expected(std::string_view what, const ConfigNode& node) {
  return fmt::format("expected {}, got {}", what, print_node(node));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

// A number with a unit behind it, scaled; nothing when it does not fit into 64 bits.
std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t factor) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(value, factor, &product)) return std::nullopt;
  return product;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<Unit, 5> kDurationUnits{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 9> kByteUnits{{{"", 1},
                                          {"B", 1},
                                          {"kB", 1000},
                                          {"KB", 1000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"KiB", 1024},
                                          {"MiB", 1024 * 1024},
                                          {"GiB", 1024 * 1024 * 1024}}};

template <std::size_t N>
std::optional<std::int64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

std::string range_text(const Range& range) {
  const auto edge = [&](std::int64_t value) { return show(value, range); };
  if (range.max == std::numeric_limits<std::int64_t>::max()) {
    return fmt::format("{} or more", edge(range.min));
  }
  return fmt::format("{}..{}", edge(range.min), edge(range.max));
}

Complaint read_port(const ConfigNode& node, std::uint16_t& out) {
  std::optional<std::int64_t> port;
  if (node.type == NodeType::kInteger) port = node.integer;
  if (node.type == NodeType::kWritten) port = parse_integer(node.text);
  // 0 lets the kernel choose: for tests, so the message does not offer it.
  if (!port || *port < 0 || *port > 65535) return expected("1..65535", node);
  out = static_cast<std::uint16_t>(*port);
  return std::nullopt;
}

std::optional<std::string> numeric_host(std::string_view text) {
  const std::string host(text == "localhost" ? "127.0.0.1" : text);
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return host;
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return host;
  return std::nullopt;
}

int two_digits(std::string_view text, std::size_t at) {
  const auto digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -100;
  };
  return digit(at) * 10 + digit(at + 1);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  std::int64_t sum = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789");
    if (digits == std::string_view::npos) return std::nullopt;  // a number without its unit
    const auto unit_end = text.find_first_of("0123456789", digits);
    const auto number = parse_integer(text.substr(0, digits));
    const auto factor = factor_of(kDurationUnits, text.substr(digits, unit_end - digits));
    if (!number || !factor) return std::nullopt;
    const auto part = scaled(*number, *factor);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
    text.remove_prefix(unit_end == std::string_view::npos ? text.size() : unit_end);
  }
  return milliseconds(sum);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_integer(text.substr(0, digits));
  std::string_view unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto factor = factor_of(kByteUnits, unit);
  if (!number || !factor) return std::nullopt;
  return scaled(*number, *factor);
}

std::optional<http::ListenAddress> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!is_bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
  const auto numeric = numeric_host(host);
  const auto port = parse_integer(text.substr(colon + 1));
  if (!numeric || !port || *port < 0 || *port > 65535) return std::nullopt;
  return http::ListenAddress{*numeric, static_cast<std::uint16_t>(*port)};
}

std::string print_address(const http::ListenAddress& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

std::optional<SystemTime> parse_moment(std::string_view text) {
  // 2026-11-25T14:10:00[.fraction](Z|+hh:mm): RFC 3339 section 5.6.
  const int century = two_digits(text, 0), year = two_digits(text, 2), month = two_digits(text, 5);
  const int day = two_digits(text, 8), hour = two_digits(text, 11), minute = two_digits(text, 14);
  const int second = two_digits(text, 17);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  for (const int part : {century, year, month, day, hour, minute, second}) {
    if (part < 0) return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(century * 100 + year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  std::string_view zone = text.substr(19);
  if (zone.starts_with('.')) {
    const auto end = zone.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return std::nullopt;
    zone.remove_prefix(end);
  }
  std::chrono::minutes offset{0};
  if (zone != "Z" && zone != "z") {
    const int hours = two_digits(zone, 1), minutes = two_digits(zone, 4);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || hours < 0 ||
        minutes < 0) {
      return std::nullopt;
    }
    offset = std::chrono::minutes(hours * 60 + minutes) * (zone[0] == '-' ? -1 : 1);
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) - offset;
}

Complaint read(const ConfigNode& node, const Range&, bool& out) {
  if (node.type == NodeType::kBoolean) {
    out = node.boolean;
    return std::nullopt;
  }
  if (node.type == NodeType::kWritten) {
    for (const std::string_view yes : {"true", "1", "yes", "on"}) {
      if (ascii_iequals(node.text, yes)) return out = true, std::nullopt;
    }
    for (const std::string_view no : {"false", "0", "no", "off"}) {
      if (ascii_iequals(node.text, no)) return out = false, std::nullopt;
    }
  }
  return expected("true or false", node);
}

Complaint read(const ConfigNode& node, const Range& range, std::int64_t& out) {
  std::optional<std::int64_t> value;
  if (node.type == NodeType::kInteger) value = node.integer;
  if (node.type == NodeType::kWritten || (is_text(node) && range.is_bytes)) {
    value = range.is_bytes ? parse_bytes(node.text) : parse_integer(node.text);
  }
  if (!value || *value < range.min || *value > range.max) {
    return expected(range_text(range), node);
  }
  out = *value;
  return std::nullopt;
}

Complaint read(const ConfigNode& node, const Range& range, milliseconds& out) {
  if (!is_text(node)) return expected("a duration such as \"30s\"", node);
  const auto value = parse_duration(node.text);
  if (!value) return expected("a duration such as \"30s\"", node);
  if (value->count() < range.min || value->count() > range.max) {
    return expected(
        fmt::format("{}..{}", show(milliseconds(range.min)), show(milliseconds(range.max))), node);
  }
  out = *value;
  return std::nullopt;
}

Complaint read(const ConfigNode& node, const Range&, std::string& out) {
  if (!is_text(node)) return expected("a text", node);
  out = node.text;
  return std::nullopt;
}

Complaint read(const ConfigNode& node, const Range&, std::filesystem::path& out) {
  if (!is_text(node)) return expected("a path", node);
  if (node.text.find('\0') != std::string::npos) return "a path holds no NUL";
  out = node.text;
  // What the file says is relative to the file: it means the same from every folder.
  if (node.origin.kind == OriginKind::kFile && !out.empty() && out.is_relative()) {
    out = std::filesystem::path(node.origin.name).parent_path() / out;
  }
  return std::nullopt;
}

Complaint read(const ConfigNode& node, const Range&, http::ListenAddress& out) {
  const auto address = is_text(node) ? parse_address(node.text) : std::nullopt;
  if (!address) return expected("ADDRESS:PORT such as \"127.0.0.1:7860\"", node);
  out = *address;
  return std::nullopt;
}

Complaint read(const ConfigNode& node, const Range&, IpRanges& out) {
  constexpr std::string_view kWhat = "addresses or CIDRs, as \"10.0.0.0/8\"";
  std::vector<std::string> texts;
  if (node.type == NodeType::kArray) {
    for (const ConfigNode& item : node.items) {
      if (!is_text(item)) return expected(kWhat, item);
      texts.push_back(item.text);
    }
  } else if (node.type == NodeType::kWritten) {
    for (std::string_view rest = node.text; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      texts.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  } else {
    return expected(kWhat, node);
  }
  IpRanges ranges;
  for (const std::string& text : texts) {
    const auto range = parse_ip_range(text);
    if (!range) return fmt::format("expected {}, got '{}'", kWhat, printable(text));
    ranges.push_back(*range);
  }
  out = std::move(ranges);
  return {};
}

Complaint read_part(const ConfigNode& node, AddressPart part, http::ListenAddress& out) {
  if (part == AddressPart::kPort) return read_port(node, out.port);
  const auto host = is_text(node) ? numeric_host(node.text) : std::nullopt;
  if (!host) return expected("a numeric address such as \"127.0.0.1\"", node);
  out.host = *host;
  return std::nullopt;
}

Complaint read_name(const ConfigNode& node, std::span<const std::string_view> names,
                    std::size_t& out) {
  std::string choices;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_text(node) && node.text == names[i]) return out = i, std::nullopt;
    choices += fmt::format("{}\"{}\"",
                           i == 0                  ? ""
                           : i + 1 == names.size() ? " or "
                                                   : ", ",
                           names[i]);
  }
  return expected(choices, node);
}

std::string show(bool value) { return value ? "true" : "false"; }

std::string show(std::int64_t value, const Range& range) {
  if (range.is_bytes && value > 0) {
    // The largest unit that says it exactly; binary ones first, since our limits are made of them.
    for (auto unit = kByteUnits.rbegin(); unit != kByteUnits.rend(); ++unit) {
      if (unit->factor > 1 && value % unit->factor == 0) {
        return fmt::format("\"{}{}\"", value / unit->factor, unit->name);
      }
    }
  }
  return std::to_string(value);
}

std::string show(milliseconds value) {
  for (auto unit = kDurationUnits.rbegin(); unit != kDurationUnits.rend(); ++unit) {
    if (value.count() != 0 && value.count() % unit->factor == 0 && unit->name != "d") {
      return fmt::format("\"{}{}\"", value.count() / unit->factor, unit->name);
    }
  }
  return "\"0s\"";
}

std::string show(const std::string& value) { return toml_string(value); }
std::string show(const std::filesystem::path& value) { return toml_string(value.native()); }
std::string show(const http::ListenAddress& value) { return toml_string(print_address(value)); }
std::string show(const IpRanges& value) {
  std::string list = "[";
  for (const IpRange& range : value)
    list += (list.size() > 1 ? ", " : "") + toml_string(print_ip_range(range));
  return list + "]";
}

std::span<const std::string_view> names_of(PayloadForm) noexcept {
  static constexpr std::string_view kNames[] = {"hub", "strict", "json", "raw"};
  return kNames;
}
std::span<const std::string_view> names_of(Place) noexcept {
  static constexpr std::string_view kNames[] = {"pool", "inline"};
  return kNames;
}
std::span<const std::string_view> names_of(Ack) noexcept {
  static constexpr std::string_view kNames[] = {"reply", "durable"};
  return kNames;
}
std::span<const std::string_view> names_of(OnFailure) noexcept {
  static constexpr std::string_view kNames[] = {"retry", "fail"};
  return kNames;
}
std::span<const std::string_view> names_of(SwapBatch) noexcept {
  static constexpr std::string_view kNames[] = {"each", "all"};
  return kNames;
}
std::span<const std::string_view> names_of(plugin::UnknownState) noexcept {
  static constexpr std::string_view kNames[] = {"fresh", "refuse"};
  return kNames;
}
std::span<const std::string_view> names_of(auth::Digest) noexcept {
  static constexpr std::string_view kNames[] = {"sha1", "sha256", "sha512"};
  return kNames;
}
std::span<const std::string_view> names_of(auth::Encoding) noexcept {
  static constexpr std::string_view kNames[] = {"hex", "base64"};
  return kNames;
}
std::span<const std::string_view> names_of(auth::KeyForm) noexcept {
  static constexpr std::string_view kNames[] = {"raw", "hex", "base64"};
  return kNames;
}
std::span<const std::string_view> names_of(plugin::CheckLevel) noexcept {
  static constexpr auto kNames = [] {
    std::array<std::string_view, plugin::kCheckLevels.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = plugin::kCheckLevels[i].name;
    return names;
  }();
  return kNames;
}
std::span<const std::string_view> names_of(telemetry::LogFormat) noexcept {
  static constexpr std::string_view kNames[] = {"auto", "pretty", "json", "journald"};
  return kNames;
}
std::span<const std::string_view> names_of(telemetry::Level) noexcept {
  static constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  return kNames;
}

}  // namespace hookhost::app
