// SPDX-License-Identifier: Apache-2.0
//
// RepeatCheck: has this sender sent this delivery before? Of a sender that has proved itself alone:
// a stranger must not use up ids. Holds a fresh delivery's place among the SeenIds until its answer
// is known, and gives it back at the end of the corridor's frame, in which it lives, when nobody
// acknowledged it: the sender will send it again, and then it shall run.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "intake/seen_ids.h"
#include "model/journal_id.h"
#include "model/refusal.h"
#include "model/response.h"
#include "routing/route.h"

namespace hookhost::intake {

// A first delivery takes milliseconds as a rule.
inline constexpr int kInFlightRetryAfterS = 1;

class RepeatCheck {
 public:
  // seen: nullptr: every repeat runs.
  RepeatCheck(const Route& route, SeenIds* seen, const Clock& clock) noexcept
      : route_(route), seen_(seen), clock_(clock) {}
  ~RepeatCheck();
  RepeatCheck(const RepeatCheck&) = delete;
  RepeatCheck& operator=(const RepeatCheck&) = delete;

  // The event that this delivery was when its sender got a 2xx for it; nothing: it is to run.
  // Refused while the first one is on its way: a 2xx might turn out a lie. Once.
  Result<std::optional<EventId>, Refusal> twin_of(EventId event, std::string_view delivery_id);

  // What the first delivery is answered.
  void answered(const Response& response) noexcept;

 private:
  const Route& route_;
  SeenIds* const seen_;
  const Clock& clock_;
  std::optional<SeenIds::Key> held_;
};

}  // namespace hookhost::intake
