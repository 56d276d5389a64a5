// SPDX-License-Identifier: Apache-2.0
//
// Redelivery: the corridor's other door. Takes deliveries that are due out of the journal, hands
// them to the handlers that serve their routes now, and tells the journal what came of it. It runs
// on one loop without sockets, so that a handler is called, limited, timed and drained exactly as
// for a request.
//
// An event whose route nobody serves waits; it is never dead for that. One under which the process
// has ended runs alone, and after the second time not again (crash_record.h).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/task.h"
#include "dispatch/dispatcher.h"
#include "dispatch/jitter.h"
#include "dispatch/retry_policy.h"
#include "intake/crash_record.h"
#include "payload/parse.h"
#include "routing/published_table.h"
#include "store/journal.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::intake {

struct RedeliveryOptions {
  // At once over all routes, and of one: a slow one leaves room for the others.
  std::size_t running_max = 64;
  std::size_t of_route_max = 16;
  // So long a suspect has the room to itself.
  std::chrono::seconds alone_max{30};
};

class Redelivery {
 public:
  // All of it outlives this. loop: this one's alone.
  Redelivery(RedeliveryOptions options, store::Journal& journal, CrashRecord record,
             const routing::PublishedTable& routes, dispatch::Dispatcher& dispatcher,
             telemetry::DeliveryObserver& observer, const Clock& clock, Loop& loop);
  ~Redelivery();  // the loop has stopped

  // Something may be due now. The first one begins. Any thread.
  void wake() noexcept;
  // Takes nothing more. Any thread.
  void stop_claiming() noexcept { is_stopping_.store(true); }
  // Until no attempt runs any more, or until then. Not on the loop's thread.
  void wait_until_idle(MonotonicTime until);
  // Attempts that still run are given up: their deliveries are ready again after the next start.
  // Posted to the loop, before it stops. Any thread.
  void give_up() noexcept;

  std::size_t running() const noexcept { return running_.load(); }

 private:
  class Delivery;
  struct Call : Work {
    Call(Run function, Redelivery& of) noexcept : Work(function), owner(of) {}
    Redelivery& owner;
    std::atomic<bool> is_posted{false};
  };
  struct Due : Alarm {
    Due(Ring function, Redelivery& of) noexcept : Alarm(function), owner(of) {}
    Redelivery& owner;
  };

  void pump() noexcept;
  void begin(store::Lease lease);
  bool is_alone() const noexcept;
  void put_suspect_first(std::vector<store::Lease>& leases);
  void give_up_on(const store::Lease& lease, std::uint32_t crashes);
  Task<std::optional<Outcome>> deliver(Delivery& delivery);
  void ended(Delivery& delivery) noexcept;
  void tell(Delivery& delivery, const Outcome& outcome, const dispatch::NextStep& next) noexcept;
  void leave(const Delivery& delivery) noexcept;
  void forget(Delivery& delivery) noexcept;
  void drop_all() noexcept;

  const RedeliveryOptions options_;
  store::Journal& journal_;
  CrashRecord record_;
  MonotonicTime alone_until_{};  // only a suspect runs
  dispatch::Dispatcher& dispatcher_;
  telemetry::DeliveryObserver& observer_;
  const Clock& clock_;
  Loop& loop_;
  routing::PublishedTable::Reader routes_;
  payload::Parser parser_;
  dispatch::Jitter jitter_;
  Call wake_call_, give_up_call_;
  Due due_;
  std::map<const Delivery*, std::unique_ptr<Delivery>> deliveries_;
  std::map<std::string, std::size_t> of_route_;  // that run

  std::atomic<bool> is_stopping_{false};
  std::atomic<std::size_t> running_{0};
  Mutex mutex_;
  Condition idle_;
};

}  // namespace hookhost::intake
