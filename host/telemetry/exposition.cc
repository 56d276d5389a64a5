// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace hookhost::telemetry {
namespace {

prometheus::ClientMetric::Histogram histogram(const MetricFamily& family,
                                              const MetricSample& sample) {
  prometheus::ClientMetric::Histogram out;
  out.sample_sum = sample.value;
  for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
    out.sample_count += sample.buckets[i];
    const double edge =
        i < family.edges.size() ? family.edges[i] : std::numeric_limits<double>::infinity();
    out.bucket.push_back({.cumulative_count = out.sample_count, .upper_bound = edge});
  }
  return out;
}

prometheus::ClientMetric client_metric(const MetricFamily& family, const MetricSample& sample) {
  prometheus::ClientMetric out;
  for (const auto& [name, value] : sample.labels) out.label.push_back({name, value});
  switch (family.type) {
    case MetricType::kCounter: out.counter.value = sample.value; break;
    case MetricType::kGauge: out.gauge.value = sample.value; break;
    case MetricType::kHistogram: out.histogram = histogram(family, sample); break;
  }
  return out;
}

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter: return prometheus::MetricType::Counter;
    case MetricType::kGauge: return prometheus::MetricType::Gauge;
    case MetricType::kHistogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

std::string exposition(std::span<const MetricFamily> families) {
  std::vector<prometheus::MetricFamily> all;
  all.reserve(families.size());
  for (const MetricFamily& family : families) {
    prometheus::MetricFamily out{family.name, family.help, type_of(family.type), {}};
    for (const MetricSample& sample : family.samples) {
      out.metric.push_back(client_metric(family, sample));
    }
    all.push_back(std::move(out));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, all);
  return std::move(text).str();
}

}  // namespace hookhost::telemetry
