// SPDX-License-Identifier: Apache-2.0
//
// What `check` does to a build that has lived once: mutated payloads, and many swaps after which
// nothing may be left behind. Foreign code runs here and may end this process: the child side of a
// probe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/generation.h"
#include "plugin/probe.h"

namespace hookhost::plugin {

// Of retire(): nobody waits for an answer.
inline constexpr std::chrono::milliseconds kRetirePatience{500};

struct StressSubject {
  GenerationSource source;  // every life is loaded from another copy beside source.library
  PluginSettings settings;
  std::shared_ptr<HostServices> services;
};

class StressObserver {
 public:
  // What is about to run. payload: "x:17", or empty.
  virtual void phase(std::string name, std::string payload) = 0;
  // Warnings and errors that the host or the plugin has logged since the last call.
  virtual std::vector<std::string> take_lines() = 0;

 protected:
  ~StressObserver() = default;
};

// Whether an endpoint is called, by what its author and the operator say.
bool is_called(const EndpointManifest& endpoint, bool calls_all) noexcept;

// Both add to the report what they did, and refuse a build with the finding that the author should
// read: a payload after which the plugin has broken a rule of the ABI or did not come back; what
// grows from swap to swap. report.routes: one per endpoint, in their order.
Status hand_in_payloads(const StressSubject& subject, const Stress& stress,
                        StressObserver& observer, ProbeReport& report);
Status swap_often(const StressSubject& subject, const Stress& stress, StressObserver& observer,
                  ProbeReport& report);

}  // namespace hookhost::plugin
