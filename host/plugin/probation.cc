// SPDX-License-Identifier: Apache-2.0
#include "plugin/probation.h"

#include <fmt/format.h>

#include <algorithm>

namespace hookhost::plugin {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

}  // namespace

ProbationVerdict judge(const ProbationOptions& options, const CallTally& now,
                       const CallTally& before, std::chrono::milliseconds elapsed) {
  using Kind = ProbationVerdict::Kind;
  if (now.violations != 0 && before.violations == 0)
    return {Kind::kFailed, fmt::format("it broke rules of the ABI {} time{}, the build before none",
                                       now.violations, now.violations == 1 ? "" : "s")};
  const double allowed = percent(before.failed, before.calls) + options.failure_percent;
  if (now.failed >= options.failures_min && percent(now.failed, now.calls) > allowed)
    return {Kind::kFailed, fmt::format("{} of {} calls failed (before: {} of {})", now.failed,
                                       now.calls, before.failed, before.calls)};
  if (now.calls >= options.calls || elapsed >= options.time) return {Kind::kProved};
  return {};
}

}  // namespace hookhost::plugin
