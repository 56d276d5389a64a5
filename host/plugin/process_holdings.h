// SPDX-License-Identifier: Apache-2.0
//
// What this process holds: descriptors, threads and mappings, by name. Taken before and after many
// swaps of a plugin, it tells what the plugin does not give back. Not for the hot path.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hookhost::plugin {

// Memory without a file: the C library's arenas and stacks come and go by themselves.
inline constexpr std::size_t kMemoryMappingsTolerated = 8;

class ProcessHoldings {
 public:
  enum class Kind { kDescriptors, kThreads, kMappings };
  struct Growth {
    Kind kind;
    std::string amount;  // "3 descriptors more"
    std::string names;   // of some of them: "/tmp/x, socket"
  };

  static ProcessHoldings take();

  // What there is more of in later, at most one of a kind. rounds: how many swaps lie between them;
  // memory without a file counts when it grew in more than every second one.
  std::vector<Growth> growth(const ProcessHoldings& later, std::size_t rounds) const;

 private:
  using Counts = std::map<std::string, std::size_t>;
  Counts descriptors_, threads_, mappings_;
};

// Threads of this process.
std::size_t thread_count();

}  // namespace hookhost::plugin
