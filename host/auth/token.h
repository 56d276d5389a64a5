// SPDX-License-Identifier: Apache-2.0
//
// Tokens: the secret itself travels, verbatim or as base64, in a header (the Hub, seed rows K01 to
// K13; GitLab; Bearer; Basic), and in ?secret= where the operator allows it. Nothing is signed.
// Made once per route; immutable, any thread. Hot path: no allocation, lock or shared counter per
// request.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "auth/credentials.h"
#include "base/result.h"
#include "model/authenticator.h"

namespace hookhost::auth {

struct Scheme;

struct TokenForm {
  std::string_view header;
  std::string_view prefix = {};  // "Bearer ", in any case (RFC 9110 11.1)
  bool is_base64 = false;
  bool is_pair = false;  // "user:password"
};

struct TokenOptions {
  // ?secret=S counts when there is no header. Off: an address ends up in logs and histories.
  bool in_query = false;
};

// Every secret is valid, each at its time. kInvalid, with a message that counts instead of naming
// the text: none at all, an empty one (K08), one that no sender could send (K07: not ASCII,
// control characters, a space at an end, which HTTP takes away), one longer than kSecretBytesMax,
// a pair without its colon.
Result<std::shared_ptr<const Authenticator>> make_token(const Scheme& scheme, const TokenForm& form,
                                                        std::span<const Credential> credentials,
                                                        TokenOptions options = {});

}  // namespace hookhost::auth
