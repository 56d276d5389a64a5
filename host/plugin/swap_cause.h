// SPDX-License-Identifier: Apache-2.0
//
// SwapCause: what kept a build out or brought the one before back, as a word of a small closed set:
// a label of metrics, for whoever counts. The sentence beside it is for whoever reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hookhost::plugin {

// In the order of a build's way.
enum class SwapCause : std::uint8_t {
  kNone,       // it is live, or was removed
  kPinned,     // too many builds of its file are still in memory
  kStage,      // its file: not there, not trusted, too large
  kInspect,    // its bytes
  kProbe,      // its try in a child process
  kLoad,       // its code, its table
  kConflict,   // an id or a route that is taken
  kCreate,     // create or activate
  kState,      // what the build before remembers
  kConfig,     // what the operator wrote does not fit it
  kBatch,      // another file of its batch
  kCommand,    // the operator's word
  kProbation,  // its calls failed
};
inline constexpr std::size_t kSwapCauses = 13;

constexpr std::string_view name_of(SwapCause cause) noexcept {
  constexpr std::array<std::string_view, kSwapCauses> kNames = {
      "none",   "pinned", "stage",  "inspect", "probe",   "load",     "conflict",
      "create", "state",  "config", "batch",   "command", "probation"};
  return kNames[static_cast<std::size_t>(cause)];
}

}  // namespace hookhost::plugin
