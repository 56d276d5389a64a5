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

namespace hookhost::plugin {

// What the operator wrote for one plugin.
struct PluginSettings {
  bool enabled = true;
  std::string config_json = "{}";         // the table [plugin.<id>.config] as JSON
  std::map<std::string, Secret> secrets;  // [plugin.<id>.secrets]
};
using SettingsSource = std::function<PluginSettings(std::string_view id)>;

struct ProbeOptions {
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::string> arguments = {"probe"};  // of the program, before nothing else
  std::string host_version;
  // Of one build: a plugin that needs longer to start is better off with a timer or the pool.
  std::chrono::milliseconds timeout{5000};
  // Also hand one sample event to each endpoint that says IDEMPOTENT: `check` does, the start of
  // the host does not.
  bool calls_handlers = false;
};

struct ProbedRoute {
  std::string name, path, form, place, ack, on_failure;
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
  std::string pinned_reason;  // when it was not
  std::string output;         // what it wrote to stdout and stderr, printable, at most 4 KiB
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
