// SPDX-License-Identifier: Apache-2.0
//
// One handler that believes that every comment has a text, one that takes everything, and one that
// may not be called again.
#include <hookhost/hookhost.hpp>

using namespace hookhost;

HOOKHOST_PLUGIN("stumbling", "1.0.0");

HOOKHOST_ENDPOINT(stumbles, "", .idempotent = true) {
  if (payload.comment.id.empty()) return ignored();
  return accepted("it begins with {}", std::string_view(payload.comment.content.data(), 1));
}

HOOKHOST_ENDPOINT(careful, "", .idempotent = true) { return accepted("{}", payload.repo.name); }

HOOKHOST_ENDPOINT(pays) { return accepted("paid for {}", payload.repo.name); }
