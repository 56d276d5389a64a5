// SPDX-License-Identifier: Apache-2.0
//
// GenerationStatus: what the operator may know about a build that is in memory. Control thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "plugin/probation.h"

namespace hookhost::plugin {

struct Build;

enum class GenerationState : std::uint8_t {
  kLive,       // serves
  kProbation,  // serves, and the build before stands by
  kStandby,    // the build before: loaded, gets no new calls, can be rolled back to
  kDraining,   // replaced, calls of it still run
  kEnding,     // is being destroyed and unloaded
  kPinned,     // ended, and its code is still in memory
};
std::string_view name_of(GenerationState state) noexcept;

struct GenerationStatus {
  std::string id, version, file, build_id, sha256;
  std::uint64_t generation = 0;
  GenerationState state = GenerationState::kLive;
  std::vector<std::string> routes;  // paths that it answers now
  std::int64_t in_flight = 0;
  CallTally tally;
  SystemTime since{};       // in this state
  std::string reason = {};  // why its code is still in memory
};

GenerationStatus status_of(const Build& build, GenerationState state, SystemTime since);

}  // namespace hookhost::plugin
