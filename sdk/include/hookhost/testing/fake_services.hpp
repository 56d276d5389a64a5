// SPDX-License-Identifier: Apache-2.0
//
// The extensions of the fake host, in memory: kv, timer with a clock that only moves when told,
// metrics, pool, secrets. Any thread, as the headers in ext/ promise. Not part of the SDK's
// promises: use fake_host.hpp.
#ifndef HOOKHOST_TESTING_FAKE_SERVICES_HPP
#define HOOKHOST_TESTING_FAKE_SERVICES_HPP

#include <charconv>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "../cpp/namespace.hpp"
#include "../cpp/text.hpp"
#include "../ext/kv.h"
#include "../ext/metrics.h"
#include "../ext/pool.h"
#include "../ext/timer.h"
#include "../str.h"

HOOKHOST_NAMESPACE_BEGIN
namespace test {
namespace detail {

// hookhost.kv/1
class FakeKv {
 public:
  hookhost_status get(hookhost_str key, void* buf, std::size_t cap, std::size_t* len,
                      std::uint64_t* version, std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (!is_key(key)) return HOOKHOST_E_INVALID;
    const Entry* found = find(key, now_ns);
    if (found == nullptr) return HOOKHOST_E_NOT_FOUND;
    *len = found->value.size();
    if (version != nullptr) *version = found->version;
    if (found->value.size() > cap) return HOOKHOST_E_LIMIT;
    found->value.copy(static_cast<char*>(buf), cap);
    return HOOKHOST_OK;
  }
  hookhost_status put(hookhost_str key, std::string value, std::uint64_t if_version,
                      std::uint64_t ttl_ms, std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (!is_key(key)) return HOOKHOST_E_INVALID;
    if (value.size() > HOOKHOST_KV_VALUE_BYTES_MAX) return HOOKHOST_E_LIMIT;
    const Entry* found = find(key, now_ns);
    const std::uint64_t there = found == nullptr ? HOOKHOST_KV_ABSENT : found->version;
    if (if_version != HOOKHOST_KV_ANY && if_version != there) return HOOKHOST_E_STATE;
    if (!fits(key, value.size(), found)) return HOOKHOST_E_LIMIT;
    const std::uint64_t ends_ns = ttl_ms == 0 ? 0 : now_ns + ttl_ms * 1000000;
    entries_[Text(key).str()] = Entry{std::move(value), ++versions_, ends_ns};
    return HOOKHOST_OK;
  }
  hookhost_status add(hookhost_str key, std::int64_t delta, std::int64_t* out,
                      std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (!is_key(key)) return HOOKHOST_E_INVALID;
    const Entry* found = find(key, now_ns);
    std::int64_t value = 0;
    if (found != nullptr) {
      const char* const end = found->value.data() + found->value.size();
      const auto read = std::from_chars(found->value.data(), end, value);
      if (read.ec != std::errc() || read.ptr != end) return HOOKHOST_E_TYPE;
    }
    using Limits = std::numeric_limits<std::int64_t>;
    if (delta > 0 ? value > Limits::max() - delta : value < Limits::min() - delta) {
      return HOOKHOST_E_RANGE;
    }
    value += delta;
    std::string text = std::to_string(value);
    if (!fits(key, text.size(), found)) return HOOKHOST_E_LIMIT;
    const std::uint64_t ends_ns = found == nullptr ? 0 : found->ends_ns;
    entries_[Text(key).str()] = Entry{std::move(text), ++versions_, ends_ns};
    *out = value;
    return HOOKHOST_OK;
  }
  hookhost_status remove(hookhost_str key, std::uint64_t if_version, std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (!is_key(key) || if_version == HOOKHOST_KV_ABSENT) return HOOKHOST_E_INVALID;
    const Entry* found = find(key, now_ns);
    if (found == nullptr) return HOOKHOST_E_NOT_FOUND;
    if (if_version != HOOKHOST_KV_ANY && if_version != found->version) return HOOKHOST_E_STATE;
    entries_.erase(Text(key).str());
    return HOOKHOST_OK;
  }
  std::optional<std::string> value(std::string_view key, std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    const Entry* found = find(::hookhost::detail::to_c(key), now_ns);
    if (found == nullptr) return std::nullopt;
    return found->value;
  }

 private:
  struct Entry {
    std::string value;
    std::uint64_t version;
    std::uint64_t ends_ns;  // 0: never
  };
  static bool is_key(hookhost_str key) noexcept {
    return key.len != 0 && key.len <= HOOKHOST_KV_KEY_BYTES_MAX;
  }
  const Entry* find(hookhost_str key, std::uint64_t now_ns) {
    const auto found = entries_.find(Text(key).str());
    if (found == entries_.end()) return nullptr;
    if (found->second.ends_ns == 0 || found->second.ends_ns > now_ns) return &found->second;
    entries_.erase(found);
    return nullptr;
  }
  bool fits(hookhost_str key, std::size_t size, const Entry* replaced) const {
    std::size_t bytes = size + (replaced == nullptr ? key.len : 0);
    for (const auto& [name, entry] : entries_) bytes += name.size() + entry.value.size();
    if (replaced != nullptr) bytes -= replaced->value.size();
    return bytes <= HOOKHOST_KV_SPACE_BYTES_MAX;
  }

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::uint64_t versions_ = 0;
};

// hookhost.metrics/1
class FakeMetrics {
 public:
  using LabelValues = std::vector<std::string>;

  hookhost_status define(std::int32_t kind, hookhost_str name, hookhost_array label_names,
                         std::uint32_t* id) {
    const std::lock_guard lock(mutex_);
    if (kind != HOOKHOST_METRIC_COUNTER && kind != HOOKHOST_METRIC_GAUGE) return HOOKHOST_E_INVALID;
    LabelValues labels = texts(label_names);
    if (!is_name(Text(name))) return HOOKHOST_E_INVALID;
    for (const std::string& label : labels) {
      if (!is_name(label)) return HOOKHOST_E_INVALID;
    }
    if (labels.size() > HOOKHOST_METRIC_LABELS_MAX) return HOOKHOST_E_LIMIT;
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      if (metrics_[i].name != Text(name)) continue;
      if (metrics_[i].kind != kind || metrics_[i].labels != labels) return HOOKHOST_E_STATE;
      *id = static_cast<std::uint32_t>(i + 1);
      return HOOKHOST_OK;
    }
    if (metrics_.size() == HOOKHOST_METRICS_MAX) return HOOKHOST_E_LIMIT;
    metrics_.push_back({Text(name).str(), kind, std::move(labels), {}});
    *id = static_cast<std::uint32_t>(metrics_.size());
    return HOOKHOST_OK;
  }
  hookhost_status add(std::uint32_t id, double value, hookhost_array label_values) {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > metrics_.size()) return HOOKHOST_E_NOT_FOUND;
    Metric& metric = metrics_[id - 1];
    if (!std::isfinite(value) || label_values.count != metric.labels.size()) {
      return HOOKHOST_E_INVALID;
    }
    if (value < 0 && metric.kind == HOOKHOST_METRIC_COUNTER) return HOOKHOST_E_INVALID;
    LabelValues labels = texts(label_values);
    if (!metric.series.contains(labels) && metric.series.size() == HOOKHOST_METRIC_SERIES_MAX) {
      return HOOKHOST_E_LIMIT;
    }
    metric.series[std::move(labels)] += value;
    return HOOKHOST_OK;
  }
  double value(std::string_view name, const LabelValues& labels) {
    const std::lock_guard lock(mutex_);
    for (const Metric& metric : metrics_) {
      const auto found = metric.series.find(labels);
      if (metric.name == name) return found == metric.series.end() ? 0 : found->second;
    }
    return 0;
  }

 private:
  struct Metric {
    std::string name;
    std::int32_t kind;
    LabelValues labels;
    std::map<LabelValues, double> series;
  };
  static LabelValues texts(hookhost_array array) {
    LabelValues made;
    for (std::uint32_t i = 0; i < array.count; ++i) {
      made.push_back(Text(*static_cast<const hookhost_str*>(hookhost_at(array, i))).str());
    }
    return made;
  }
  static bool is_name(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return !name.empty() && name.size() <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
           name.find_first_not_of(kAllowed) == name.npos;
  }

  std::mutex mutex_;
  std::vector<Metric> metrics_;
};

// hookhost.timer/1. Functions run on the thread that moves the clock.
class FakeTimers {
 public:
  hookhost_status start(std::uint64_t after_ms, std::uint64_t period_ms, hookhost_timer_fn fn,
                        void* user, std::uint64_t now_ns, std::uint64_t* id) {
    constexpr std::uint64_t kMax = 365ull * 24 * 3600 * 1000;
    const std::lock_guard lock(mutex_);
    if (fn == nullptr || after_ms > kMax || period_ms > kMax) return HOOKHOST_E_INVALID;
    if (is_closed_) return HOOKHOST_E_STATE;
    if (timers_.size() == HOOKHOST_TIMERS_MAX) return HOOKHOST_E_LIMIT;
    *id = ++last_id_;
    timers_[*id] = Timer{now_ns + after_ms * 1000000, period_ms * 1000000, fn, user, false, {}};
    return HOOKHOST_OK;
  }
  hookhost_status stop(std::uint64_t id) {
    std::unique_lock lock(mutex_);
    const auto found = timers_.find(id);
    if (found == timers_.end()) return HOOKHOST_E_GONE;
    if (found->second.is_running && found->second.runner == std::this_thread::get_id()) {
      found->second.period_ns = 0;
      return HOOKHOST_OK;
    }
    found->second.period_ns = 0;
    ended_.wait(lock, [&] {
      const auto again = timers_.find(id);
      return again == timers_.end() || !again->second.is_running;
    });
    return timers_.erase(id) != 0 ? HOOKHOST_OK : HOOKHOST_E_GONE;
  }
  // When the next one is due; empty: none.
  std::optional<std::uint64_t> next_ns() {
    const std::lock_guard lock(mutex_);
    std::optional<std::uint64_t> next;
    for (const auto& [id, timer] : timers_) {
      if (!timer.is_running && (!next || timer.due_ns < *next)) next = timer.due_ns;
    }
    return next;
  }
  // Runs one that is due at now_ns, the earliest first; false: none is.
  bool run_one(std::uint64_t now_ns) {
    std::unique_lock lock(mutex_);
    auto first = timers_.end();
    for (auto at = timers_.begin(); at != timers_.end(); ++at) {
      if (at->second.is_running || at->second.due_ns > now_ns) continue;
      if (first == timers_.end() || at->second.due_ns < first->second.due_ns) first = at;
    }
    if (first == timers_.end()) return false;
    const std::uint64_t id = first->first;
    first->second.is_running = true;
    first->second.runner = std::this_thread::get_id();
    const Timer timer = first->second;
    lock.unlock();
    timer.fn(timer.user);
    lock.lock();
    Timer& after = timers_.at(id);
    after.is_running = false;
    after.due_ns += after.period_ns;
    if (after.period_ns == 0) timers_.erase(id);
    ended_.notify_all();
    return true;
  }
  // Stops what is left and takes no more; the number of what was left.
  std::size_t close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    return timers_.size();
  }

 private:
  struct Timer {
    std::uint64_t due_ns = 0, period_ns = 0;
    hookhost_timer_fn fn = nullptr;
    void* user = nullptr;
    bool is_running = false;
    std::thread::id runner;
  };
  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::uint64_t, Timer> timers_;
  std::uint64_t last_id_ = 0;
  bool is_closed_ = false;
};

// hookhost.pool/1: a queue that somebody empties, or a thread for each piece of work.
class FakePool {
 public:
  FakePool(bool has_threads, std::size_t queue_max) noexcept
      : has_threads_(has_threads), queue_max_(queue_max) {}
  ~FakePool() { close(); }
  FakePool(const FakePool&) = delete;
  FakePool& operator=(const FakePool&) = delete;

  hookhost_status post(hookhost_work_fn fn, void* user) {
    const std::lock_guard lock(mutex_);
    if (fn == nullptr) return HOOKHOST_E_INVALID;
    if (is_closed_) return HOOKHOST_E_STATE;
    if (has_threads_) {
      threads_.emplace_back([fn, user] { fn(user); });
      return HOOKHOST_OK;
    }
    if (queue_.size() >= queue_max_) return HOOKHOST_E_LIMIT;
    queue_.push_back({fn, user});
    return HOOKHOST_OK;
  }
  bool run_one() {
    Work work;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) return false;
      work = queue_.front();
      queue_.pop_front();
    }
    work.fn(work.user);
    return true;
  }
  // Takes no more, and lets everything that was posted end.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    while (run_one()) {
    }
    for (;;) {
      std::deque<std::thread> running;
      {
        const std::lock_guard lock(mutex_);
        running.swap(threads_);
      }
      if (running.empty()) return;
      for (std::thread& thread : running) thread.join();
    }
  }

 private:
  struct Work {
    hookhost_work_fn fn = nullptr;
    void* user = nullptr;
  };
  const bool has_threads_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::deque<Work> queue_;
  std::deque<std::thread> threads_;
  bool is_closed_ = false;
};

}  // namespace detail
}  // namespace test
HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_TESTING_FAKE_SERVICES_HPP
