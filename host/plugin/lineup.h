// SPDX-License-Identifier: Apache-2.0
//
// Lineup: which build of each file serves, which one stands by, and whose bytes are kept for the
// way back. A value: what is live, and what was before an update, are two of them. Control thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/reaper.h"
#include "plugin/staging.h"
#include "plugin/way_to.h"
#include "routing/route.h"

namespace hookhost::plugin {

// One file that serves.
struct Plugin {
  Build live;
  std::optional<Build> standby = {};  // there is one: live is on probation
  WayTo way_to_standby = {};          // of requests that were routed before it was replaced
  MonotonicTime live_since{};
  SystemTime since{};
  bool has_failed_probation = false;  // was told
  StagedFile kept = {};  // the bytes of the last build that had its turn and proved itself
};

class Lineup {
 public:
  // nullptr: there is none.
  Plugin* of_file(const std::filesystem::path& file) noexcept;
  const Plugin* of_file(const std::filesystem::path& file) const noexcept;
  Plugin* of_id(std::string_view id) noexcept;
  Plugin* live(const Generation& generation) noexcept;     // where it serves
  Plugin* standby(const Generation& generation) noexcept;  // where it stands by

  // In the place of its file's plugin, or behind the others.
  void put(Plugin plugin);
  void remove(const std::filesystem::path& file);

  // May it serve beside the others, in the place of its file? kInvalid names both.
  Status check_conflicts(const Generation& newcomer, const std::filesystem::path& file) const;
  // The private copy is of use to one of them.
  bool needs(const StagedFile& copy) const noexcept;
  // As Registry::routes().
  std::vector<Route> routes() const;

  std::vector<Plugin> plugins;  // in the order in which they were loaded
};

}  // namespace hookhost::plugin
