// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_log.h"

#include <vector>

namespace hookhost::app {
namespace {

constexpr telemetry::Level level_of(plugin::LogLevel level) noexcept {
  switch (level) {
    case plugin::LogLevel::kDebug: return telemetry::Level::kDebug;
    case plugin::LogLevel::kInfo: return telemetry::Level::kInfo;
    case plugin::LogLevel::kWarn: return telemetry::Level::kWarn;
    case plugin::LogLevel::kError: break;
  }
  return telemetry::Level::kError;
}

}  // namespace

void PluginLog::write(const plugin::LogLine& line) noexcept {
  if (!log_.wants(level_of(line.level))) return;
  try {
    std::vector<telemetry::Field> fields;
    fields.emplace_back("plugin", line.plugin);
    if (line.generation != 0) fields.emplace_back("generation", line.generation);
    if (!line.route.empty()) fields.emplace_back("route", line.route);
    if (!line.event_id.empty()) fields.emplace_back("event_id", line.event_id);
    for (const plugin::LogField& field : line.fields) fields.emplace_back(field.name, field.value);
    log_.write(level_of(line.level), line.message, fields);
  } catch (const std::bad_alloc&) {
    // A line that finds no memory is one that nobody reads.
  }
}

}  // namespace hookhost::app
