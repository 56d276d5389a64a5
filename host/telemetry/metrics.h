// SPDX-License-Identifier: Apache-2.0
//
// Metrics: what the host counts. Deliveries are counted per loop, in memory that only this loop
// writes, and summed when somebody reads; everything else is asked for at that moment from sources.
// No path, id or payload ever becomes a label.
//
// Hot path (count): no allocation, lock or shared counter per request.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::telemetry {

inline constexpr std::size_t kResults = 13;            // values of Result
std::string_view result_name(Result result) noexcept;  // "handled", "timed_out": the label outcome

// Names that have counters of their own. A host with more endpoints counts the last ones as
// "other": a scrape has to stay readable.
inline constexpr std::uint32_t kRouteSlotsMax = 512;

// Secrets of one route that have counters of their own; a longer list counts its last ones as the
// last of these.
inline constexpr std::size_t kSecretsMax = 8;

// Rules of refusals that one loop tells apart; further ones are counted as "other".
inline constexpr std::size_t kRulesMax = 48;

// Upper edges of the histograms, in seconds; one more bucket lies above them.
inline constexpr double kDurationEdges[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                            0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                            1,      2.5,     5,      10};
inline constexpr std::size_t kDurationBuckets = std::size(kDurationEdges) + 1;

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

using Labels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample {
  Labels labels;
  double value = 0;                    // of a counter or gauge; of a histogram: the sum
  std::vector<std::uint64_t> buckets;  // of a histogram: counts, one per edge and one above
};

struct MetricFamily {
  std::string name;
  std::string help;
  MetricType type = MetricType::kGauge;
  std::vector<double> edges;  // of a histogram
  std::vector<MetricSample> samples;
};

// What one reading collects.
class MetricSet {
 public:
  // A sample of a row of the metric table (metrics.cc); another name is our bug.
  void add(std::string_view name, double value, Labels labels = {});
  // A sample of a metric that a plugin defined. Its texts are made printable; a name that is taken
  // by another type is left out.
  void add_foreign(std::string_view name, std::string_view help, MetricType type, double value,
                   Labels labels);

  MetricSample& sample(std::string_view name, Labels labels = {});
  std::vector<MetricFamily> take() && { return std::move(families_); }

 private:
  MetricFamily& family(std::string_view name);
  std::vector<MetricFamily> families_;
};

using MetricSource = std::function<void(MetricSet&)>;

class Metrics {
 public:
  explicit Metrics(unsigned loop_count);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The number by which deliveries of this route are counted, from now on and for ever; 0 when
  // there are kRouteSlotsMax already. Any thread; not per request.
  std::uint32_t route_slot(std::string_view route);

  // On the thread of record.loop. Hot path.
  void count(const DeliveryRecord& record) noexcept;

  // The configuration was read again, so that a number may belong to another secret now: the uses
  // of secrets count from 0, as after a restart. What is under way then may count under its old
  // number. Any thread; not per request.
  void restart_secret_uses();

  // Asked at each reading, on the reader's thread. Before the first reading.
  void add_source(MetricSource source);

  // Everything, in the order of the table, then what plugins count. Any thread.
  std::vector<MetricFamily> read() const;

  struct Totals {
    std::uint64_t handled = 0;  // whatever the sender got its 2xx for
    std::uint64_t failed = 0;
    std::uint64_t refused = 0;
  };
  Totals totals() const noexcept;  // for the last line of `serve`

 private:
  struct LoopCounters;
  void read_deliveries(MetricSet& set) const;
  void read_durations(MetricSet& set) const;
  void read_refusals(MetricSet& set) const;
  void read_secret_uses(MetricSet& set) const;
  std::vector<std::string> route_names() const;
  using SecretUses = std::array<std::uint64_t, kSecretsMax>;
  SecretUses secret_uses(std::size_t slot) const noexcept;  // since the start

  std::vector<std::unique_ptr<LoopCounters>> loops_;
  std::vector<MetricSource> sources_;
  mutable Mutex mutex_;
  std::vector<std::string> routes_ HOOKHOST_GUARDED_BY(mutex_);              // by slot
  std::vector<SecretUses> uses_before_restart_ HOOKHOST_GUARDED_BY(mutex_);  // by slot
};

}  // namespace hookhost::telemetry
