// SPDX-License-Identifier: Apache-2.0
//
// HostServices: what this host offers to plugins, and the one list of extensions. One object per
// registry; its kv, metrics and timers are shared by all plugins and outlive every generation. The
// table that one generation gets at create is made here too.
#pragma once

#include <hookhost/plugin.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plugin/check_level.h"
#include "plugin/host_dependencies.h"
#include "plugin/kv_service.h"
#include "plugin/metrics_service.h"
#include "plugin/process_watch.h"
#include "plugin/timer_service.h"

namespace hookhost::plugin {

class Generation;

struct HostServicesOptions {
  std::string host_version;
  // HF_HUB_DISABLE_EXPERIMENTAL_WARNING=1 makes it false (seed row A02).
  bool warns_experimental = true;
  // False: a test rings the timers itself.
  bool has_timer_thread = true;
  CheckLevel check = CheckLevel::kBasic;
};

class HostServices {
 public:
  HostServices(HostServicesOptions options, HostDependencies dependencies);

  const HostServicesOptions& options() const noexcept { return options_; }
  const Clock& clock() const noexcept { return dependencies_.clock; }
  LogSink& log() const noexcept { return dependencies_.log; }
  bool try_post(Work& work) const { return dependencies_.try_post(work); }

  KvService& kv() noexcept { return kv_; }
  MetricsService& metrics() noexcept { return metrics_; }
  const MetricsService& metrics() const noexcept { return metrics_; }
  TimerService& timers() noexcept { return timers_; }
  ProcessWatch& watch() noexcept { return watch_; }

 private:
  HostServicesOptions options_;
  HostDependencies dependencies_;
  KvService kv_;
  MetricsService metrics_;
  TimerService timers_;
  ProcessWatch watch_;
};

// The table of a generation. Its host_data leads back to the generation.
hookhost_host make_host_table(Generation& generation);

// The generation behind a table that came back from a plugin; nullptr: the plugin passed no table.
Generation* generation_of(const hookhost_host* host) noexcept;

// The list, for `inspect` and the documentation.
std::span<const std::string_view> offered_extensions() noexcept;

}  // namespace hookhost::plugin
