// SPDX-License-Identifier: Apache-2.0
#include "plugin/metrics_service.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "plugin/abi_text.h"
#include "plugin/generation.h"
#include "plugin/thread_cell.h"

namespace hookhost::plugin {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMetricNameBytesMax || name[0] < 'a' || name[0] > 'z')
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// A sum in cells, so that threads that count at once do not wait for one line.
class ShardedSum {
 public:
  void add(double value) noexcept {
    std::atomic<double>& cell = cells_[thread_cell(kCells)].value;
    double old = cell.load(std::memory_order_relaxed);
    while (!cell.compare_exchange_weak(old, old + value, std::memory_order_relaxed)) {
    }
  }
  double sum() const noexcept {
    double sum = 0;
    for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kCells = 8;
  struct alignas(64) Cell {
    std::atomic<double> value{0};
  };
  std::array<Cell, kCells> cells_;
};

}  // namespace

struct MetricSpace::Metric {
  std::int32_t kind;
  std::string name, help;
  std::vector<std::string> labels;
  ShardedSum plain;  // without labels
  Mutex mutex;
  std::map<std::vector<std::string>, double> series HOOKHOST_GUARDED_BY(mutex);
};

MetricSpace::MetricSpace(std::string_view plugin_id) : prefix_("hookhost_plugin_") {
  prefix_ += plugin_id;
  std::replace(prefix_.begin(), prefix_.end(), '-', '_');
  prefix_ += '_';
}
MetricSpace::~MetricSpace() = default;

hookhost_status MetricSpace::define(std::int32_t kind, std::string_view name, std::string_view help,
                                    std::vector<std::string> labels, std::uint32_t* id) {
  const bool is_kind = kind == HOOKHOST_METRIC_COUNTER || kind == HOOKHOST_METRIC_GAUGE;
  if (!is_kind || !is_name(name) || id == nullptr) return HOOKHOST_E_INVALID;
  if (labels.size() > HOOKHOST_METRIC_LABELS_MAX) return HOOKHOST_E_LIMIT;
  for (auto label = labels.begin(); label != labels.end(); ++label) {
    if (!is_name(*label) || std::find(labels.begin(), label, *label) != label)
      return HOOKHOST_E_INVALID;
  }
  const MutexLock lock(mutex_);
  for (std::size_t i = 0; i < owned_.size(); ++i) {
    const Metric& metric = *owned_[i];
    if (metric.name != name) continue;
    if (metric.kind != kind || metric.labels != labels) return HOOKHOST_E_STATE;
    *id = static_cast<std::uint32_t>(i + 1);
    return HOOKHOST_OK;
  }
  if (owned_.size() == HOOKHOST_METRICS_MAX) return HOOKHOST_E_LIMIT;
  auto metric = std::make_unique<Metric>();
  metric->kind = kind;
  metric->name = name;
  metric->help = printable(help, kMetricHelpBytesMax);
  metric->labels = std::move(labels);
  owned_.push_back(std::move(metric));
  metrics_[owned_.size() - 1].store(owned_.back().get(), std::memory_order_release);
  *id = static_cast<std::uint32_t>(owned_.size());
  return HOOKHOST_OK;
}

hookhost_status MetricSpace::add(std::uint32_t id, double value,
                                 const hookhost_array& label_values) {
  Metric* metric =
      id == 0 || id > metrics_.size() ? nullptr : metrics_[id - 1].load(std::memory_order_acquire);
  if (metric == nullptr) return HOOKHOST_E_NOT_FOUND;
  if (!std::isfinite(value) || (metric->kind == HOOKHOST_METRIC_COUNTER && value < 0) ||
      label_values.count != metric->labels.size() ||
      array_problem<hookhost_str>(label_values) != nullptr)
    return HOOKHOST_E_INVALID;
  if (metric->labels.empty()) {
    metric->plain.add(value);
    return HOOKHOST_OK;
  }
  std::vector<std::string> key;
  key.reserve(label_values.count);
  for (std::uint32_t i = 0; i < label_values.count; ++i) {
    const std::string_view text = view_of(element_of<hookhost_str>(label_values, i));
    key.push_back(printable(text, kLabelValueBytesMax));
  }
  const MutexLock lock(metric->mutex);
  const auto series = metric->series.find(key);
  if (series != metric->series.end()) {
    series->second += value;
    return HOOKHOST_OK;
  }
  if (metric->series.size() == HOOKHOST_METRIC_SERIES_MAX) return HOOKHOST_E_LIMIT;
  metric->series.emplace(std::move(key), value);
  return HOOKHOST_OK;
}

void MetricSpace::visit(const PluginMetricVisitor& visitor) const {
  for (const std::atomic<Metric*>& place : metrics_) {
    Metric* metric = place.load(std::memory_order_acquire);
    if (metric == nullptr) return;
    const std::string name = prefix_ + metric->name;
    PluginMetricSample sample{name, metric->help, metric->kind == HOOKHOST_METRIC_COUNTER, {}, 0};
    if (metric->labels.empty()) {
      sample.value = metric->plain.sum();
      visitor(sample);
      continue;
    }
    const MutexLock lock(metric->mutex);
    for (const auto& [values, value] : metric->series) {
      std::vector<LogField> labels;
      for (std::size_t i = 0; i < values.size(); ++i)
        labels.push_back({metric->labels[i], values[i]});
      sample.labels = labels;
      sample.value = value;
      visitor(sample);
    }
  }
}

MetricSpace& MetricsService::space(const std::string& plugin_id) {
  const MutexLock lock(mutex_);
  std::unique_ptr<MetricSpace>& space = spaces_[plugin_id];
  if (space == nullptr) space = std::make_unique<MetricSpace>(plugin_id);
  return *space;
}

void MetricsService::visit(const PluginMetricVisitor& visitor) const {
  const MutexLock lock(mutex_);
  for (const auto& [id, space] : spaces_) space->visit(visitor);
}

namespace {

hookhost_status metrics_define(const hookhost_host* host, std::int32_t kind, hookhost_str name,
                               hookhost_str help, hookhost_array label_names, std::uint32_t* id) {
  Generation* generation = generation_of(host);
  if (generation == nullptr || array_problem<hookhost_str>(label_names) != nullptr)
    return HOOKHOST_E_INVALID;
  if (label_names.count > HOOKHOST_METRIC_LABELS_MAX) return HOOKHOST_E_LIMIT;
  return or_no_memory([&] {
    std::vector<std::string> labels;
    for (std::uint32_t i = 0; i < label_names.count; ++i) {
      const std::string_view label = view_of(element_of<hookhost_str>(label_names, i));
      labels.emplace_back(label.substr(0, kMetricNameBytesMax + 1));
    }
    return generation->metrics().define(kind, view_of(name), view_of(help), std::move(labels), id);
  });
}

hookhost_status metrics_add(const hookhost_host* host, std::uint32_t id, double value,
                            hookhost_array label_values) {
  Generation* generation = generation_of(host);
  if (generation == nullptr) return HOOKHOST_E_INVALID;
  return or_no_memory([&] { return generation->metrics().add(id, value, label_values); });
}

}  // namespace

const hookhost_ext_metrics kMetricsTable = {sizeof(hookhost_ext_metrics), 0, metrics_define,
                                            metrics_add};

}  // namespace hookhost::plugin
