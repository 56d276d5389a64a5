// SPDX-License-Identifier: Apache-2.0
//
// Metrics of a plugin (hookhost.metrics/1): make a Metric once, in the constructor of the state,
// and add to it from any thread. Counting never fails the work that is counted: what cannot be
// counted is not.
#ifndef HOOKHOST_CPP_METRICS_HPP
#define HOOKHOST_CPP_METRICS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "../ext/metrics.h"
#include "failure.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

// Label names or values in the form of the C table; at most HOOKHOST_METRIC_LABELS_MAX.
class Labels {
 public:
  explicit Labels(std::initializer_list<std::string_view> labels) noexcept {
    for (const auto& label : labels) {
      if (count_ < strings_.size()) strings_[count_] = to_c(label);
      ++count_;
    }
  }
  bool fits() const noexcept { return count_ <= strings_.size(); }
  hookhost_array array() const noexcept {
    return {count_ == 0 ? nullptr : strings_.data(), static_cast<std::uint32_t>(count_),
            sizeof(hookhost_str)};
  }

 private:
  std::array<hookhost_str, HOOKHOST_METRIC_LABELS_MAX> strings_{};
  std::size_t count_ = 0;
};

}  // namespace detail

// One metric; copies are the same one. A default-constructed one counts nothing.
class Metric {
 public:
  Metric() noexcept = default;
  Metric(const hookhost_host* host, const hookhost_ext_metrics* table, std::uint32_t id) noexcept
      : host_(host), table_(table), id_(id) {}

  // One value for each label name. A counter only goes up; a gauge takes negative values too.
  void add(double value = 1, std::initializer_list<std::string_view> labels = {}) const noexcept {
    const detail::Labels values(labels);
    if (table_ != nullptr && values.fits()) table_->add(host_, id_, value, values.array());
  }

 private:
  const hookhost_host* host_ = nullptr;
  const hookhost_ext_metrics* table_ = nullptr;
  std::uint32_t id_ = 0;
};

class Metrics {
 public:
  Metrics(const hookhost_host* host, const hookhost_ext_metrics* table) noexcept
      : host_(host), table_(table) {}

  // name: [a-z][a-z0-9_]*; shown as hookhost_plugin_<id>_<name>. The same name again is the same
  // metric. Throws Failure: E_INVALID for a bad name, E_STATE for other labels or another kind,
  // E_LIMIT.
  Metric counter(std::string_view name, std::string_view help,
                 std::initializer_list<std::string_view> labels = {}) const {
    return define(HOOKHOST_METRIC_COUNTER, name, help, labels);
  }
  Metric gauge(std::string_view name, std::string_view help,
               std::initializer_list<std::string_view> labels = {}) const {
    return define(HOOKHOST_METRIC_GAUGE, name, help, labels);
  }

 private:
  Metric define(std::int32_t kind, std::string_view name, std::string_view help,
                std::initializer_list<std::string_view> labels) const {
    if (table_ == nullptr) return Metric();
    const detail::Labels names(labels);
    std::uint32_t id = 0;
    const auto status = names.fits() ? table_->define(host_, kind, detail::to_c(name),
                                                      detail::to_c(help), names.array(), &id)
                                     : HOOKHOST_E_LIMIT;
    if (status != HOOKHOST_OK) throw Failure(status, text_of("metric \"{}\"", name));
    return Metric(host_, table_, id);
  }

  const hookhost_host* host_;
  const hookhost_ext_metrics* table_;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_METRICS_HPP
