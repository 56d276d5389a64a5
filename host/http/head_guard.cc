// SPDX-License-Identifier: Apache-2.0
//
// The table of headers that the guard knows, and the rules in the order in which they count:
// method, target, names, framing, host, and then whatever has a status of its own.
#include "http/head_guard.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace hookhost::http {
namespace {

// Character classes of RFC 9110 5.6.2 and RFC 3986 3.2.2, one bit each.
constexpr std::uint8_t kToken = 1;
constexpr std::uint8_t kRegName = 2;

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  auto add = [&](std::string_view characters, std::uint8_t bit) {
    for (char c : characters) classes[static_cast<unsigned char>(c)] |= bit;
  };
  constexpr std::string_view kAlphanumeric =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  add(kAlphanumeric, kToken | kRegName);
  add("!#$%&'*+-.^_`|~", kToken);
  add("-._~%!$&'()*+,;=", kRegName);
  return classes;
}();

constexpr bool is_in(char c, std::uint8_t bit) {
  return (kClasses[static_cast<unsigned char>(c)] & bit) != 0;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class Field : std::uint8_t {
  kOther,
  kHost,
  kContentLength,
  kTransferEncoding,
  kConnection,
  kContentEncoding,
  kExpect,
};

// Headers that the guard reads, and headers that may stand once only. A name that comes twice makes
// one of two readers believe the other value: ids and credentials are refused then. Credentials:
// one row for each header of auth's schemes.
struct KnownHeader {
  std::string_view name;  // lower case
  Field field;
  Rule when_repeated;
};
constexpr KnownHeader kKnown[] = {
    {"host", Field::kHost, Rule::kHost},
    {"content-length", Field::kContentLength, Rule::kFraming},
    {"transfer-encoding", Field::kTransferEncoding, Rule::kFraming},
    {"connection", Field::kConnection, Rule::kAccepted},
    {"content-encoding", Field::kContentEncoding, Rule::kContentEncoding},
    {"expect", Field::kExpect, Rule::kExpect},
    {"content-type", Field::kOther, Rule::kRepeatedHeader},
    {"x-webhook-secret", Field::kOther, Rule::kRepeatedHubSecret},
    {"authorization", Field::kOther, Rule::kRepeatedCredential},
    {"x-hub-signature", Field::kOther, Rule::kRepeatedCredential},
    {"x-hub-signature-256", Field::kOther, Rule::kRepeatedCredential},
    {"stripe-signature", Field::kOther, Rule::kRepeatedCredential},
    {"x-slack-signature", Field::kOther, Rule::kRepeatedCredential},
    {"x-slack-request-timestamp", Field::kOther, Rule::kRepeatedCredential},
    {"webhook-signature", Field::kOther, Rule::kRepeatedCredential},
    {"webhook-timestamp", Field::kOther, Rule::kRepeatedCredential},
    {"svix-signature", Field::kOther, Rule::kRepeatedCredential},
    {"svix-timestamp", Field::kOther, Rule::kRepeatedCredential},
    {"x-gitlab-token", Field::kOther, Rule::kRepeatedCredential},
    {"x-shopify-hmac-sha256", Field::kOther, Rule::kRepeatedCredential},
    {"x-signature-ed25519", Field::kOther, Rule::kRepeatedCredential},
    {"x-signature-timestamp", Field::kOther, Rule::kRepeatedCredential},
    {"x-gitea-signature", Field::kOther, Rule::kRepeatedCredential},
    {"x-forgejo-signature", Field::kOther, Rule::kRepeatedCredential},
    {"x-twitter-webhooks-signature", Field::kOther, Rule::kRepeatedCredential},
    {"linear-signature", Field::kOther, Rule::kRepeatedCredential},
    {"paddle-signature", Field::kOther, Rule::kRepeatedCredential},
    {"webhook-id", Field::kOther, Rule::kRepeatedHeader},
    {"svix-id", Field::kOther, Rule::kRepeatedHeader},
    {"x-github-delivery", Field::kOther, Rule::kRepeatedHeader},
    {"x-gitea-delivery", Field::kOther, Rule::kRepeatedHeader},
    {"x-forgejo-delivery", Field::kOther, Rule::kRepeatedHeader},
    {"x-gitlab-event-uuid", Field::kOther, Rule::kRepeatedHeader},
    {"x-shopify-webhook-id", Field::kOther, Rule::kRepeatedHeader},
    {"idempotency-key", Field::kOther, Rule::kRepeatedHeader},
};
static_assert(std::size(kKnown) <= 64, "one bit each in judge_head");

// For each length the rows of that length, so that most names cost one look.
constexpr std::size_t kNameBytesMax = 32;
constexpr std::array<std::uint64_t, kNameBytesMax> kRowsOfLength = [] {
  std::array<std::uint64_t, kNameBytesMax> rows{};
  for (std::size_t i = 0; i < std::size(kKnown); ++i)
    rows[kKnown[i].name.size()] |= std::uint64_t{1} << i;
  return rows;
}();

// known is lower case; a token has no character that OR makes equal to it but its own two cases.
// Eight at a time: this runs for each header.
bool is_known(std::string_view name, std::string_view known) {
  constexpr std::uint64_t kLower = 0x2020'2020'2020'2020;
  const auto load = [](const char* place) {
    std::uint64_t eight;
    std::memcpy(&eight, place, sizeof eight);
    return eight;
  };
  std::size_t i = 0;
  for (; i + 8 <= known.size(); i += 8) {
    if ((load(name.data() + i) | kLower) != load(known.data() + i)) return false;
  }
  for (; i < known.size(); ++i) {
    if ((name[i] | 0x20) != known[i]) return false;
  }
  return true;
}

// Index of the row, or -1. name: a token.
int find_known(std::string_view name) {
  if (name.size() >= kNameBytesMax) return -1;
  for (std::uint64_t rows = kRowsOfLength[name.size()]; rows != 0; rows &= rows - 1) {
    const int row = __builtin_ctzll(rows);
    if (is_known(name, kKnown[row].name)) return row;
  }
  return -1;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    port = port * 10 + static_cast<unsigned>(c - '0');
    if (port > 65535) return false;
  }
  return true;
}

// uri-host [ ":" port ] of RFC 9110 7.2, not empty. The inside of an IP literal is judged by its
// characters only.
bool is_host(std::string_view text) {
  if (text.empty() || text.front() == ':') return false;
  std::size_t i = 0;
  if (text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (char c : text.substr(1, end - 1)) {
      if (!is_in(c, kRegName) && c != ':') return false;
    }
    i = end + 1;
  } else {
    while (i < text.size() && is_in(text[i], kRegName)) ++i;
  }
  return i == text.size() || (text[i] == ':' && is_port(text.substr(i + 1)));
}

// Where the authority of an absolute-form begins; 0: it is none.
std::size_t authority_of(std::string_view target) {
  for (std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (ascii_iequals(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

Rule judge_target(std::string_view target, const Limits& limits) {
  if (target.size() > limits.target_bytes_max) return Rule::kTargetTooLong;
  for (char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || byte == '#') return Rule::kTargetForm;
  }
  if (target.starts_with('/')) return Rule::kAccepted;
  const std::size_t authority = authority_of(target);
  if (authority == 0) return Rule::kTargetForm;
  const std::size_t end = std::min(target.find_first_of("/?", authority), target.size());
  return is_host(target.substr(authority, end - authority)) ? Rule::kAccepted : Rule::kTargetForm;
}

Rule judge_method(std::string_view method) {
  const bool is_refused =
      method.size() > kMethodBytesMax || method == "CONNECT" || method == "TRACE";
  return is_refused ? Rule::kMethod : Rule::kAccepted;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Connection: a list of tokens; close beats keep-alive.
void read_connection(std::string_view value, bool& close, bool& keep_alive) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trim(value.substr(0, comma));
    if (ascii_iequals(option, "close")) close = true;
    if (ascii_iequals(option, "keep-alive")) keep_alive = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

// Decimal digits only; a number that does not fit is no number either.
bool read_length(std::string_view value, std::uint64_t& length) {
  constexpr std::size_t kDigitsMax = 19;  // 10^19 - 1 fits into 64 bits
  if (value.empty() || value.size() > kDigitsMax) return false;
  length = 0;
  for (char c : value) {
    if (!is_digit(c)) return false;
    length = length * 10 + static_cast<unsigned>(c - '0');
  }
  return true;
}

Rule judge_name(std::string_view name) {
  return name.find('_') == std::string_view::npos ? Rule::kAccepted : Rule::kHeaderName;
}

// What the headers said so far.
struct Findings {
  std::string_view host, content_length, transfer_encoding;
  bool has_host = false, has_length = false, has_encoding = false;
  bool close = false, keep_alive = false, expects_continue = false;
};

Rule note(Field field, std::string_view value, Findings& found) {
  switch (field) {
    case Field::kOther: break;
    case Field::kHost:
      found.has_host = true;
      found.host = value;
      break;
    case Field::kContentLength:
      found.has_length = true;
      found.content_length = value;
      break;
    case Field::kTransferEncoding:
      found.has_encoding = true;
      found.transfer_encoding = value;
      break;
    case Field::kConnection: read_connection(value, found.close, found.keep_alive); break;
    case Field::kContentEncoding:
      if (!ascii_iequals(value, "identity")) return Rule::kContentEncoding;
      break;
    case Field::kExpect:
      if (!ascii_iequals(value, "100-continue")) return Rule::kExpect;
      found.expects_continue = true;
      break;
  }
  return Rule::kAccepted;
}

Rule read_headers(std::span<const Header> headers, Findings& found) {
  std::uint64_t seen = 0;
  // A refusal that asks for a status of its own waits until the framing was judged: a head that
  // smuggles is a 400 whatever else it holds.
  Rule later = Rule::kAccepted;
  for (const Header& header : headers) {
    if (Rule rule = judge_name(header.name); rule != Rule::kAccepted) return rule;
    const int row = find_known(header.name);
    if (row < 0) continue;
    const KnownHeader& known = kKnown[row];
    const std::uint64_t bit = std::uint64_t{1} << row;
    Rule rule = Rule::kAccepted;
    if ((seen & bit) != 0) rule = known.when_repeated;
    if (rule == Rule::kFraming || rule == Rule::kHost) return rule;
    if (rule == Rule::kAccepted) rule = note(known.field, header.value, found);
    if (later == Rule::kAccepted) later = rule;
    seen |= bit;
  }
  return later;
}

Rule judge_framing(const Findings& found, int version, Framing& framing) {
  if (found.has_length && found.has_encoding) return Rule::kFraming;
  if (found.has_encoding) {
    if (version == 10) return Rule::kTransferEncodingOn10;
    if (!ascii_iequals(found.transfer_encoding, "chunked")) return Rule::kTransferEncoding;
    framing.is_chunked = true;
  }
  if (found.has_length && !read_length(found.content_length, framing.content_length))
    return Rule::kContentLength;
  return Rule::kAccepted;
}

Rule judge_host(const Findings& found, int version) {
  if (!found.has_host) return version == 11 ? Rule::kHost : Rule::kAccepted;
  return is_host(found.host) ? Rule::kAccepted : Rule::kHost;
}

}  // namespace

Result<Framing, Rule> judge_head(const RawHead& head, const Limits& limits) noexcept {
  if (Rule rule = judge_method(head.method); rule != Rule::kAccepted) return rule;
  if (Rule rule = judge_target(head.target, limits); rule != Rule::kAccepted) return rule;

  Findings found;
  const Rule of_headers = read_headers(head.headers, found);
  const bool is_broken =
      of_headers == Rule::kHeaderName || of_headers == Rule::kFraming || of_headers == Rule::kHost;
  if (is_broken) return of_headers;
  Framing framing;
  if (Rule rule = judge_framing(found, head.version, framing); rule != Rule::kAccepted) return rule;
  if (Rule rule = judge_host(found, head.version); rule != Rule::kAccepted) return rule;
  if (of_headers != Rule::kAccepted) return of_headers;

  framing.keep_alive = !found.close && (head.version == 11 || found.keep_alive);
  framing.expects_continue = found.expects_continue && head.version == 11;
  return framing;
}

std::string_view origin_form(std::string_view target, Arena& arena) {
  const std::size_t authority = authority_of(target);
  if (authority == 0) return target;
  const std::size_t end = std::min(target.find_first_of("/?", authority), target.size());
  const std::string_view rest = target.substr(end);
  if (rest.empty()) return "/";
  if (rest.front() == '/') return rest;
  auto* text = static_cast<char*>(arena.allocate(rest.size() + 1, 1));
  text[0] = '/';
  std::memcpy(text + 1, rest.data(), rest.size());
  return {text, rest.size() + 1};
}

bool is_token(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (char c : text) {
    if (!is_in(c, kToken)) return false;
  }
  return true;
}

}  // namespace hookhost::http
