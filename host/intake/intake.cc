// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request (inline handlers).
#include "intake/intake.h"

#include <algorithm>
#include <array>
#include <new>

#include "base/check.h"
#include "intake/visit.h"
#include "payload/cursor.h"
#include "payload/event_filter.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"

namespace hookhost::intake {

// What a loop has to itself, so that nothing of it is shared.
struct Intake::PerLoop {
  PerLoop(const routing::PublishedTable& published, unsigned index)
      : routes(published), ids(index) {}
  routing::PublishedTable::Reader routes;
  payload::Parser parser;
  EventIdSource ids;
};

namespace {

using routing::Match;
using routing::PublishedTable;

// ---- Who sent it?
// --------------------------------------------------------------------------------

Result<void, Refusal> judge(const Authenticator& authenticator, const RequestHead& head,
                            std::string_view body, SystemTime now) noexcept {
  switch (authenticator.judge(head, body, now)) {
    case Proof::kAccepted: return {};
    case Proof::kMissing:
      return Refusal{.status = 401, .body = authenticator.missing_body(), .rule = "secret-missing"};
    case Proof::kWrong: break;
  }
  return Refusal{.status = 403, .body = authenticator.wrong_body(), .rule = "secret-wrong"};
}

Result<void, Refusal> authenticate_head(const Route& route, const RequestHead& head,
                                        SystemTime now) noexcept {
  const Authenticator* authenticator = route.authenticator.get();
  if (authenticator == nullptr || authenticator->needs_body()) return {};
  return judge(*authenticator, head, {}, now);
}

// Looks at the clock again: the body may have taken its time, and a signature has a date.
Result<void, Refusal> authenticate_body(const Route& route, const RequestHead& head,
                                        std::string_view body, const Clock& clock) noexcept {
  const Authenticator* authenticator = route.authenticator.get();
  if (authenticator == nullptr || !authenticator->needs_body()) return {};
  return judge(*authenticator, head, body, clock.now());
}

// ---- What does it say?
// ---------------------------------------------------------------------------

Result<payload::Document, Refusal> understand(payload::Parser& parser, const Route& route,
                                              const RequestHead& head, std::string_view body,
                                              Arena& arena) {
  constexpr auto form_of = [](PayloadForm form) {
    switch (form) {
      case PayloadForm::kHubStrict: return payload::Form::kHubStrict;
      case PayloadForm::kJson: return payload::Form::kJson;
      default: return payload::Form::kHub;
    }
  };
  if (route.form == PayloadForm::kRaw) return payload::Document{body, {}};
  return payload::understand(parser, form_of(route.form), head.header("content-type"), body, arena);
}

// A raw body says nothing about its event, so there is nothing to filter by.
bool is_wanted(const Route& route, const payload::Document& document) noexcept {
  if (route.events.empty() || document.index.empty()) return true;
  const payload::Cursor cursor(document);
  const payload::NodeId event = cursor.get(payload::kRoot, "event");
  return payload::filter_matches(route.events, cursor.text(cursor.get(event, "scope")),
                                 cursor.text(cursor.get(event, "action")));
}

// ---- What the handler gets
// -----------------------------------------------------------------------

// Older deliveries of the Hub carry no id (seed row N11).
std::string_view delivery_id_of(const Route& route, const RequestHead& head) noexcept {
  const Authenticator* authenticator = route.authenticator.get();
  const std::string_view name =
      authenticator == nullptr ? std::string_view{} : authenticator->delivery_id_header();
  return head.header(name.empty() ? "Webhook-Id" : name);
}

void fill(Attempt& attempt, const Match& match, const RequestHead& head,
          const payload::Document& document, std::string_view event_id) {
  attempt.route = match.route;
  attempt.head = &head;
  attempt.path = match.path;
  attempt.body = document.body;
  attempt.index = document.index;
  attempt.event_id = event_id;
  attempt.delivery_id = delivery_id_of(*match.route, head);
  attempt.received_at = head.received_at;
  if (match.parameter_count == 0) return;
  // A copy: the match ends with the corridor, a handler that does not let go stays.
  const auto parameters = attempt.arena->allocate_array<PathParameter>(match.parameter_count);
  std::copy_n(match.parameters.begin(), match.parameter_count, parameters.begin());
  attempt.parameters = parameters;
}

dispatch::Terms terms_of(const Route& route, const PublishedTable::Pin& table, MonotonicTime now,
                         Arena& arena) {
  using Pin = PublishedTable::Pin;
  return {.handler = route.handler.get(),
          .is_inline = route.place == Place::kInline,
          .timeout = route.timeout,
          .concurrency_max = route.concurrency_max,
          .path = route.path,
          .now = now,
          .let_go = [](void* pin) noexcept { static_cast<Pin*>(pin)->~Pin(); },
          .user = new (arena.allocate(sizeof(Pin), alignof(Pin))) Pin(table)};
}

}  // namespace

Intake::Intake(Options options, const routing::PublishedTable& routes,
               dispatch::Dispatcher& dispatcher, telemetry::DeliveryObserver& observer,
               const Clock& clock, unsigned loop_count)
    : options_(options), dispatcher_(dispatcher), observer_(observer), clock_(clock) {
  for (unsigned i = 0; i < loop_count; ++i) loops_.push_back(std::make_unique<PerLoop>(routes, i));
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

  const SystemTime now = clock_.now();
  const auto sender = authenticate_head(route, head, now);
  if (!sender) co_return visit.refuse(sender.error());

  const auto body = co_await exchange.read_body(route.body_bytes_max);
  if (!body) co_return visit.refuse(body.error());
  visit.has_body(*body);

  const auto proof = authenticate_body(route, head, *body, clock_);
  if (!proof) co_return visit.refuse(proof.error());

  // The journal looks for a twin here (decisions.md 6.5): never before the sender is known.

  const auto document = understand(loop.parser, route, head, *body, exchange.arena());
  if (!document) co_return visit.refuse(document.error());

  const auto event_id = visit.is_event(loop.ids.next(now));
  if (!is_wanted(route, *document)) co_return visit.filtered();

  // The journal keeps the event here. Until then every ack is `reply`.

  Attempt& attempt = dispatcher_.prepare(exchange);
  fill(attempt, *match, head, *document, event_id);
  const auto terms = terms_of(route, table, visit.handing_over(), exchange.arena());
  const Outcome outcome = co_await dispatcher_.hand_over(attempt, terms);

  co_return visit.answer(outcome, options_.development);
}

}  // namespace hookhost::intake
