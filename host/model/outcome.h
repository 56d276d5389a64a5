// SPDX-License-Identifier: Apache-2.0
//
// Outcome: what became of one attempt. intake turns it into the answer; later the journal into the
// delivery's next state.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "model/response.h"

namespace hookhost {

enum class OutcomeKind : std::uint8_t {
  kPending,    // not yet: Attempt::finish will say
  kHandled,    // done; response holds the answer
  kSkipped,    // nothing to do: 204
  kFailed,     // the handler failed; detail says why. Tried again where a retry is wanted
  kDead,       // failed, and must never be tried again
  kTimedOut,   // the deadline passed
  kCancelled,  // the host or the generation ended meanwhile
  kOverloaded  // no room in the pool's queue; nothing ran
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kPending;
  Response response = {};        // of kHandled. Chunks are released by whoever gets the outcome
  std::string_view detail = {};  // for the log, in the arena of the attempt; never for the sender
  std::chrono::milliseconds retry_after{0};  // 0: no wish
};

}  // namespace hookhost
