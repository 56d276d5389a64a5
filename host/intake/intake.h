// SPDX-License-Identifier: Apache-2.0
//
// Intake: the corridor, the life of a webhook request in one function. Receives every request below
// /webhooks; app builds one for all loops. Hot path: no allocation, lock or shared counter per
// request (inline handlers), apart from what deliveries with an id cost on routes with a
// dedup_window (intake/seen_ids).
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "dispatch/dispatcher.h"
#include "intake/keeping.h"
#include "intake/seen_ids.h"
#include "model/exchange.h"
#include "payload/index.h"
#include "routing/published_table.h"
#include "store/journal.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::intake {

struct Options {
  // A failure's detail, the plugin's own words, goes to the sender, and a delivery that is sent
  // again runs again: whoever presses "Replay" wants it to. For the author's machine.
  bool development = false;
};

class Intake final : public Receiver {
 public:
  // All of it outlives this; exchanges come from loops with indices below loop_count. journal:
  // nullptr: nothing is kept, and what a route wants of it is as if it wanted nothing.
  Intake(Options options, const routing::PublishedTable& routes, dispatch::Dispatcher& dispatcher,
         telemetry::DeliveryObserver& observer, const Clock& clock, unsigned loop_count,
         store::Journal* journal = nullptr);
  ~Intake() override;

  Task<Response> receive(Exchange& exchange) override;

  // A loop without requests would keep the table before for ever. On the loop's thread.
  void look_for_new_routes(const Loop& loop);

 private:
  struct PerLoop;
  PerLoop& of(const Loop& loop) noexcept;
  Task<store::Appended> keep_event(Exchange& exchange, const Route& route,
                                   const payload::Document& document, Account account);

  const Options options_;
  dispatch::Dispatcher& dispatcher_;
  telemetry::DeliveryObserver& observer_;
  const Clock& clock_;
  store::Journal* const journal_;
  const std::unique_ptr<SeenIds> seen_ids_;  // nullptr: development
  std::vector<std::unique_ptr<PerLoop>> loops_;
};

}  // namespace hookhost::intake
