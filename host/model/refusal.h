// SPDX-License-Identifier: Apache-2.0
//
// Refusal: why a step of the corridor said no, as what the sender reads. The body is complete JSON,
// static or in the arena of the exchange: most refusals are constants. rule names the rule for the
// log and the counter, and never reaches the sender.
#pragma once

#include <string_view>

namespace hookhost {

struct Refusal {
  int status = 500;
  std::string_view body;            // {"detail":"Not Found"}
  std::string_view rule;            // "route-unknown", "secret-wrong", "body-too-large" ...
  std::string_view allow = {};      // of a 405
  std::string_view challenge = {};  // WWW-Authenticate of a 401; "": none
  int retry_after_s = 0;            // of a 429 or 503; 0: none
  bool close = false;  // framing is in doubt or the body was not read: end the connection
};

}  // namespace hookhost
