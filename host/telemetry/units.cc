// SPDX-License-Identifier: Apache-2.0
#include "telemetry/units.h"

#include <fmt/format.h>

#include <ctime>

namespace hookhost::telemetry {

std::string print_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  // 999.6 would be printed as 1000: the next unit says it in fewer characters.
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) value /= 1000, ++unit;
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                      : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string print_duration(std::chrono::nanoseconds length) {
  const double ms = std::chrono::duration<double, std::milli>(length).count();
  if (ms < 0.095) return fmt::format("{:.2f} ms", ms < 0 ? 0.0 : ms);
  if (ms < 99.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  return ms < 9950 ? fmt::format("{:.1f} s", ms / 1000) : fmt::format("{:.0f} s", ms / 1000);
}

std::string print_time_of_day(SystemTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string print_timestamp(SystemTime time) {
  // Floored by hand: to_time_t may round, and the milliseconds have to belong to its second.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     ms);
}

std::string print_minute(SystemTime time) {
  std::string text = print_timestamp(time).substr(0, 16);
  text[10] = ' ';
  return text + " UTC";
}

}  // namespace hookhost::telemetry
