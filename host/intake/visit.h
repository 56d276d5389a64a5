// SPDX-License-Identifier: Apache-2.0
//
// Visit: what the observer will be told about one request, gathered on its way through the
// corridor, and told exactly once: with the answer, or at the end when there was none. Lives in
// the corridor's frame. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include "base/clock.h"
#include "dispatch/retry_policy.h"
#include "intake/answer.h"
#include "model/exchange.h"
#include "model/journal_id.h"
#include "routing/route.h"
#include "store/journal.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::intake {

class Visit {
 public:
  Visit(Exchange& exchange, telemetry::DeliveryObserver& observer, const Clock& clock) noexcept;
  // Without an answer: the connection ended, or the memory did. Told as kCancelled with status 0.
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  // What is known from here on.
  void found(const Route& route) noexcept;
  void has_body(std::string_view body) noexcept { record_.body_bytes = body.size(); }
  void proved_by(std::uint8_t secret) noexcept { record_.secret = secret; }
  void guess(std::string_view sentence) noexcept { record_.detail = sentence; }
  std::string_view is_event(EventId id);  // the id as text, in the exchange's arena
  MonotonicTime handing_over() noexcept;  // now

  // The answers; the first one is the only one.
  Response refuse(const Refusal& refusal);
  Response filtered(std::string_view body) noexcept;
  Response duplicate(EventId first);  // the event that it was when it came first
  Response greeted(const Response& response) noexcept;
  Response answer(Outcome outcome, bool is_detail_shown);
  // What the journal said of an event before its handler ran, and after one that failed.
  Response queued(const store::Appended& appended);
  Response kept(const store::Appended& appended, const Outcome& outcome,
                const dispatch::NextStep& next);

 private:
  Response tell(const Response& response, telemetry::Result result) noexcept;

  Exchange& exchange_;
  telemetry::DeliveryObserver& observer_;
  const Clock& clock_;
  MonotonicTime handed_over_at_{};
  telemetry::DeliveryRecord record_;
  bool is_told_ = false;
};

}  // namespace hookhost::intake
