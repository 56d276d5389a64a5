// SPDX-License-Identifier: Apache-2.0
#include "intake/repeat_check.h"

namespace hookhost::intake {

RepeatCheck::~RepeatCheck() {
  if (held_) seen_->forget(*held_);
}

Result<std::optional<EventId>, Refusal> RepeatCheck::twin_of(EventId event,
                                                             std::string_view delivery_id) {
  using Twin = std::optional<EventId>;
  const bool is_proved = route_.authenticator != nullptr;
  if (seen_ == nullptr || !is_proved || route_.dedup_window.count() == 0 || delivery_id.empty())
    return Twin();
  const SeenIds::Key key = SeenIds::key_of(route_.path, delivery_id);
  const auto [sight, first] = seen_->begin(key, event, clock_.monotonic_now());
  if (sight == Sight::kDuplicate) return Twin(first);
  if (sight == Sight::kInFlight)
    return Refusal{.status = 503,
                   .body = R"({"detail":"The event is on its way already, try again later"})",
                   .rule = "delivery-in-flight",
                   .retry_after_s = kInFlightRetryAfterS};
  held_ = key;
  return Twin();
}

void RepeatCheck::answered(const Response& response) noexcept {
  if (!held_ || response.status < 200 || response.status > 299) return;
  seen_->acknowledge(*held_, clock_.monotonic_now(), route_.dedup_window);
  held_.reset();
}

}  // namespace hookhost::intake
