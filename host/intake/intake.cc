// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request (inline handlers).
#include "intake/intake.h"

#include <optional>

#include "base/check.h"
#include "base/ip_address.h"
#include "dispatch/jitter.h"
#include "intake/event_choice.h"
#include "intake/handshake.h"
#include "intake/keeping.h"
#include "intake/preparation.h"
#include "intake/rate.h"
#include "intake/repeat_check.h"
#include "intake/sender_check.h"
#include "intake/visit.h"
#include "payload/cursor.h"

namespace hookhost::intake {

// What a loop has to itself, so that nothing of it is shared.
struct Intake::PerLoop {
  PerLoop(const routing::PublishedTable& published, unsigned index, EventId last_id)
      : routes(published), ids(index, last_id), jitter(index + 1) {}
  routing::PublishedTable::Reader routes;
  payload::Parser parser;
  EventIdSource ids;
  dispatch::Jitter jitter;
  Rate guesses{kGuessesPerSecond};
  Rate challenges{kChallengesPerSecond};
};

namespace {

using store::State;

// Asked before anything else of the sender, whose secret may be known to others.
Result<void, Refusal> is_allowed_from(const Route& route, const RequestHead& head) noexcept {
  if (route.allow_from.empty()) return {};
  const auto client = parse_client_address(head.remote_address);
  if (client && contains(route.allow_from, client->ip)) return {};
  return Refusal{.status = 403,
                 .body = R"({"detail":"This address is not in allow_from of the webhook"})",
                 .rule = "address-not-allowed"};
}

// Asked once the sender is known: a stranger uses up nobody's share.
Result<void, Refusal> has_room(const Route& route, MonotonicTime now) noexcept {
  if (route.rate_limit == nullptr) return {};
  const auto wait = route.rate_limit->take(now);
  if (wait.count() == 0) return {};
  return Refusal{
      .status = 429,
      .body = R"({"detail":"The webhook takes no more events at the moment"})",
      .rule = "rate-limit",
      .retry_after_s = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count())};
}

// Older deliveries of the Hub carry no id (seed row N11).
std::string_view delivery_id_of(const Route& route, const RequestHead& head,
                                const payload::Document& document) noexcept {
  if (route.authenticator == nullptr) return head.header("Webhook-Id");
  const std::string_view place = route.authenticator->facts().delivery_id_in_body;
  if (place.empty()) return route.authenticator->delivery_id(head);
  const payload::Cursor body(document);
  return body.text(body.pointer(payload::kRoot, place));
}

}  // namespace

Intake::Intake(Options options, const routing::PublishedTable& routes,
               dispatch::Dispatcher& dispatcher, telemetry::DeliveryObserver& observer,
               const Clock& clock, unsigned loop_count, store::Journal* journal)
    : options_(options),
      dispatcher_(dispatcher),
      observer_(observer),
      clock_(clock),
      journal_(journal),
      seen_ids_(options.development ? nullptr : std::make_unique<SeenIds>()) {
  const EventId last_id = journal == nullptr ? 0 : journal->last_id();
  for (unsigned i = 0; i < loop_count; ++i)
    loops_.push_back(std::make_unique<PerLoop>(routes, i, last_id));
}

Intake::~Intake() = default;

Intake::PerLoop& Intake::of(const Loop& loop) noexcept {
  HOOKHOST_CHECK(loop.index() < loops_.size());
  return *loops_[loop.index()];
}

void Intake::look_for_new_routes(const Loop& loop) { of(loop).routes.pin(); }

Task<Response> Intake::receive(Exchange& exchange) {
  PerLoop& loop = of(exchange.loop());
  const RequestHead& head = exchange.head();
  const auto table = loop.routes.pin();
  Visit visit(exchange, observer_, clock_);

  const auto match = table->match(head.method, head.path, exchange.arena());
  if (!match) co_return visit.refuse(refusal_of(match.error()));
  const Route& route = *match->route;
  visit.found(route);

  if (const auto allowed = is_allowed_from(route, head); !allowed)
    co_return visit.refuse(allowed.error());

  if (head.method == "GET") {
    const auto answer = answer_challenge(route, head, clock_, loop.challenges, exchange.arena());
    co_return answer ? visit.greeted(*answer) : visit.refuse(answer.error());
  }

  SenderCheck sender(route, head, clock_, loop.guesses, visit);
  if (const auto proof = sender.by_head(); !proof) co_return visit.refuse(proof.error());

  const auto body = co_await exchange.read_body(route.body_bytes_max);
  if (!body) co_return visit.refuse(body.error());
  visit.has_body(*body);

  if (const auto proof = sender.by_body(*body); !proof) co_return visit.refuse(proof.error());

  const auto greeting = answer_handshake(route, head, *body, loop.parser, exchange.arena());
  if (greeting) co_return visit.greeted(*greeting);

  if (const auto room = has_room(route, clock_.monotonic_now()); !room)
    co_return visit.refuse(room.error());

  const auto document = understand(loop.parser, route, head, *body, exchange.arena());
  if (!document) co_return visit.refuse(document.error());

  const EventId id = loop.ids.next(clock_.now());
  const auto event_id = visit.is_event(id);
  if (const auto no = refuse_event(route, head, *document); !no.empty())
    co_return visit.filtered(no);

  const auto delivery_id = delivery_id_of(route, head, *document);
  if (journal_ != nullptr && route.ack == Ack::kDurable)  // it knows twins by itself
    co_return visit.queued(
        co_await keep_event(exchange, route, *document, {id, delivery_id, {State::kReady}}));

  RepeatCheck repeat(route, seen_ids_.get(), clock_);
  const auto twin = repeat.twin_of(id, delivery_id);
  if (!twin) co_return visit.refuse(twin.error());
  if (*twin) co_return visit.duplicate(**twin);

  Attempt& attempt = dispatcher_.prepare(exchange);
  fill(attempt, *match, head, *document);
  attempt.event_id = event_id;
  attempt.delivery_id = delivery_id;
  attempt.received_at = head.received_at;
  Outcome outcome = co_await dispatcher_.hand_over(
      attempt, terms_of(route, table, visit.handing_over(), exchange.arena()));

  std::optional<Response> response;
  if (journal_ != nullptr && route.on_failure == OnFailure::kRetry && is_kept_after(outcome.kind)) {
    release_chunks(outcome.response);
    const auto next = dispatch::next_step(outcome, 0, loop.jitter.next());
    const auto kept =
        co_await keep_event(exchange, route, *document, {id, delivery_id, next, outcome.detail});
    if (kept.kind != store::Appended::Kind::kFailed) response = visit.kept(kept, outcome, next);
  }
  if (!response) response = visit.answer(outcome, options_.development);
  repeat.answered(*response);
  co_return *response;
}

// Apart from the corridor, so that a request that is not kept does not pay for it.
Task<store::Appended> Intake::keep_event(Exchange& exchange, const Route& route,
                                         const payload::Document& document, Account account) {
  co_return co_await keep(exchange.loop(), *journal_,
                          new_event(route, exchange.head(), document, account, clock_.now()));
}

}  // namespace hookhost::intake
