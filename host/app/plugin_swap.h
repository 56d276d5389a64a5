// SPDX-License-Identifier: Apache-2.0
//
// PluginSwap: which builds serve, and how that changes: what the folder's watch and the operator's
// commands ask for goes through the registry, becomes a route table, and is published or undone.
// SwapNews tells it. Control thread, unless a function says otherwise.
//
//   start() -> serve() -> tend() by tend_by(), deploy(), roll_back(), reload()
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/route_plan.h"
#include "app/swap_news.h"
#include "base/clock.h"
#include "base/result.h"
#include "plugin/folder_watch.h"
#include "plugin/registry.h"
#include "routing/published_table.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace hookhost::app {

class PluginSwap {
 public:
  // All of it outlives this. only: the one library that is served in place of a folder; may be
  // empty.
  PluginSwap(const Config& config, std::filesystem::path only, plugin::Registry& registry,
             telemetry::Metrics& metrics, telemetry::Log& log, const Clock& clock);

  // Begins to watch and loads what is there; report says what came of each file. Errors: the watch,
  // or a configuration that does not fit what was loaded.
  Result<RoutePlan> start(plugin::LoadReport& report);

  // The first table is published; wake is called after each later one.
  void serve(routing::PublishedTable& table, std::function<void()> wake);

  // Readable: call tend(). -1: nothing is watched.
  int fd() const noexcept { return watch_ ? watch_->fd() : -1; }
  MonotonicTime tend_by() const noexcept;
  void tend();

  // ---- The operator's commands

  // Puts a build into service under its own file name, and into the folder.
  void deploy(const std::filesystem::path& file, const SwapDone& done);
  // The build before serves again, and takes its place in the folder.
  void roll_back(std::string_view plugin_id, const SwapDone& done);
  // The file of a plugin as it lies in the folder, as a new generation, changed or not.
  void reload(std::string_view plugin_id, const SwapDone& done);

  // The configuration has changed, for these plugins and for the routes: all of it goes live, or
  // the error says what does not fit and everything is as it was.
  Status reconfigure(const std::vector<std::string>& plugin_ids);

  // Answers the commands that still wait for a drain. Nothing changes from now on.
  void stop() { news_.stop(); }

  const SwapHistory& history() const noexcept { return news_.history(); }
  const SwapCounts& counts() const noexcept { return news_.counts(); }  // any thread

 private:
  Status watch();
  Result<RoutePlan> plan();
  enum class Place : std::uint8_t { kWhereItIs, kFolder };  // where the file is, or is put
  void change(const plugin::LoadReport& came, MonotonicTime began, const SwapDone& done,
              Place place);
  Result<RoutePlan> safe_plan();
  void publish(RoutePlan plan);
  void tell_all(const plugin::LoadReport& came, const SwapDone& done, Place place);
  void take(const std::vector<plugin::FolderChange>& changes);
  bool is_batch_refused(const std::vector<plugin::FolderChange>& batch) const;
  MonotonicTime may_load_at(const plugin::FolderChange& change) const noexcept;
  std::vector<plugin::FolderChange> due(std::vector<plugin::FolderChange> changes);
  void roll_back_by_itself(const plugin::PluginEvent& event);
  Result<SwapOutcome> go_back(std::string_view plugin_id, const std::string& reason,
                              plugin::SwapCause cause);
  std::string put_into_folder(const std::filesystem::path& file);

  const Config& config_;
  const std::filesystem::path only_;
  plugin::Registry& registry_;
  telemetry::Metrics& metrics_;
  const Clock& clock_;
  std::unique_ptr<plugin::FolderWatch> watch_;  // nullptr: nothing is watched
  routing::PublishedTable* table_ = nullptr;    // from serve() on
  std::function<void()> wake_;
  std::map<std::filesystem::path, MonotonicTime> loaded_at_;  // of each file, the last time
  std::vector<plugin::FolderChange> postponed_;               // changed too soon after that
  std::vector<plugin::FolderChange> held_;  // a batch that waits for one of them to change
  SwapNews news_;
};

}  // namespace hookhost::app
