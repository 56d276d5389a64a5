// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request.
#include "auth/hub_secret.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"

namespace hookhost::auth {
namespace {

constexpr std::string_view kHeader = "x-webhook-secret";
constexpr std::string_view kParameter = "secret";

// A credential as it was sent. count: how often; only one is looked at, two are wrong (K13).
struct Sent {
  unsigned count = 0;
  std::string_view text;
};

Sent sent_in_header(const RequestHead& head) noexcept {
  Sent sent;
  for (const Header& header : head.headers) {
    // The length first: most headers are told apart by it.
    if (header.name.size() != kHeader.size() || !ascii_iequals(header.name, kHeader)) continue;
    ++sent.count;
    sent.text = header.value;
  }
  return sent;
}

// The value of ?secret=, not decoded.
Sent sent_in_query(std::string_view query) noexcept {
  Sent sent;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != kParameter) continue;
    ++sent.count;
    sent.text = pair.substr(std::min(pair.size(), equals + 1));
  }
  return sent;
}

struct Decoded {
  std::array<char, kSecretBytesMax> bytes;
  std::size_t size = 0;
};

// %XX once, into a place on the stack; '+' stays, since a query is no form. False: malformed, or
// longer than any secret.
bool decode(std::string_view text, Decoded& out) noexcept {
  while (!text.empty()) {
    if (out.size == out.bytes.size()) return false;
    char byte = text.front();
    std::size_t taken = 1;
    if (byte == '%') {
      if (text.size() < 3) return false;
      const int high = hex_digit(text[1]);
      const int low = hex_digit(text[2]);
      if (high < 0 || low < 0) return false;
      byte = static_cast<char>(high * 16 + low);
      taken = 3;
    }
    out.bytes[out.size++] = byte;
    text.remove_prefix(taken);
  }
  return true;
}

class HubSecret final : public Authenticator {
 public:
  HubSecret(std::span<const Credential> credentials, HubSecretOptions options)
      : credentials_(credentials), options_(options) {}

  bool needs_body() const noexcept override { return false; }

  Proof judge(const RequestHead& head, std::string_view /*body*/,
              SystemTime now) const noexcept override {
    if (const Sent header = sent_in_header(head); header.count > 0) return weigh(header, now);
    if (!options_.in_query) return Proof::kMissing;
    Sent query = sent_in_query(head.query);
    if (query.count == 0) return Proof::kMissing;
    Decoded decoded;
    if (!decode(query.text, decoded)) return Proof::kWrong;
    query.text = {decoded.bytes.data(), decoded.size};
    return weigh(query, now);
  }

  std::string_view missing_body() const noexcept override {
    return R"({"error":"x-webhook-secret header not set."})";
  }
  std::string_view wrong_body() const noexcept override {
    return R"({"error":"Invalid webhook secret."})";
  }
  std::string_view delivery_id_header() const noexcept override { return "Webhook-Id"; }
  std::string_view scheme() const noexcept override { return "hf"; }
  std::string_view header() const noexcept override { return "X-Webhook-Secret"; }

 private:
  Proof weigh(const Sent& sent, SystemTime now) const noexcept {
    const bool is_right = credentials_.contain(sent.text, now);
    return is_right && sent.count == 1 ? Proof::kAccepted : Proof::kWrong;
  }

  Credentials credentials_;
  HubSecretOptions options_;
};

// The rule that a secret breaks; nullptr: none.
const char* flaw_of(const Credential& credential) noexcept {
  const std::string_view text = credential.secret.reveal();
  if (text.empty()) return "is empty";
  if (text.size() > kSecretBytesMax) return "is longer than 1024 bytes";
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }))
    return "has characters outside ASCII, which the Hub does not send";
  if (std::ranges::any_of(text,
                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return "has control characters (a line end of its file?)";
  if (text.front() == ' ' || text.back() == ' ')
    return "begins or ends with a space, which HTTP takes away";
  if (credential.not_after < credential.not_before) return "ends before it begins to be valid";
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const Authenticator>> make_hub_secret(std::vector<Credential> credentials,
                                                             HubSecretOptions options) {
  if (credentials.empty())
    return Error{ErrorCode::kInvalid, "no webhook secret is given", "set at least one"};
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    if (const char* flaw = flaw_of(credentials[i])) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("webhook secret {} of {} {}", i + 1, credentials.size(), flaw),
                   "take printable ASCII characters, for example from: openssl rand -hex 32"};
    }
  }
  return std::shared_ptr<const Authenticator>(std::make_shared<HubSecret>(credentials, options));
}

Result<std::shared_ptr<const Authenticator>> make_hub_secret(std::vector<Secret> secrets,
                                                             HubSecretOptions options) {
  std::vector<Credential> credentials;
  credentials.reserve(secrets.size());
  for (Secret& secret : secrets) credentials.emplace_back(std::move(secret));
  return make_hub_secret(std::move(credentials), options);
}

}  // namespace hookhost::auth
