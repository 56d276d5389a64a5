// SPDX-License-Identifier: Apache-2.0
//
// SenderCheck: has the sender of one request proved itself? Asks the route's authenticator at the
// step of the corridor where it can say, tells the visit what came of it, and guesses for the log
// why a proof failed. Lives in the corridor's frame. Hot path: no lock or shared counter per
// request; allocations are the authenticator's.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "intake/rate.h"
#include "intake/visit.h"
#include "model/refusal.h"
#include "model/request.h"
#include "routing/route.h"

namespace hookhost::intake {

// A guess computes several HMACs over the body, and a stranger decides how often one is due.
inline constexpr std::size_t kGuessBodyBytesMax = 64 * 1024;
inline constexpr unsigned kGuessesPerSecond = 1;  // on each loop

class SenderCheck {
 public:
  SenderCheck(const Route& route, const RequestHead& head, const Clock& clock, Rate& guesses,
              Visit& visit) noexcept
      : authenticator_(route.authenticator.get()),
        head_(head),
        clock_(clock),
        guesses_(guesses),
        visit_(visit) {}

  // Before the body is read, for schemes that need none.
  Result<void, Refusal> by_head();
  // Of the other schemes. Looks at the clock at that moment: a body may take its time, and a
  // signature has a date.
  Result<void, Refusal> by_body(std::string_view body);

 private:
  Result<void, Refusal> judge(std::string_view body);

  const Authenticator* authenticator_;  // nullptr: open to everyone
  const RequestHead& head_;
  const Clock& clock_;
  Rate& guesses_;
  Visit& visit_;
};

}  // namespace hookhost::intake
