// SPDX-License-Identifier: Apache-2.0
//
// What the rest of the host hands to this room: a clock, a log and the worker pool; and what it
// gets back for /metrics. No type of the ABI, so that app need not know it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/executor.h"

namespace hookhost::plugin {

enum class LogLevel : std::uint8_t { kDebug = 1, kInfo, kWarn, kError };  // as HOOKHOST_LOG_...

struct LogField {
  std::string_view name;
  std::string_view value;
};

// One line about a plugin, or of one. All views end with the call; texts of plugins have passed
// printable().
struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string_view plugin;       // its id, or its file when it has none yet
  std::uint64_t generation = 0;  // 0: not loaded yet
  std::string_view route;        // path of the route that it is about; empty: none
  std::string_view event_id;     // of the call that it is about; empty: none
  std::string_view message;
  std::span<const LogField> fields;
};

class LogSink {
 public:
  // Any thread. Must not block for long: an inline handler may log.
  virtual void write(const LogLine& line) noexcept = 0;

 protected:
  ~LogSink() = default;
};

// All of it outlives the registry.
struct HostDependencies {
  const Clock& clock;
  LogSink& log;
  // Gives the work to the host's pool. False: its queue is full or it has stopped, and nothing was
  // taken. Any thread.
  std::function<bool(Work&)> try_post;
  // Has the pool's threads end, with others in their place, so that what a plugin left in their
  // thread-local storage goes. May take a while, and may be empty. Control thread.
  std::function<void()> recycle_threads = {};
};

// One value that a plugin counts (hookhost.metrics/1). All views end with the call.
struct PluginMetricSample {
  std::string_view name;  // "hookhost_plugin_retrain_jobs_total"
  std::string_view help;  // a plugin's text
  bool is_counter = true;
  std::span<const LogField> labels;  // name and value; values are a plugin's text
  double value = 0;
};
using PluginMetricVisitor = std::function<void(const PluginMetricSample&)>;

}  // namespace hookhost::plugin
