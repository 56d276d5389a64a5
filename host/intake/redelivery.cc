// SPDX-License-Identifier: Apache-2.0
#include "intake/redelivery.h"

#include <array>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "intake/answer.h"
#include "intake/keeping.h"
#include "intake/preparation.h"
#include "intake/stored_exchange.h"

namespace hookhost::intake {
namespace {

using std::chrono::milliseconds;

// A route that nobody serves is looked for again after this.
constexpr milliseconds kNoHandlerDelay{30'000};
// A route with all its places taken.
constexpr milliseconds kBusyRouteDelay{250};
// While a suspect has the room to itself, or waits for it.
constexpr milliseconds kSuspectDelay{50};

}  // namespace

// One attempt: the exchange that its handler sees, and the coroutine that waits for it.
class Redelivery::Delivery final : public StoredExchange {
 public:
  Delivery(Redelivery& owner, store::Lease lease, MonotonicTime now)
      : StoredExchange(std::move(lease), owner.loop_, now),
        owner_(owner),
        attempts_(this->lease().attempts +
                  owner.record_.crashes(this->lease().id, this->lease().run)) {
    record_.loop = owner.loop_.index();
    record_.attempt = attempts_ + 1;
    record_.body_bytes = stored_body().size();
  }

  void start() {
    task_ = run();
    task_.start(
        [](void* self) noexcept {
          auto& mine = *static_cast<Delivery*>(self);
          mine.loop().post(mine.done_);
        },
        this);
  }
  // Nobody wants to know any more. Whatever its handler still holds stays. False: it has ended, and
  // what came of it is on the way.
  bool give_up() noexcept {
    if (has_ended_ || task_.is_done()) return false;
    task_.destroy();
    has_ended_ = true;
    return true;
  }

  // What came of it, once; nullopt: there is nobody to call.
  std::optional<Outcome> take() noexcept {
    try {
      return task_.take();
    } catch (const std::exception&) {
      return Outcome{.kind = OutcomeKind::kOverloaded};  // no memory: nothing ran
    }
  }
  void end() noexcept {
    task_.destroy();
    has_ended_ = true;
  }
  bool is_held() const noexcept { return StoredExchange::is_held(); }
  telemetry::DeliveryRecord& record() noexcept { return record_; }
  // That were made before, those included under which the process ended.
  std::uint32_t attempts() const noexcept { return attempts_; }

 private:
  struct Done : Work {
    explicit Done(Delivery& of)
        : Work([](Work& work) noexcept {
            Delivery& mine = static_cast<Done&>(work).delivery;
            mine.owner_.ended(mine);
          }),
          delivery(of) {}
    Delivery& delivery;
  };

  Task<std::optional<Outcome>> run() { return owner_.deliver(*this); }

  void is_free() noexcept override {
    if (has_ended_) owner_.forget(*this);
  }

  Redelivery& owner_;
  const std::uint32_t attempts_;
  Task<std::optional<Outcome>> task_;
  telemetry::DeliveryRecord record_;
  Done done_{*this};
  bool has_ended_ = false;
};

Task<std::optional<Outcome>> Redelivery::deliver(Delivery& delivery) {
  const store::Lease& lease = delivery.lease();
  const RequestHead& head = delivery.head();
  if (!delivery.has_head())
    co_return Outcome{.kind = OutcomeKind::kDead, .detail = "the head of the event is damaged"};
  const auto table = routes_.pin();
  const auto match = table->match(head.method, head.path, delivery.arena());
  if (!match || match->route->name != lease.route) co_return std::nullopt;
  const Route& route = *match->route;

  telemetry::DeliveryRecord& record = delivery.record();
  record.event_id = print_event_id(lease.id, delivery.arena());
  // Copies: it is told when the attempt has ended, and the table may be gone then.
  record.route = delivery.arena().copy(route.name);
  record.route_slot = route.telemetry_slot;
  record.plugin = delivery.arena().copy(route.plugin);
  record.generation = route.generation;

  const auto document = understand(parser_, route, head, delivery.stored_body(), delivery.arena());
  if (!document)  // the endpoint wants another form since it came
    co_return Outcome{.kind = OutcomeKind::kFailed, .detail = document.error().rule};

  Attempt& attempt = dispatcher_.prepare(delivery);
  fill(attempt, *match, head, *document);
  attempt.event_id = record.event_id;
  if (!lease.sender_id.empty()) attempt.delivery_id = lease.sender_id;
  attempt.received_at = head.received_at;
  attempt.number = delivery.attempts() + 1;
  attempt.is_replayed = lease.run > 0;
  record_.begin(lease.id, lease.run);
  co_return co_await dispatcher_.hand_over(
      attempt, terms_of(route, table, clock_.monotonic_now(), delivery.arena()));
}

Redelivery::Redelivery(RedeliveryOptions options, store::Journal& journal, CrashRecord record,
                       const routing::PublishedTable& routes, dispatch::Dispatcher& dispatcher,
                       telemetry::DeliveryObserver& observer, const Clock& clock, Loop& loop)
    : options_(options),
      journal_(journal),
      record_(std::move(record)),
      dispatcher_(dispatcher),
      observer_(observer),
      clock_(clock),
      loop_(loop),
      routes_(routes),
      jitter_(static_cast<unsigned>(clock.now().time_since_epoch().count())),
      wake_call_(
          [](Work& work) noexcept {
            auto& call = static_cast<Call&>(work);
            call.is_posted.store(false);
            call.owner.pump();
          },
          *this),
      give_up_call_([](Work& work) noexcept { static_cast<Call&>(work).owner.drop_all(); }, *this),
      due_([](Alarm& alarm) noexcept { static_cast<Due&>(alarm).owner.pump(); }, *this) {}

Redelivery::~Redelivery() = default;

void Redelivery::wake() noexcept {
  if (!wake_call_.is_posted.exchange(true)) loop_.post(wake_call_);
}

void Redelivery::give_up() noexcept {
  stop_claiming();
  if (!give_up_call_.is_posted.exchange(true)) loop_.post(give_up_call_);
}

void Redelivery::wait_until_idle(MonotonicTime until) {
  const MutexLock lock(mutex_);
  while (running_.load() > 0 && clock_.monotonic_now() < until) idle_.wait_until(mutex_, until);
}

// ---- The loop's thread
// ---------------------------------------------------------------------------

void Redelivery::pump() noexcept {
  routes_.pin();  // lets go of the table before
  if (due_.is_set()) loop_.cancel_alarm(due_);
  while (!is_stopping_.load() && running_.load() < options_.running_max && !is_alone()) {
    std::vector<store::Lease> leases = journal_.claim(options_.running_max - running_.load());
    if (leases.empty()) break;
    if (record_.has_suspects()) put_suspect_first(leases);
    for (store::Lease& lease : leases) begin(std::move(lease));
  }
  if (is_stopping_.load()) return;
  if (is_alone()) {
    loop_.set_alarm(due_, alone_until_);
  } else if (running_.load() < options_.running_max) {
    if (const auto next = journal_.next_due()) loop_.set_alarm(due_, *next);
  }
}

bool Redelivery::is_alone() const noexcept {
  return running_.load() > 0 && clock_.monotonic_now() < alone_until_;
}

// Leaves in the list what may begin now: a suspect by itself, when nothing else runs, or whatever
// is none.
void Redelivery::put_suspect_first(std::vector<store::Lease>& leases) {
  std::vector<store::Lease> all = std::exchange(leases, {});
  std::vector<store::Lease> others;
  bool has_suspect = false;
  for (store::Lease& lease : all) {
    const std::uint32_t crashes = record_.crashes(lease.id, lease.run);
    if (crashes >= CrashRecord::kCrashesMax) {
      give_up_on(lease, crashes);
    } else if (crashes == 0) {
      others.push_back(std::move(lease));
    } else if (has_suspect || running_.load() > 0) {
      has_suspect = true;
      journal_.release(lease, kSuspectDelay);
    } else {
      has_suspect = true;
      leases.push_back(std::move(lease));
      alone_until_ = clock_.monotonic_now() + options_.alone_max;
    }
  }
  if (!has_suspect) {
    leases = std::move(others);
    return;
  }
  for (const store::Lease& lease : others) journal_.release(lease, kSuspectDelay);
}

void Redelivery::give_up_on(const store::Lease& lease, std::uint32_t crashes) {
  constexpr std::string_view kWhy = "the host ended twice during this event";
  journal_.finish(lease, {.state = store::State::kDead,
                          .attempts = lease.attempts + crashes,
                          .error = std::string(kWhy),
                          .started_at = clock_.now()});
  record_.end(lease.id, lease.run);
  std::array<char, kEventIdChars> id;
  telemetry::DeliveryRecord record;
  record.loop = loop_.index();
  record.route = lease.route;
  record.event_id = hookhost::print_event_id(lease.id, id);
  record.result = telemetry::Result::kDead;
  record.detail = kWhy;
  record.attempt = lease.attempts + crashes;
  observer_.delivered(record);
}

void Redelivery::begin(store::Lease lease) {
  std::size_t& of_route = of_route_[lease.route];
  if (of_route >= options_.of_route_max) return journal_.release(lease, kBusyRouteDelay);
  ++of_route;
  running_.fetch_add(1);
  auto made = std::make_unique<Delivery>(*this, std::move(lease), clock_.monotonic_now());
  Delivery& delivery = *made;
  deliveries_.emplace(&delivery, std::move(made));
  delivery.start();
}

void Redelivery::ended(Delivery& delivery) noexcept {
  const store::Lease& lease = delivery.lease();
  std::optional<Outcome> outcome = delivery.take();
  if (!outcome) {
    journal_.release(lease, kNoHandlerDelay);
  } else {
    record_.end(lease.id, lease.run);
    release_chunks(outcome->response);
    const dispatch::NextStep next =
        dispatch::next_step(*outcome, delivery.attempts(), jitter_.next());
    tell(delivery, *outcome, next);
    if (next.state == store::State::kReady && next.attempts == delivery.attempts()) {
      journal_.release(lease, next.due_in);
    } else {
      const auto took = clock_.monotonic_now() - delivery.head().received_at;
      journal_.finish(
          lease,
          {.state = next.state,
           .attempts = next.attempts,
           .due_in = next.due_in,
           .error = std::string(outcome->detail),
           .generation = build_of(delivery.record().plugin, delivery.record().generation),
           .started_at = clock_.now() - std::chrono::duration_cast<SystemTime::duration>(took),
           .took = std::chrono::duration_cast<milliseconds>(took)});
    }
  }
  delivery.end();
  leave(delivery);
  if (!delivery.is_held()) forget(delivery);
  pump();
}

void Redelivery::tell(Delivery& delivery, const Outcome& outcome,
                      const dispatch::NextStep& next) noexcept {
  telemetry::DeliveryRecord& record = delivery.record();
  record.result =
      next.state == store::State::kDead ? telemetry::Result::kDead : to_result(outcome.kind);
  record.detail = outcome.detail;
  record.total = record.handler = clock_.monotonic_now() - delivery.head().received_at;
  if (next.state == store::State::kReady) record.again_in = next.due_in;
  observer_.delivered(record);
}

void Redelivery::leave(const Delivery& delivery) noexcept {
  if (const auto of_route = of_route_.find(delivery.lease().route); --of_route->second == 0)
    of_route_.erase(of_route);
  {
    const MutexLock lock(mutex_);
    running_.fetch_sub(1);
  }
  idle_.notify_all();
}

void Redelivery::forget(Delivery& delivery) noexcept { deliveries_.erase(&delivery); }

void Redelivery::drop_all() noexcept {
  if (due_.is_set()) loop_.cancel_alarm(due_);
  std::vector<Delivery*> all;
  for (const auto& [key, delivery] : deliveries_) all.push_back(delivery.get());
  for (Delivery* delivery : all) {
    if (!delivery->give_up()) continue;
    record_.end(delivery->lease().id, delivery->lease().run);
    leave(*delivery);
    if (!delivery->is_held()) forget(*delivery);
  }
}

}  // namespace hookhost::intake
