// SPDX-License-Identifier: Apache-2.0
//
// PluginLog: lines about plugins, and of plugins, as lines of the log. Any thread.
#pragma once

#include "plugin/host_dependencies.h"
#include "telemetry/log.h"

namespace hookhost::app {

class PluginLog final : public plugin::LogSink {
 public:
  explicit PluginLog(telemetry::Log& log) noexcept : log_(log) {}
  void write(const plugin::LogLine& line) noexcept override;

 private:
  telemetry::Log& log_;
};

}  // namespace hookhost::app
