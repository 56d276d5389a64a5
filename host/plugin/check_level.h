// SPDX-License-Identifier: Apache-2.0
//
// How closely the host looks at whether plugins keep the contract (`--check`, key `check`). The
// host protects itself at every level; a higher one finds more and costs more. The names, and the
// words of --help, are rows of one table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hookhost::plugin {

enum class CheckLevel : std::uint8_t { kOff, kBasic, kStrict, kGuard };

struct CheckLevelRow {
  std::string_view name;
  std::string_view meaning;
};

// In the order of the values.
inline constexpr std::array<CheckLevelRow, 4> kCheckLevels = {{
    {"off", "what a plugin does to the whole process is not looked at"},
    {"basic", "it is after each life-cycle call, for 0.2 ms of a processor a swap"},
    {"strict", "after each call too, and broken rules are logged at once"},
    {"guard", "strict, and a view that outlives its call ends the host"},
}};

constexpr std::string_view name_of(CheckLevel level) noexcept {
  return kCheckLevels[static_cast<std::size_t>(level)].name;
}

}  // namespace hookhost::plugin
