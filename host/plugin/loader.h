// SPDX-License-Identifier: Apache-2.0
//
// Loader: the way of a file to a build that can serve. prepare() takes all files of a batch as far
// as nothing of them runs in this process (stage, inspect, probe in a child), bring_up() one file
// further (load, create), and activate() to where it can serve. Control thread; the plugin's
// life-cycle functions run on a short-lived thread of their own, for which it waits, so that what
// they leave in thread-local storage does not keep the code in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "plugin/departures.h"
#include "plugin/elf_reader.h"
#include "plugin/host_services.h"
#include "plugin/probe.h"
#include "plugin/staging.h"
#include "plugin/swap_cause.h"

namespace hookhost::plugin {

struct LoaderOptions {
  std::filesystem::path stage_dir;
  bool is_probed = true;
  ProbeOptions probe;
};

// What a file has become on its way.
struct Candidate {
  explicit Candidate(std::filesystem::path its_file, std::filesystem::path its_source = {})
      : file(std::move(its_file)), source(its_source.empty() ? file : std::move(its_source)) {}
  std::filesystem::path file;    // whose build it is to be
  std::filesystem::path source;  // where its bytes are
  bool is_wanted = false;        // by name: also bytes that are known
  bool is_way_back = false;      // its bytes have served before: not probed, and it starts afresh
  StagedFile staged = {};
  ElfReport elf = {};
  std::optional<Error> error = {};
  SwapCause step = SwapCause::kStage;  // that it came to, where an error happened
  bool is_disabled = false;            // by the operator; its code was not touched
  bool is_known = false;               // its bytes serve already, or were refused before
  bool is_loaded = false;              // it serves
};

class Loader {
 public:
  // options, services and settings outlive it.
  Loader(LoaderOptions options, std::shared_ptr<HostServices> services,
         const SettingsSource& settings);

  // is_known: do these staged bytes serve already, or were they refused before? What it says true
  // to is not looked at further. Afterwards error says what is wrong with a candidate.
  void prepare(std::vector<Candidate>& candidates,
               const std::function<bool(const Candidate&)>& is_known);

  // Asked once the plugin has said who it is, before create: the number of this generation, or why
  // it may not be loaded.
  using Admission = std::function<Result<std::uint64_t>(const Generation&)>;
  // Loads and creates a candidate without an error. It is disabled after all: kDenied and
  // is_disabled. A build that fails departs.
  Result<Build> bring_up(Candidate& candidate, const Admission& admit, Departures& departures);
  // It can serve from here on. One that fails is the caller's to let go.
  static Status activate(Generation& generation);
  // As Generation::apply_config.
  static Result<bool> configure(Generation& generation, const std::string& config_json);

  // Its private copy is not needed any more.
  void discard(const StagedFile& staged) noexcept;
  // Removes every private copy.
  void close() noexcept { folder_.reset(); }

 private:
  void stage(Candidate& candidate, const std::function<bool(const Candidate&)>& is_known);
  void try_in_child(std::vector<Candidate>& candidates);

  const LoaderOptions options_;
  const std::shared_ptr<HostServices> services_;
  const SettingsSource& settings_;
  std::optional<StageFolder> folder_;
};

}  // namespace hookhost::plugin
