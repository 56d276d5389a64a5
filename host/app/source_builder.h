// SPDX-License-Identifier: Apache-2.0
//
// SourceBuilder: a plugin that is built from its sources whenever one is saved. It only makes the
// library, in a private folder; who serves that file swaps it like any other (plugin/registry.h),
// and a build that fails leaves the file as it was. Every source is compiled for every build.
//
//   waits --a save comes to rest--> compiles --good--> library renamed into place --> waits
//     ^                              |  ^  |
//     +---failed: the output told----+  +--+ another save: killed, and from the start
//
// Nothing to do: it makes the precompiled header, until a save comes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/build_line.h"
#include "app/compile_command.h"
#include "app/precompiled_header.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "plugin/folder_watch.h"
#include "plugin/staging.h"
#include "telemetry/log.h"

namespace hookhost::app {

class CompilerProcess;

struct SourceBuilderOptions {
  std::filesystem::path source;  // a file, or a folder of them; headers beside it count too
  std::filesystem::path stage;   // where the private folder is made
  std::chrono::milliseconds settle{150};  // a save rests for so long
  bool is_watching = true;                // false: only the first build
};

class SourceBuilder {
 public:
  // Finds compiler, SDK and sources, and begins to watch. Paths count from the working directory of
  // now. kNotFound: there is no compiler, or the SDK is not installed. environment, log and clock
  // outlive it.
  static Result<std::unique_ptr<SourceBuilder>> open(SourceBuilderOptions options,
                                                     const Environment& environment,
                                                     telemetry::Log& log, const Clock& clock);
  ~SourceBuilder();  // stops; removes the folder
  SourceBuilder(const SourceBuilder&) = delete;
  SourceBuilder& operator=(const SourceBuilder&) = delete;

  // "<stage>/4711/handler.so": the last build that was good.
  const std::filesystem::path& library() const noexcept { return library_; }

  enum class FirstBuild : std::uint8_t { kBuilt, kFailed, kInterrupted };
  // The first build, on the caller's thread; what came of it is in the log. Ends early when
  // `interrupt` can be read. Before follow().
  FirstBuild build(int interrupt);

  // Builds after every save from the last build on, on a thread of its own. live_generation: the
  // one that a failed build leaves serving, 0 for none; any thread, until stop().
  void follow(std::function<std::uint64_t()> live_generation);
  // Kills what is running. A second call does nothing.
  void stop() noexcept;

 private:
  enum class Event : std::uint8_t { kStop, kChange, kEnd };
  struct Build {
    bool is_good = true;
    std::string output;
    std::chrono::nanoseconds took{0};
  };

  SourceBuilder(SourceBuilderOptions options, plugin::StageFolder folder,
                const Environment& environment, telemetry::Log& log, const Clock& clock);
  Status watch();
  std::vector<std::filesystem::path> sources() const;
  Result<const Compiler*> compiler_for(Language language);
  Result<std::vector<CommandLine>> commands();
  bool has_change();
  Event wait(CompilerProcess* compiler);
  Event run(const CommandLine& command, Build& build);
  Event compile(Build& build);
  Event rebuild();
  Event precompile();
  void tell(BuildLine::Kind kind, Build build, std::uint64_t generation) const;
  void work();

  const SourceBuilderOptions options_;
  const Environment& environment_;
  telemetry::Log& log_;
  const Clock& clock_;
  const std::filesystem::path working_folder_;
  const Sdk sdk_;
  plugin::StageFolder folder_;
  std::filesystem::path library_;
  std::array<std::optional<Compiler>, 2> compilers_;  // by Language, once they are needed
  std::optional<PrecompiledHeader> precompiled_;      // once the C++ compiler is known
  std::unique_ptr<plugin::FolderWatch> watch_;        // nullptr: not watching
  std::function<std::uint64_t()> live_generation_;
  UniqueFd stop_event_;
  int interrupt_ = -1;  // readable: end
  std::thread thread_;
};

}  // namespace hookhost::app
