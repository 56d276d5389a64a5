// SPDX-License-Identifier: Apache-2.0
#include "store/journal.h"

namespace hookhost::store {
namespace {

// In the order of State.
constexpr std::array<std::string_view, 6> kStates{"ready", "running", "done",
                                                  "dead",  "paused",  "skipped"};

}  // namespace

std::string_view name_of(State state) noexcept { return kStates[static_cast<std::size_t>(state)]; }

std::optional<State> state_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

}  // namespace hookhost::store
