// SPDX-License-Identifier: Apache-2.0
//
// Scheme: a way in which senders prove themselves, by the name that the operator writes in the
// configuration. The table in schemes.cc is the one place where a scheme is listed; configuration,
// completion, diagnosis and the fuzzer read it from there. Constant: any thread.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "auth/hmac.h"
#include "auth/signature.h"
#include "auth/token.h"
#include "base/result.h"
#include "model/authenticator.h"

namespace hookhost::auth {

struct Scheme {
  std::string_view name;   // "hf"
  std::string_view title;  // for people: "Hugging Face Hub"
  const TokenForm* token = nullptr;
  const SignatureForm* signature = nullptr;  // both null: the operator describes it (generic-hmac)
  std::array<std::string_view, 2> delivery_ids = {};  // headers; the first that was sent counts
  std::string_view delivery_id_in_body = {};          // RFC 6901; of senders without such a header
  EventNames event = {};
  std::string_view wrong_body = R"({"error":"Invalid signature."})";
  int wrong_status = 403;
  std::string_view challenge = {};  // of schemes of Authorization: RFC 9110 11.6.1
  Handshake handshake = Handshake::kNone;
};

inline constexpr std::string_view kGenericHmac = "generic-hmac";

// What the operator says about a sender that has no row of its own.
struct HmacOptions {
  std::string header = {};
  std::string prefix = {};  // must be there; is taken off
  Digest algorithm = Digest::kSha256;
  Encoding encoding = Encoding::kHex;
  std::string text = "{body}";
  std::string timestamp_header = {};  // for {ts}
  std::string id_header = {};         // of the delivery id, and for {id}
  std::chrono::milliseconds window = kWindow;
  KeyForm key = KeyForm::kRaw;
};

// kInvalid: no header or none that is one, a template without what it needs, see signed_text.h.
Status check_hmac(const HmacOptions& options);

// What an operator may choose beside the secrets; a scheme takes what concerns it.
struct SchemeOptions {
  bool secret_in_query = false;  // hf
  HmacOptions hmac = {};         // generic-hmac
};

std::span<const Scheme> schemes() noexcept;
const Scheme* find_scheme(std::string_view name) noexcept;  // nullptr: there is none

// kInvalid, with a message that counts secrets instead of naming their text: none at all, one that
// the scheme could never send or use, or options that check_hmac() refuses.
Result<std::shared_ptr<const Authenticator>> make_authenticator(
    const Scheme& scheme, std::span<const Credential> credentials,
    const SchemeOptions& options = {});

// For a request without a proof: the sentence that names the other scheme whose header it carries;
// "": none.
std::string_view sent_for_other_scheme(const RequestHead& head, const Scheme& than) noexcept;

}  // namespace hookhost::auth
