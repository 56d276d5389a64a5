// SPDX-License-Identifier: Apache-2.0
//
// The Hub's way to prove itself: the secret, verbatim, in the header X-Webhook-Secret (seed rows
// K01 to K13), and in ?secret= where the operator allows it. The Hub signs nothing. app makes one
// per route; the result is immutable, any thread.
#pragma once

#include <memory>
#include <vector>

#include "auth/credentials.h"
#include "base/result.h"
#include "model/authenticator.h"

namespace hookhost::auth {

struct HubSecretOptions {
  // ?secret=S counts when there is no header. Off: an address ends up in logs and histories.
  bool in_query = false;
};

// Every secret is valid, each at its time. kInvalid, with a message that counts instead of naming
// the text: none at all, an empty one (K08), one that the Hub could never send (K07: not ASCII,
// control characters, a space at an end, which HTTP takes away), one longer than kSecretBytesMax.
Result<std::shared_ptr<const Authenticator>> make_hub_secret(std::vector<Credential> credentials,
                                                             HubSecretOptions options = {});
Result<std::shared_ptr<const Authenticator>> make_hub_secret(std::vector<Secret> secrets,
                                                             HubSecretOptions options = {});

}  // namespace hookhost::auth
