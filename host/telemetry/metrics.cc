// SPDX-License-Identifier: Apache-2.0
#include "telemetry/metrics.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/check.h"
#include "base/text.h"
#include "telemetry/counter.h"

namespace hookhost::telemetry {
namespace {

struct MetricRow {
  std::string_view name;
  MetricType type;
  std::string_view help;
};

// Every metric of the host; one row each. Labels are what the code beside the count passes.
constexpr MetricRow kTable[] = {
    {"hookhost_build_info", MetricType::kGauge, "1, with version, commit and compiler."},
    {"hookhost_deliveries_total", MetricType::kCounter,
     "Requests to webhook paths by route and outcome."},
    {"hookhost_delivery_duration_seconds", MetricType::kHistogram,
     "From the first byte of a request that reached its route to the answer."},
    {"hookhost_refusals_total", MetricType::kCounter, "Requests turned away, by rule."},
    {"hookhost_secret_uses_total", MetricType::kCounter,
     "Requests that proved their sender, by route and number of the secret in its list."},
    {"hookhost_config_read_timestamp_seconds", MetricType::kGauge,
     "When the configuration that counts was read, in Unix seconds."},
    {"hookhost_inflight_deliveries", MetricType::kGauge, "Attempts that a handler holds now."},
    {"hookhost_journal_waiting_events", MetricType::kGauge, "Events in the queue before the disk."},
    {"hookhost_journal_ready_deliveries", MetricType::kGauge,
     "Deliveries in the journal that are not done, those that run included."},
    {"hookhost_dead_deliveries", MetricType::kGauge, "Deliveries whose attempts are used up."},
    {"hookhost_journal_commits_total", MetricType::kCounter, "Transactions of the journal."},
    {"hookhost_journal_events_total", MetricType::kCounter, "Events that were kept."},
    {"hookhost_journal_failures_total", MetricType::kCounter, "Events that could not be kept."},
    {"hookhost_queue_depth", MetricType::kGauge, "Attempts that wait for a thread of the pool."},
    {"hookhost_connections_open", MetricType::kGauge, "Connections that are open now."},
    {"hookhost_connections_total", MetricType::kCounter, "Connections accepted."},
    {"hookhost_memory_bytes", MetricType::kGauge,
     "Memory that bodies and buffers of requests hold now."},
    {"hookhost_memory_max_bytes", MetricType::kGauge, "Its ceiling, limits.memory_bytes_max."},
    {"hookhost_accept_pauses_total", MetricType::kCounter,
     "Times that accepting stopped because connections or descriptors ran out."},
    {"hookhost_tls_handshakes_total", MetricType::kCounter, "TLS handshakes completed."},
    {"hookhost_tls_resumptions_total", MetricType::kCounter,
     "Those of them that resumed a session."},
    {"hookhost_requests_total", MetricType::kCounter, "Requests that passed the head guard."},
    {"hookhost_answers_total", MetricType::kCounter, "Answers written, refusals included."},
    {"hookhost_body_bytes_total", MetricType::kCounter, "Bytes of request bodies read."},
    {"hookhost_plugin_generation", MetricType::kGauge, "The live generation of each plugin."},
    {"hookhost_plugins_refused", MetricType::kGauge, "Plugin files that were not loaded."},
    {"hookhost_pinned_generations", MetricType::kGauge,
     "Ended generations whose code is still in memory."},
    {"hookhost_zombie_calls", MetricType::kGauge,
     "Attempts that nobody waits for and whose handler has not let go."},
    {"hookhost_swaps_total", MetricType::kCounter,
     "Builds that came to the host or left it, by result and reason."},
    {"hookhost_swap_seconds", MetricType::kHistogram,
     "From the moment a change has settled until its builds are live."},
    {"process_cpu_seconds_total", MetricType::kCounter, "User and system time."},
    {"process_resident_memory_bytes", MetricType::kGauge, "Resident memory."},
    {"process_virtual_memory_bytes", MetricType::kGauge, "Virtual memory."},
    {"process_open_fds", MetricType::kGauge, "Open file descriptors."},
    {"process_max_fds", MetricType::kGauge, "Most file descriptors that may be open."},
    {"process_threads", MetricType::kGauge, "Threads."},
    {"process_start_time_seconds", MetricType::kGauge, "Start, in seconds since the epoch."},
};

constexpr std::string_view kResultNames[kResults] = {
    "handled",   "skipped",    "filtered", "duplicate", "failed",    "dead",   "timed_out",
    "cancelled", "overloaded", "queued",   "kept",      "handshake", "refused"};
static_assert(static_cast<std::size_t>(Result::kRefused) + 1 == kResults);

constexpr std::string_view kOther = "other";

struct RuleCounter {
  static constexpr std::size_t kNameBytesMax = 31;
  char name[kNameBytesMax + 1];
  std::uint8_t size;
  Counter count;
  std::string_view text() const noexcept { return {name, size}; }
};

}  // namespace

std::string_view result_name(Result result) noexcept {
  return kResultNames[static_cast<std::size_t>(result)];
}

// A cache line that no other loop touches at either end.
struct alignas(64) Metrics::LoopCounters {
  std::array<std::array<Counter, kResults>, kRouteSlotsMax> deliveries{};
  DurationCounter durations;
  std::array<std::array<Counter, kSecretsMax>, kRouteSlotsMax> secret_uses{};
  std::array<RuleCounter, kRulesMax> rules{};
  std::atomic<std::size_t> rule_count{0};  // of rules, published after its name
  Counter other_rules;
  char end_of_line[64];

  void count_rule(std::string_view rule) noexcept {
    const std::size_t known = rule_count.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < known; ++i) {
      if (rules[i].text() == rule) return rules[i].count.add(1);
    }
    if (known == kRulesMax || rule.size() > RuleCounter::kNameBytesMax) return other_rules.add(1);
    RuleCounter& fresh = rules[known];
    std::copy(rule.begin(), rule.end(), fresh.name);
    fresh.size = static_cast<std::uint8_t>(rule.size());
    fresh.count.add(1);
    rule_count.store(known + 1, std::memory_order_release);
  }
};

void MetricSet::add(std::string_view name, double value, Labels labels) {
  sample(name, std::move(labels)).value += value;
}

MetricSample& MetricSet::sample(std::string_view name, Labels labels) {
  MetricFamily& owner = family(name);
  for (MetricSample& known : owner.samples) {
    if (known.labels == labels) return known;
  }
  MetricSample& fresh = owner.samples.emplace_back();
  fresh.labels = std::move(labels);
  return fresh;
}

MetricFamily& MetricSet::family(std::string_view name) {
  for (MetricFamily& known : families_) {
    if (known.name == name) return known;
  }
  const auto row = std::find_if(std::begin(kTable), std::end(kTable),
                                [&](const MetricRow& candidate) { return candidate.name == name; });
  HOOKHOST_CHECK(row != std::end(kTable));
  MetricFamily& fresh = families_.emplace_back();
  fresh.name = row->name;
  fresh.help = row->help;
  fresh.type = row->type;
  if (row->type == MetricType::kHistogram) {
    fresh.edges.assign(std::begin(kDurationEdges), std::end(kDurationEdges));
  }
  return fresh;
}

void MetricSet::add_foreign(std::string_view name, std::string_view help, MetricType type,
                            double value, Labels labels) {
  for (auto& [label, text] : labels) text = printable(text, 256);
  auto known = std::find_if(families_.begin(), families_.end(),
                            [&](const MetricFamily& family) { return family.name == name; });
  if (known == families_.end()) {
    known = families_.insert(families_.end(),
                             MetricFamily{std::string(name), printable(help, 256), type, {}, {}});
  }
  if (known->type != type) return;
  known->samples.push_back({std::move(labels), value, {}});
}

Metrics::Metrics(unsigned loop_count) {
  HOOKHOST_CHECK(loop_count > 0);
  for (unsigned i = 0; i < loop_count; ++i) loops_.push_back(std::make_unique<LoopCounters>());
  routes_.emplace_back(kOther);
}

Metrics::~Metrics() = default;

std::uint32_t Metrics::route_slot(std::string_view route) {
  MutexLock lock(mutex_);
  const auto known = std::find(routes_.begin(), routes_.end(), route);
  if (known != routes_.end()) return static_cast<std::uint32_t>(known - routes_.begin());
  if (routes_.size() == kRouteSlotsMax) return 0;
  routes_.emplace_back(route);
  return static_cast<std::uint32_t>(routes_.size() - 1);
}

void Metrics::count(const DeliveryRecord& record) noexcept {
  LoopCounters& loop = *loops_[record.loop];
  const std::uint32_t slot = record.route_slot < kRouteSlotsMax ? record.route_slot : 0;
  loop.deliveries[slot][static_cast<std::size_t>(record.result)].add(1);
  if (record.secret > 0)
    loop.secret_uses[slot][std::min<std::size_t>(record.secret, kSecretsMax) - 1].add(1);
  if (record.result == Result::kRefused) return loop.count_rule(record.rule);
  loop.durations.add(record.total);
}

void Metrics::add_source(MetricSource source) { sources_.push_back(std::move(source)); }

std::vector<MetricFamily> Metrics::read() const {
  MetricSet set;
  read_deliveries(set);
  read_durations(set);
  read_refusals(set);
  read_secret_uses(set);
  for (const MetricSource& source : sources_) source(set);
  std::vector<MetricFamily> families = std::move(set).take();
  const auto rank = [](const MetricFamily& family) {
    return std::find_if(std::begin(kTable), std::end(kTable),
                        [&](const MetricRow& row) { return row.name == family.name; });
  };
  std::stable_sort(families.begin(), families.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return families;
}

std::vector<std::string> Metrics::route_names() const {
  MutexLock lock(mutex_);
  return routes_;
}

void Metrics::read_deliveries(MetricSet& set) const {
  const std::vector<std::string> routes = route_names();
  for (std::size_t slot = 0; slot < routes.size(); ++slot) {
    for (std::size_t result = 0; result < kResults; ++result) {
      std::uint64_t sum = 0;
      for (const auto& loop : loops_) sum += loop->deliveries[slot][result].value();
      // A registered route shows its zero, so that an alert on it works before the first delivery.
      const bool is_shown = sum > 0 || (slot > 0 && result == 0);
      if (!is_shown) continue;
      set.add("hookhost_deliveries_total", static_cast<double>(sum),
              {{"route", routes[slot]}, {"outcome", std::string(kResultNames[result])}});
    }
  }
}

void Metrics::read_durations(MetricSet& set) const {
  MetricSample& sample = set.sample("hookhost_delivery_duration_seconds");
  for (const auto& loop : loops_) loop->durations.add_to(sample);
}

void Metrics::read_refusals(MetricSet& set) const {
  for (const auto& loop : loops_) {
    const std::size_t known = loop->rule_count.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < known; ++i) {
      set.add("hookhost_refusals_total", static_cast<double>(loop->rules[i].count.value()),
              {{"rule", std::string(loop->rules[i].text())}});
    }
    if (const std::uint64_t other = loop->other_rules.value(); other > 0) {
      set.add("hookhost_refusals_total", static_cast<double>(other),
              {{"rule", std::string(kOther)}});
    }
  }
}

void Metrics::read_secret_uses(MetricSet& set) const {
  std::vector<std::string> routes;
  std::vector<SecretUses> before;
  {
    MutexLock lock(mutex_);
    routes = routes_;
    before = uses_before_restart_;
  }
  before.resize(routes.size());
  for (std::size_t slot = 0; slot < routes.size(); ++slot) {
    const SecretUses uses = secret_uses(slot);
    for (std::size_t i = 0; i < kSecretsMax; ++i) {
      if (uses[i] == before[slot][i]) continue;
      set.add("hookhost_secret_uses_total", static_cast<double>(uses[i] - before[slot][i]),
              {{"route", routes[slot]}, {"secret", std::to_string(i + 1)}});
    }
  }
}

Metrics::SecretUses Metrics::secret_uses(std::size_t slot) const noexcept {
  SecretUses uses{};
  for (const auto& loop : loops_) {
    for (std::size_t i = 0; i < kSecretsMax; ++i) uses[i] += loop->secret_uses[slot][i].value();
  }
  return uses;
}

void Metrics::restart_secret_uses() {
  MutexLock lock(mutex_);
  uses_before_restart_.resize(routes_.size());
  for (std::size_t slot = 0; slot < routes_.size(); ++slot)
    uses_before_restart_[slot] = secret_uses(slot);
}

Metrics::Totals Metrics::totals() const noexcept {
  Totals totals;
  const auto of = [](const std::array<Counter, kResults>& counters, Result result) {
    return counters[static_cast<std::size_t>(result)].value();
  };
  for (const auto& loop : loops_) {
    for (const auto& counters : loop->deliveries) {
      totals.handled += of(counters, Result::kHandled) + of(counters, Result::kSkipped) +
                        of(counters, Result::kFiltered) + of(counters, Result::kQueued) +
                        of(counters, Result::kDuplicate) + of(counters, Result::kHandshake);
      totals.failed += of(counters, Result::kFailed) + of(counters, Result::kKept) +
                       of(counters, Result::kDead) + of(counters, Result::kTimedOut) +
                       of(counters, Result::kCancelled) + of(counters, Result::kOverloaded);
      totals.refused += of(counters, Result::kRefused);
    }
  }
  return totals;
}

}  // namespace hookhost::telemetry
