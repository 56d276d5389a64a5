// SPDX-License-Identifier: Apache-2.0
//
// Probe, parent side: a build is loaded, created, tested, destroyed and unloaded in a child process
// first, so that a constructor that crashes, exits or hangs becomes a sentence and not an outage.
// The child is our own binary (probe_main.h). check_file() is the same for `hookhost check`.
// Control thread; blocks until the verdicts are there, at most ProbeOptions::timeout per build that
// hangs.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "plugin/check_level.h"

namespace hookhost::plugin {

// What the operator wrote for one plugin.
struct PluginSettings {
  bool enabled = true;
  std::string config_json = "{}";         // the table [plugin.<id>.config] as JSON
  std::map<std::string, Secret> secrets;  // [plugin.<id>.secrets]
};
bool has_same_secrets(const PluginSettings& a, const PluginSettings& b);
using SettingsSource = std::function<PluginSettings(std::string_view id)>;

inline constexpr std::uint64_t kSwapsMax = 10'000;      // of one check: minutes
inline constexpr std::uint64_t kPayloadsMax = 100'000;  // for each route of one check: minutes

// What `check` does to a build that loads; the start of the host does nothing of it.
struct Stress {
  std::uint64_t swaps = 0;     // whole lives, each from a copy of its own
  std::uint64_t payloads = 0;  // mutated ones, to each route that is called
  std::uint64_t seed = 1;      // of the payloads
  std::string only = {};       // "retrain:17": nothing but payload 17 of the endpoint retrain
  bool calls_all = false;      // routes too whose endpoint does not say IDEMPOTENT

  bool is_wanted() const noexcept { return swaps != 0 || payloads != 0 || !only.empty(); }
};

struct ProbeOptions {
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::string> arguments = {"probe"};  // of the program, before nothing else
  std::string host_version;
  // Of one build; under stress of each phase, that is of each swap and payload. A plugin that needs
  // longer to start is better off with a timer or the pool.
  std::chrono::milliseconds timeout{5000};
  // Also hand one sample event to each endpoint that says IDEMPOTENT: `check` does, the start of
  // the host does not.
  bool calls_handlers = false;
  Stress stress = {};
  CheckLevel check = CheckLevel::kBasic;  // a check hands its payloads in under kGuard as well
};

struct ProbedRoute {
  std::string name = {}, path = {}, form = {}, place = {}, ack = {}, on_failure = {};
  bool is_called = false;      // it says IDEMPOTENT, or all are called
  std::uint64_t payloads = 0;  // mutated ones that were handed to it
};

// What the child found out about one build.
struct ProbeReport {
  bool is_good = false;
  bool is_disabled = false;  // by the operator; its code was not run, apart from its entry
  std::string reason;        // why not
  std::string fix;
  std::string id, version, build_id;
  std::uint32_t abi_minor_built = 0, abi_minor_required = 0;
  std::vector<ProbedRoute> routes;
  std::vector<std::string> notes;
  bool was_unmapped = false;
  std::string pinned_reason;       // when it was not
  std::uint64_t swaps = 0;         // lives that came to their end under stress
  std::uint64_t swaps_pinned = 0;  // of these: their code is still mapped
  std::string payload;          // "retrain:17": it is not good because of this one; empty: not so
  bool did_not_return = false;  // it crashed, ended the process or hung: a debugger tells where
  std::string output;           // what it wrote to stdout and stderr, printable, at most 4 KiB
};

struct ProbeSubject {
  std::filesystem::path library;  // the staged copy
  std::string name;               // file name for messages: "retrain.so"
};

// One report per subject, in their order. Good-looking builds share a child; when it dies, each
// suspect gets one of its own.
std::vector<ProbeReport> probe(std::span<const ProbeSubject> subjects, const ProbeOptions& options,
                               const SettingsSource& settings);

// Stages, inspects and probes one file: what `hookhost check` shows.
ProbeReport check_file(const std::filesystem::path& file, const std::filesystem::path& stage_dir,
                       const ProbeOptions& options, const SettingsSource& settings);

}  // namespace hookhost::plugin
