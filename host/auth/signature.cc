// SPDX-License-Identifier: Apache-2.0
// Hot path: no lock or shared counter per request.
#include "auth/signature.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <variant>

#include "auth/body_guess.h"
#include "auth/ed25519.h"
#include "auth/hmac.h"
#include "auth/scheme.h"
#include "auth/sent_header.h"
#include "auth/signed_text.h"
#include "base/encoding.h"

namespace hookhost::auth {
namespace {

std::size_t signature_bytes(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::kEd25519 ? kEd25519SignatureBytes
                                          : digest_bytes(static_cast<Digest>(algorithm));
}

bool decode(std::string_view text, Encoding encoding, std::span<std::byte> out) noexcept {
  if (encoding == Encoding::kHex) return hex_decode(text, out);
  return base64_decode(text, out) == out.size();
}

struct SentSignature {
  Algorithm algorithm = Algorithm::kSha256;
  std::array<std::byte, kMacBytesMax> bytes;
  std::span<const std::byte> view() const noexcept {
    return std::span(bytes).first(signature_bytes(algorithm));
  }
};

// The proof of one request, taken apart. flaw: what already decides; kAccepted: nothing.
struct SentProof {
  Proof flaw = Proof::kAccepted;
  std::string_view id, timestamp;
  std::array<SentSignature, kSignaturesMax> signatures;
  std::size_t count = 0;
  std::span<const SentSignature> view() const noexcept {
    return std::span(signatures).first(count);
  }
};

struct Key {
  std::variant<HmacKey, Ed25519Key> key;
  Algorithm algorithm;
  SystemTime not_before, not_after;

  // True when one of the signatures is this key's; looks at each of them.
  bool fits(std::span<const SentSignature> sent, std::span<const std::string_view> text) const {
    if (const auto* ed25519 = std::get_if<Ed25519Key>(&key)) {
      return match_in_all(sent, [&](const SentSignature& signature) {
               return signature.algorithm == algorithm && ed25519->verify(signature.view(), text);
             }) > 0;
    }
    const Mac mac = std::get<HmacKey>(key).mac(text);
    return match_in_all(sent, [&](const SentSignature& signature) {
             return signature.algorithm == algorithm &&
                    ::CRYPTO_memcmp(signature.bytes.data(), mac.bytes.data(), mac.size) == 0;
           }) > 0;
  }
  bool is_valid(SystemTime now) const noexcept { return not_before <= now && now <= not_after; }
};

class Signature final : public Authenticator {
 public:
  Signature(const Scheme& scheme, const SignatureForm& form, SignedText text, std::vector<Key> keys,
            std::shared_ptr<const void> owner)
      : scheme_(scheme),
        form_(form),
        text_(std::move(text)),
        keys_(std::move(keys)),
        owner_(std::move(owner)),
        missing_body_(missing_body_of(form.headers.front().signature)),
        facts_{.name = scheme.name,
               .header = form.headers.front().signature,
               .missing_body = missing_body_,
               .wrong_body = scheme.wrong_body,
               .wrong_status = scheme.wrong_status,
               .challenge = scheme.challenge,
               .event = scheme.event,
               .handshake = scheme.handshake,
               .delivery_id_in_body = scheme.delivery_id_in_body} {}

  const SchemeFacts& facts() const noexcept override { return facts_; }
  bool needs_body() const noexcept override { return true; }

  Verdict judge(const RequestHead& head, std::string_view body, SystemTime now) const override {
    const SentProof sent = read(head, Written::kAsTheSchemeSays);
    if (sent.flaw != Proof::kAccepted) return {sent.flaw};
    if (const Proof fresh = freshness_of(sent, now); fresh != Proof::kAccepted) return {fresh};
    const auto text = text_.fill({sent.id, sent.timestamp, body});
    const unsigned number = match_in_all(keys_, [&](const Key& key) {
      const unsigned fits = key.fits(sent.view(), text);
      return (fits & static_cast<unsigned>(key.is_valid(now))) != 0;
    });
    return verdict_of(number);
  }

  std::string_view delivery_id(const RequestHead& head) const noexcept override {
    // The signed one, even when the same request carries another under the other names.
    if (text_.has_id()) return sent_header(head, names(head).id).text;
    return first_sent(head, scheme_.delivery_ids.front().empty()
                                ? std::span(&form_.headers.front().id, 1)
                                : std::span<const std::string_view>(scheme_.delivery_ids));
  }

  std::string_view diagnose(const RequestHead& head, std::string_view body,
                            SystemTime now) const override {
    switch (judge(head, body, now).proof) {
      case Proof::kAccepted:
      case Proof::kRepeated:
      case Proof::kTooMany: return "";
      case Proof::kMissing: return sent_for_other_scheme(head, scheme_);
      case Proof::kStale:
      case Proof::kAhead:
        return fits(read(head, Written::kAsTheSchemeSays), body)
                   ? "the signature is right: it is a replay, or one of the two clocks is wrong"
                   : "";
      case Proof::kMalformed:
        return fits(read(head, Written::kInTheOtherEncoding), body)
                   ? "the signature is right but in the other encoding (hex, base64)"
                   : "";
      case Proof::kWrong: break;
    }
    const SentProof sent = read(head, Written::kAsTheSchemeSays);
    if (fits(sent, body)) return "it is signed with a secret of the list that is not valid now";
    for (const BodyGuess& guess : body_guesses()) {
      if (fits(sent, guess.made(body))) return guess.sentence;
    }
    return "";
  }

  // A token of X is letters, digits and the signs of base64. Anything else is refused: the answer
  // is an HMAC under the key that also signs bodies, and nobody shall have a JSON object signed.
  std::string_view answer_challenge(std::string_view token, SystemTime now,
                                    Arena& arena) const override {
    constexpr std::size_t kTokenBytesMax = 256;
    const bool is_token =
        !token.empty() && token.size() <= kTokenBytesMax && std::ranges::all_of(token, [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("+/=-_.").find(c) != std::string_view::npos;
        });
    const auto key = std::ranges::find_if(keys_, [&](const Key& one) { return one.is_valid(now); });
    if (!is_token || key == keys_.end() || facts_.handshake != Handshake::kX) return {};
    const Mac mac = std::get<HmacKey>(key->key).mac(std::span(&token, 1));
    return arena.copy(
        fmt::format(R"({{"response_token":"sha256={}"}})", base64_encode(mac.view())));
  }

 private:
  enum class Written : std::uint8_t { kAsTheSchemeSays, kInTheOtherEncoding };

  const ProofHeaders& names(const RequestHead& head) const noexcept {
    for (const ProofHeaders& names : form_.headers) {
      if (sent_header(head, names.signature).count > 0) return names;
    }
    return form_.headers.front();
  }

  SentProof read(const RequestHead& head, Written written) const noexcept {
    const ProofHeaders& in = names(head);
    const SentHeader signature = sent_header(head, in.signature);
    const SentHeader timestamp = sent_header(head, in.timestamp);
    const SentHeader id = sent_header(head, in.id);
    SentProof sent;
    sent.id = id.text;
    sent.timestamp = timestamp.text;
    const bool is_stamped = text_.has_timestamp() && form_.timestamp_prefix.empty();
    if (signature.count == 0 || (is_stamped && timestamp.count == 0) ||
        (text_.has_id() && id.count == 0)) {
      sent.flaw = Proof::kMissing;
    } else if (signature.count > 1 || timestamp.count > 1 || id.count > 1) {
      sent.flaw = Proof::kRepeated;
    } else {
      sent.flaw = read_list(signature.text, written, sent);
    }
    if (sent.flaw == Proof::kAccepted && text_.has_id() &&
        (sent.id.empty() || !text_.is_unambiguous(sent.id))) {
      sent.flaw = Proof::kMalformed;
    }
    return sent;
  }

  // The signatures of the header, and the timestamp when it stands among them. What begins with
  // no prefix of the scheme is a version that we do not know and is passed over.
  Proof read_list(std::string_view text, Written written, SentProof& sent) const noexcept {
    std::size_t tried = 0;
    unsigned stamps = 0;
    while (!text.empty()) {
      const std::size_t end =
          form_.separator == '\0' ? text.size() : std::min(text.find(form_.separator), text.size());
      const std::string_view entry = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), end + 1));
      if (!form_.timestamp_prefix.empty() && entry.starts_with(form_.timestamp_prefix)) {
        sent.timestamp = entry.substr(form_.timestamp_prefix.size());
        ++stamps;
        continue;
      }
      const auto signing = std::ranges::find_if(
          form_.signings, [&](const Signing& one) { return entry.starts_with(one.prefix); });
      if (signing == form_.signings.end()) continue;
      if (++tried > kSignaturesMax) return Proof::kTooMany;
      SentSignature& next = sent.signatures[sent.count];
      next.algorithm = signing->algorithm;
      const bool is_hex =
          (signing->encoding == Encoding::kHex) == (written == Written::kAsTheSchemeSays);
      sent.count +=
          decode(entry.substr(signing->prefix.size()), is_hex ? Encoding::kHex : Encoding::kBase64,
                 std::span(next.bytes).first(signature_bytes(next.algorithm)));
    }
    if (stamps > 1) return Proof::kRepeated;
    return sent.count > 0 ? Proof::kAccepted : Proof::kMalformed;
  }

  Proof freshness_of(const SentProof& sent, SystemTime now) const noexcept {
    if (!text_.has_timestamp()) return Proof::kAccepted;
    const auto signed_at = parse_timestamp(sent.timestamp);
    return signed_at ? freshness(*signed_at, now, form_.window) : Proof::kMalformed;
  }

  // Whenever the key is or was valid.
  bool fits(const SentProof& sent, std::string_view body) const {
    if (sent.flaw != Proof::kAccepted) return false;
    const auto text = text_.fill({sent.id, sent.timestamp, body});
    return match_in_all(keys_, [&](const Key& key) { return key.fits(sent.view(), text); }) > 0;
  }

  const Scheme& scheme_;
  const SignatureForm form_;
  const SignedText text_;
  const std::vector<Key> keys_;
  const std::shared_ptr<const void> owner_;
  const std::string missing_body_;
  const SchemeFacts facts_;
};

// A secret's text as the bytes of a key; wiped with it.
struct KeyBytes {
  ~KeyBytes() { ::OPENSSL_cleanse(bytes.data(), bytes.size()); }
  std::array<std::byte, kSecretBytesMax> bytes;
  std::size_t size = 0;
  std::span<const std::byte> view() const noexcept { return std::span(bytes).first(size); }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), size};
  }
};

// The rule that a secret breaks; "": none.
std::string read_key(std::string_view text, const Signing& signing, KeyBytes& out) {
  if (text.empty()) return "is empty";
  if (text.size() > kSecretBytesMax) return "is longer than 1024 bytes";
  if (text.starts_with(signing.key_prefix)) text.remove_prefix(signing.key_prefix.size());
  switch (signing.key) {
    case KeyForm::kRaw:
      std::ranges::copy(std::as_bytes(std::span(text)), out.bytes.begin());
      out.size = text.size();
      break;
    case KeyForm::kHex:
      out.size = text.size() / 2;
      if (!hex_decode(text, std::span(out.bytes).first(out.size)))
        return "is not lower-case hex, two digits a byte";
      break;
    case KeyForm::kBase64: {
      const auto size = base64_decode(text, out.bytes);
      if (!size) return "is not base64 with its padding";
      out.size = *size;
      break;
    }
  }
  if (out.size >= signing.key_bytes_min && out.size <= signing.key_bytes_max) return "";
  return fmt::format("is a key of {} bytes, not of {} to {}", out.size, signing.key_bytes_min,
                     signing.key_bytes_max);
}

const Signing& signing_of(std::string_view secret, std::span<const Signing> signings) noexcept {
  for (const Signing& signing : signings) {
    if (!signing.key_prefix.empty() && secret.starts_with(signing.key_prefix)) return signing;
  }
  return signings.front();
}

Result<Key, std::string> make_key(const Credential& credential, const SignatureForm& form) {
  if (credential.not_after < credential.not_before)
    return std::string("ends before it begins to be valid");
  const std::string_view text = credential.secret.reveal();
  const Signing& signing = signing_of(text, form.signings);
  KeyBytes bytes;
  if (std::string flaw = read_key(text, signing, bytes); !flaw.empty()) return flaw;
  const auto key = [&](std::variant<HmacKey, Ed25519Key> made) {
    return Key{std::move(made), signing.algorithm, credential.not_before, credential.not_after};
  };
  if (signing.algorithm != Algorithm::kEd25519)
    return key(HmacKey(static_cast<Digest>(signing.algorithm), bytes.text()));
  // Of a pair of keys the public one stands behind.
  auto made = Ed25519Key::make(bytes.view().last(std::min(bytes.size, kEd25519KeyBytes)));
  if (!made) return std::string("is no ed25519 key");
  return key(*std::move(made));
}

}  // namespace

Result<std::shared_ptr<const Authenticator>> make_signature(const Scheme& scheme,
                                                            const SignatureForm& form,
                                                            std::span<const Credential> credentials,
                                                            std::shared_ptr<const void> owner) {
  if (credentials.empty())
    return Error{ErrorCode::kInvalid, "no webhook secret is given", "set at least one"};
  auto text = SignedText::parse(form.text);
  if (!text) return std::move(text).error();
  std::vector<Key> keys;
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    auto key = make_key(credentials[i], form);
    if (!key) {
      return Error{
          ErrorCode::kInvalid,
          fmt::format("webhook secret {} of {} {}", i + 1, credentials.size(), key.error()),
          fmt::format("copy it again from where {} shows it", scheme.title)};
    }
    keys.push_back(*std::move(key));
  }
  return std::shared_ptr<const Authenticator>(std::make_shared<Signature>(
      scheme, form, *std::move(text), std::move(keys), std::move(owner)));
}

}  // namespace hookhost::auth
