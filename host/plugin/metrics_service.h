// SPDX-License-Identifier: Apache-2.0
//
// MetricsService: what plugins count (hookhost.metrics/1). A space belongs to a plugin id, is
// shared by its generations, and never goes away. Any thread. Adding to a metric without labels
// takes no lock and touches a cell that few threads share; with labels it takes a lock.
#pragma once

#include <hookhost/ext/metrics.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "plugin/host_dependencies.h"

namespace hookhost::plugin {

inline constexpr std::size_t kMetricNameBytesMax = 64;   // ext/metrics.h
inline constexpr std::size_t kLabelValueBytesMax = 128;  // longer ones are cut: a label is a word
inline constexpr std::size_t kMetricHelpBytesMax = 512;  // one sentence; longer is cut

class MetricSpace {
 public:
  explicit MetricSpace(std::string_view plugin_id);
  ~MetricSpace();

  // Statuses and rules are those of hookhost_ext_metrics.
  hookhost_status define(std::int32_t kind, std::string_view name, std::string_view help,
                         std::vector<std::string> labels, std::uint32_t* id);
  hookhost_status add(std::uint32_t id, double value, const hookhost_array& label_values);

  void visit(const PluginMetricVisitor& visitor) const;

 private:
  struct Metric;
  std::string prefix_;  // "hookhost_plugin_retrain_"
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Metric>> owned_ HOOKHOST_GUARDED_BY(mutex_);
  // Metric id - 1. Set once each, with the mutex held, and read without it.
  std::array<std::atomic<Metric*>, HOOKHOST_METRICS_MAX> metrics_{};
};

class MetricsService {
 public:
  MetricSpace& space(const std::string& plugin_id);  // valid as long as the service
  void visit(const PluginMetricVisitor& visitor) const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<MetricSpace>> spaces_ HOOKHOST_GUARDED_BY(mutex_);
};

// The table behind "hookhost.metrics/1".
extern const hookhost_ext_metrics kMetricsTable;

}  // namespace hookhost::plugin
