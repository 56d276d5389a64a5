// SPDX-License-Identifier: Apache-2.0
#include "intake/visit.h"

#include "base/check.h"

namespace hookhost::intake {

Visit::Visit(Exchange& exchange, telemetry::DeliveryObserver& observer, const Clock& clock) noexcept
    : exchange_(exchange), observer_(observer), clock_(clock) {
  record_.loop = exchange.loop().index();
  record_.method = exchange.head().method;
  record_.path = exchange.head().path;
  record_.route = "other";
}

Visit::~Visit() {
  if (is_told_) return;
  record_.rule = "no-answer";
  tell({.status = 0}, telemetry::Result::kCancelled);
}

void Visit::found(const Route& route) noexcept {
  record_.route = route.name;
  record_.route_slot = route.telemetry_slot;
  record_.plugin = route.plugin;
  record_.generation = route.generation;
}

std::string_view Visit::is_event(EventId id) {
  record_.event_id = print_event_id(id, exchange_.arena());
  return record_.event_id;
}

MonotonicTime Visit::handing_over() noexcept { return handed_over_at_ = clock_.monotonic_now(); }

Response Visit::refuse(const Refusal& refusal) {
  const Response response = to_response(refusal, exchange_.arena());
  record_.rule = refusal.rule;
  return tell(response, telemetry::Result::kRefused);
}

Response Visit::filtered(std::string_view body) noexcept {
  return tell({.body = body}, telemetry::Result::kFiltered);
}

Response Visit::duplicate(EventId first) {
  return tell(to_response(Kept::kDuplicate, is_event(first), exchange_.arena()),
              telemetry::Result::kDuplicate);
}

Response Visit::greeted(const Response& response) noexcept {
  return tell(response, telemetry::Result::kHandshake);
}

Response Visit::answer(Outcome outcome, bool is_detail_shown) {
  const Response response = to_response(outcome, is_detail_shown, exchange_.arena());
  record_.detail = outcome.detail;
  return tell(response, to_result(outcome.kind));
}

Response Visit::queued(const store::Appended& appended) {
  using Kind = store::Appended::Kind;
  switch (appended.kind) {
    case Kind::kKept:
      return tell(to_response(Kept::kQueued, record_.event_id, exchange_.arena()),
                  telemetry::Result::kQueued);
    case Kind::kTwin: return duplicate(appended.id);
    case Kind::kFailed: break;
  }
  return refuse(kNotStored);
}

Response Visit::kept(const store::Appended& appended, const Outcome& outcome,
                     const dispatch::NextStep& next) {
  record_.detail = outcome.detail;
  if (appended.kind == store::Appended::Kind::kTwin) return queued(appended);
  const bool is_dead = next.state == store::State::kDead;
  if (!is_dead) record_.again_in = next.due_in;
  return tell(
      to_response(is_dead ? Kept::kDead : Kept::kWillRetry, record_.event_id, exchange_.arena()),
      is_dead ? telemetry::Result::kDead : telemetry::Result::kKept);
}

Response Visit::tell(const Response& response, telemetry::Result result) noexcept {
  HOOKHOST_CHECK(!is_told_);
  is_told_ = true;
  const MonotonicTime now = clock_.monotonic_now();
  record_.total = now - exchange_.head().received_at;
  if (handed_over_at_ != MonotonicTime{}) record_.handler = now - handed_over_at_;
  record_.result = result;
  record_.status = response.status;
  observer_.delivered(record_);
  return response;
}

}  // namespace hookhost::intake
