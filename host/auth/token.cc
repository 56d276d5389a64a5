// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request.
#include "auth/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "auth/scheme.h"
#include "auth/sent_header.h"
#include "base/encoding.h"
#include "base/text.h"

namespace hookhost::auth {
namespace {

constexpr std::string_view kParameter = "secret";

// The value of ?secret=, not decoded.
SentHeader sent_in_query(std::string_view query) noexcept {
  SentHeader sent;
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

// On the stack; nothing longer is a secret.
struct Decoded {
  std::array<char, kSecretBytesMax> bytes;
  std::size_t size = 0;
  std::string_view view() const noexcept { return {bytes.data(), size}; }
};

// %XX once; '+' stays, since a query is no form. False: malformed, or longer than any secret.
bool decode_query(std::string_view text, Decoded& out) noexcept {
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

bool decode_base64(std::string_view text, Decoded& out) noexcept {
  const auto size = base64_decode(text, std::as_writable_bytes(std::span(out.bytes)));
  out.size = size.value_or(0);
  return size.has_value();
}

class Token final : public Authenticator {
 public:
  Token(const Scheme& scheme, const TokenForm& form, std::span<const Credential> credentials,
        TokenOptions options)
      : scheme_(scheme),
        form_(form),
        options_(options),
        credentials_(credentials),
        missing_body_(missing_body_of(form.header)),
        facts_{.name = scheme.name,
               .header = form.header,
               .missing_body = missing_body_,
               .wrong_body = scheme.wrong_body,
               .wrong_status = scheme.wrong_status,
               .challenge = scheme.challenge,
               .event = scheme.event,
               .handshake = scheme.handshake,
               .delivery_id_in_body = scheme.delivery_id_in_body} {}

  const SchemeFacts& facts() const noexcept override { return facts_; }
  bool needs_body() const noexcept override { return false; }

  Verdict judge(const RequestHead& head, std::string_view /*body*/, SystemTime now) const override {
    if (const SentHeader sent = sent_header(head, form_.header); sent.count > 0)
      return sent.count > 1 ? Verdict{Proof::kRepeated} : judge_header(sent.text, now);
    if (!options_.in_query) return {Proof::kMissing};
    const SentHeader sent = sent_in_query(head.query);
    if (sent.count != 1) return {sent.count == 0 ? Proof::kMissing : Proof::kRepeated};
    Decoded decoded;
    if (!decode_query(sent.text, decoded)) return {Proof::kMalformed};
    return weigh(decoded.view(), now);
  }

  std::string_view delivery_id(const RequestHead& head) const noexcept override {
    return first_sent(head, scheme_.delivery_ids);
  }

  std::string_view diagnose(const RequestHead& head, std::string_view /*body*/,
                            SystemTime now) const override {
    if (judge(head, {}, now).proof == Proof::kMissing) return sent_for_other_scheme(head, scheme_);
    return is_of_another_time(head) ? "it is a secret of the list that is not valid now" : "";
  }

 private:
  Verdict judge_header(std::string_view text, SystemTime now) const noexcept {
    if (text.size() < form_.prefix.size() ||
        !ascii_iequals(text.substr(0, form_.prefix.size()), form_.prefix)) {
      return {Proof::kMalformed};
    }
    text.remove_prefix(form_.prefix.size());
    if (!form_.is_base64) return weigh(text, now);
    Decoded decoded;
    if (!decode_base64(text, decoded)) return {Proof::kMalformed};
    return weigh(decoded.view(), now);
  }

  Verdict weigh(std::string_view text, SystemTime now) const noexcept {
    return verdict_of(credentials_.find(text, now));
  }

  bool is_of_another_time(const RequestHead& head) const {
    return std::ranges::any_of(credentials_.moments(), [&](SystemTime moment) {
      return judge(head, {}, moment).proof == Proof::kAccepted;
    });
  }

  const Scheme& scheme_;
  const TokenForm form_;
  const TokenOptions options_;
  const Credentials credentials_;
  const std::string missing_body_;
  const SchemeFacts facts_;
};

// The rule that a secret breaks; nullptr: none.
const char* flaw_of(const TokenForm& form, const Credential& credential) noexcept {
  const std::string_view text = credential.secret.reveal();
  if (text.empty()) return "is empty";
  if (text.size() > kSecretBytesMax) return "is longer than 1024 bytes";
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }))
    return "has characters outside ASCII, which do not travel in a header";
  if (std::ranges::any_of(text,
                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return "has control characters (a line end of its file?)";
  if (!form.is_base64 && (text.front() == ' ' || text.back() == ' '))
    return "begins or ends with a space, which HTTP takes away";
  if (form.is_pair && text.find(':') == std::string_view::npos) return "is not user:password";
  if (credential.not_after < credential.not_before) return "ends before it begins to be valid";
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const Authenticator>> make_token(const Scheme& scheme, const TokenForm& form,
                                                        std::span<const Credential> credentials,
                                                        TokenOptions options) {
  if (credentials.empty())
    return Error{ErrorCode::kInvalid, "no webhook secret is given", "set at least one"};
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    if (const char* flaw = flaw_of(form, credentials[i])) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("webhook secret {} of {} {}", i + 1, credentials.size(), flaw),
                   "take printable ASCII characters, for example from: openssl rand -hex 32"};
    }
  }
  return std::shared_ptr<const Authenticator>(
      std::make_shared<Token>(scheme, form, credentials, options));
}

}  // namespace hookhost::auth
