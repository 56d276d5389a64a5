// SPDX-License-Identifier: Apache-2.0
//
// Signatures over the raw body: HMAC and ed25519. What tells the senders apart is data, a
// SignatureForm; the rules are the same for all (strict decoding, one header of each kind, every
// valid secret and every signature tried without an early exit, freshness both ways). Made once per
// route; immutable, any thread. Hot path: no lock or shared counter per request; allocations are
// those of hmac.h and ed25519.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "auth/timestamp.h"
#include "base/result.h"
#include "model/authenticator.h"

namespace hookhost::auth {

struct Scheme;

enum class Algorithm : std::uint8_t { kSha1, kSha256, kSha512, kEd25519 };  // HMAC but the last
enum class Encoding : std::uint8_t { kHex, kBase64 };
enum class KeyForm : std::uint8_t { kRaw, kHex, kBase64 };

// More signatures in one request are no rotation.
inline constexpr std::size_t kSignaturesMax = 10;

// One way of a scheme to sign. Of several, the secret's own prefix chooses.
struct Signing {
  std::string_view prefix;  // in front of the signature; others are not looked at
  Algorithm algorithm = Algorithm::kSha256;
  Encoding encoding = Encoding::kHex;
  KeyForm key = KeyForm::kRaw;
  std::string_view key_prefix = {};  // in front of the secret; may be missing for the first way
  std::size_t key_bytes_min = 1;     // decoded
  std::size_t key_bytes_max = kSecretBytesMax;
};

// Names under which one request carries its proof; "": not carried.
struct ProofHeaders {
  std::string_view signature;
  std::string_view timestamp = {};
  std::string_view id = {};
};

struct SignatureForm {
  std::span<const ProofHeaders> headers;  // the first whose signature was sent decides alone
  std::span<const Signing> signings;
  std::string_view text = "{body}";        // see signed_text.h
  char separator = '\0';                   // between several signatures of one header
  std::string_view timestamp_prefix = {};  // the timestamp stands among the signatures: "t="
  std::chrono::seconds window = kWindow;
};

// kInvalid, without the text: no secret, one that is no key of this form, a template that is none.
// form's views outlive the result, or belong to owner, which the result keeps.
Result<std::shared_ptr<const Authenticator>> make_signature(
    const Scheme& scheme, const SignatureForm& form, std::span<const Credential> credentials,
    std::shared_ptr<const void> owner = nullptr);

}  // namespace hookhost::auth
