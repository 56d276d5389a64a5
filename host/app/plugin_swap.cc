// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_swap.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/start_checks.h"
#include "base/text.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;
using plugin::SwapCause;

void ignore(const SwapOutcome&) {}

}  // namespace

PluginSwap::PluginSwap(const Config& config, fs::path only, plugin::Registry& registry,
                       telemetry::Metrics& metrics, telemetry::Log& log, const Clock& clock)
    : config_(config),
      only_(std::move(only)),
      registry_(registry),
      metrics_(metrics),
      clock_(clock),
      news_(registry, log, clock) {}

Result<RoutePlan> PluginSwap::start(plugin::LoadReport& report) {
  // From before the folder is read: what changes meanwhile is not missed.
  if (Status watched = watch(); !watched) return std::move(watched).error();
  // Absolute, as the watch names them, and since a plugin may change the working directory.
  report = only_.empty() ? registry_.load_directory(fs::absolute(config_.plugins))
                         : registry_.load_file(fs::absolute(only_));
  news_.tell_start(report);
  return plan();
}

Status PluginSwap::watch() {
  if (!config_.swap_watch) return {};
  plugin::FolderWatchOptions how{.settle = config_.swap_settle};
  fs::path folder = fs::absolute(config_.plugins);
  if (!only_.empty()) {
    folder = fs::absolute(only_).parent_path();
    how.counts = [only = only_.filename().native()](std::string_view name) { return name == only; };
  }
  auto opened = plugin::FolderWatch::open(std::move(folder), std::move(how), clock_);
  if (!opened) return std::move(opened).error();
  watch_ = *std::move(opened);
  return {};
}

Result<RoutePlan> PluginSwap::plan() {
  std::vector<Route> routes = registry_.routes();
  for (Route& route : routes) route.telemetry_slot = metrics_.route_slot(route.name);
  auto plan = plan_routes(std::move(routes), config_);
  if (!plan) return plan;
  news_.tell_notes(plan->notes);
  return plan;
}

void PluginSwap::serve(routing::PublishedTable& table, std::function<void()> wake) {
  table_ = &table;
  wake_ = std::move(wake);
}

// ---- The folder

MonotonicTime PluginSwap::tend_by() const noexcept {
  MonotonicTime by = registry_.tend_by();
  if (watch_) by = std::min(by, watch_->next());
  if (postponed_.empty()) return by;
  const auto at = [this](const plugin::FolderChange& change) { return may_load_at(change); };
  const auto [first, last] = std::ranges::minmax(postponed_, {}, at);
  return std::min(by, at(config_.swap_batch == SwapBatch::kAll ? last : first));
}

// MonotonicTime::min(): now.
MonotonicTime PluginSwap::may_load_at(const plugin::FolderChange& change) const noexcept {
  const auto last = loaded_at_.find(change.file);
  return last == loaded_at_.end() ? MonotonicTime::min() : last->second + config_.swap_interval;
}

void PluginSwap::tend() {
  std::vector<plugin::FolderChange> changes;
  if (watch_) changes = watch_->tend();
  std::erase_if(changes, [&](const plugin::FolderChange& change) {
    if (change.kind != plugin::FolderChange::Kind::kRestless) return false;
    news_.tell_restless(change.file.filename().native());
    return true;
  });
  changes = due(std::move(changes));
  if (!changes.empty()) take(changes);
  for (const plugin::PluginEvent& event : registry_.tend()) {
    if (event.kind == plugin::PluginEvent::Kind::kDrained) news_.tell_drained(event);
    if (event.kind == plugin::PluginEvent::Kind::kPinned) news_.note_pinned(event);
    if (event.kind == plugin::PluginEvent::Kind::kFailedProbation) roll_back_by_itself(event);
  }
  news_.tell_late();
  news_.count();
}

// What may be loaded now, with what had to wait before: what changed too soon after its last load
// until its time has come, and a batch that was held back until one of its files changes.
std::vector<plugin::FolderChange> PluginSwap::due(std::vector<plugin::FolderChange> changes) {
  const auto add = [&changes](std::vector<plugin::FolderChange> older) {
    for (plugin::FolderChange& old : older) {
      const bool is_newer = std::any_of(changes.begin(), changes.end(),
                                        [&](const auto& one) { return one.file == old.file; });
      if (!is_newer) changes.push_back(std::move(old));
    }
  };
  if (!changes.empty()) add(std::exchange(held_, {}));
  add(std::exchange(postponed_, {}));

  const MonotonicTime now = clock_.monotonic_now();
  const auto is_early = [&](const plugin::FolderChange& change) {
    return may_load_at(change) > now;
  };
  // A batch that goes live as a whole waits as a whole.
  const bool all_wait = config_.swap_batch == SwapBatch::kAll &&
                        std::any_of(changes.begin(), changes.end(), is_early);
  std::vector<plugin::FolderChange> now_due;
  for (plugin::FolderChange& change : changes)
    (all_wait || is_early(change) ? postponed_ : now_due).push_back(std::move(change));
  return now_due;
}

void PluginSwap::take(const std::vector<plugin::FolderChange>& changes) {
  const MonotonicTime began = clock_.monotonic_now();
  const plugin::LoadReport came = registry_.update(changes);
  for (const plugin::FolderChange& change : changes) {
    if (change.kind == plugin::FolderChange::Kind::kGone) {
      loaded_at_.erase(change.file);
    } else {
      loaded_at_[change.file] = clock_.monotonic_now();
    }
  }
  if (config_.swap_batch == SwapBatch::kAll && is_batch_refused(changes)) {
    registry_.undo({});
    held_ = changes;
    for (const plugin::RefusedPlugin& refused : came.refused)
      news_.tell_refused(refused, ErrorCode::kInvalid, ignore);
    for (const plugin::LoadedPlugin& loaded : came.loaded)
      news_.tell_refused({loaded.file,
                          "another file of its batch was refused (swap.batch = \"all\")",
                          {},
                          loaded.replaces,
                          SwapCause::kBatch},
                         ErrorCode::kInvalid, ignore);
    return;
  }
  change(came, began, ignore, Place::kWhereItIs);
}

bool PluginSwap::is_batch_refused(const std::vector<plugin::FolderChange>& batch) const {
  const std::vector<plugin::Refusal> refusals = registry_.refusals();
  return std::any_of(batch.begin(), batch.end(), [&](const plugin::FolderChange& change) {
    return std::any_of(refusals.begin(), refusals.end(), [&](const plugin::Refusal& refusal) {
      return refusal.plugin.file == change.file;
    });
  });
}

// Publishes what update() brought, or undoes it.
void PluginSwap::change(const plugin::LoadReport& came, MonotonicTime began, const SwapDone& done,
                        Place place) {
  for (const plugin::RefusedPlugin& refused : came.refused)
    news_.tell_refused(refused, ErrorCode::kInvalid, done);
  if (came.loaded.empty() && came.removed.empty()) {
    registry_.commit({});
    return;
  }
  auto next = safe_plan();
  if (!next) {  // of the operator's word about all of them: none goes live
    const Error& error = next.error();
    registry_.undo(error.message);
    for (const plugin::LoadedPlugin& loaded : came.loaded)
      news_.tell_refused(
          {loaded.file, error.message, error.fix, loaded.replaces, SwapCause::kConfig}, error.code,
          done);
    for (const plugin::LoadedPlugin& removed : came.removed)
      news_.tell_refused({removed.file, "its file is gone, and " + error.message, error.fix,
                          removed.generation, SwapCause::kConfig},
                         error.code, done);
    return;
  }
  publish(*std::move(next));
  if (!came.loaded.empty()) news_.count_swap(clock_.monotonic_now() - began);
  tell_all(came, done, place);
}

Result<RoutePlan> PluginSwap::safe_plan() {
  auto next = plan();
  if (!next) return next;
  if (Status safe = check_exposure(config_, next->has_open_route); !safe)
    return std::move(safe).error();
  return next;
}

void PluginSwap::tell_all(const plugin::LoadReport& came, const SwapDone& done, Place place) {
  for (const plugin::LoadedPlugin& loaded : came.loaded) {
    SwapOutcome outcome = outcome_of(SwapLine::Kind::kLive, loaded);
    if (place == Place::kFolder) outcome.note = put_into_folder(loaded.file);
    news_.tell(std::move(outcome), done);
    news_.tell_notes_of(loaded);
  }
  for (const plugin::LoadedPlugin& removed : came.removed)
    news_.tell(outcome_of(SwapLine::Kind::kRemoved, removed), done);
}

Status PluginSwap::reconfigure(const std::vector<std::string>& plugin_ids) {
  std::vector<fs::path> files;
  for (const std::string& id : plugin_ids) {
    // One that was disabled so far lies under its name, as far as anybody can tell.
    fs::path file = registry_.file_of(id);
    if (file.empty() && only_.empty()) file = fs::absolute(config_.plugins) / (id + ".so");
    if (std::error_code error; fs::exists(file, error)) files.push_back(std::move(file));
  }
  const plugin::LoadReport came = registry_.reload(files);
  if (!came.refused.empty()) {
    const plugin::RefusedPlugin& refused = came.refused.front();
    registry_.undo({});
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: {}", refused.file.filename().native(), refused.reason),
                 refused.fix};
  }
  auto next = safe_plan();
  if (!next) {
    registry_.undo({});
    return std::move(next).error();
  }
  publish(*std::move(next));
  for (const plugin::LoadedPlugin& configured : came.configured) news_.tell_configured(configured);
  tell_all(came, ignore, Place::kWhereItIs);
  return {};
}

void PluginSwap::publish(RoutePlan plan) {
  news_.count();  // whoever meets the new build finds the metrics as they are with it
  table_->publish(std::move(plan.table));
  wake_();
  registry_.commit(table_->replaced());
}

// ---- Going back

void PluginSwap::roll_back_by_itself(const plugin::PluginEvent& event) {
  auto outcome = go_back(event.id, event.reason, SwapCause::kProbation);
  if (!outcome) return news_.tell_no_way_back(event, outcome.error());
  news_.tell(*std::move(outcome), ignore);
}

Result<SwapOutcome> PluginSwap::go_back(std::string_view plugin_id, const std::string& reason,
                                        SwapCause cause) {
  auto back = registry_.roll_back(plugin_id, reason);
  if (!back) {
    registry_.commit({});  // nothing has changed
    return std::move(back).error();
  }
  auto next = safe_plan();
  if (!next) {
    registry_.undo(next.error().message);
    return std::move(next).error();
  }
  publish(*std::move(next));
  SwapOutcome outcome = outcome_of(SwapLine::Kind::kRolledBack, *back);
  outcome.line.reason = reason;
  outcome.cause = cause;
  return outcome;
}

// ---- Commands

void PluginSwap::deploy(const fs::path& file, const SwapDone& done) {
  const std::string name = file.filename().native();
  const auto refuse_file = [&](std::string reason, std::string fix) {
    news_.tell_refused({file, std::move(reason), std::move(fix), 0, SwapCause::kCommand},
                       ErrorCode::kInvalid, done);
  };
  if (!file.is_absolute()) return refuse_file("its path is not absolute", {});
  if (!plugin::is_plugin_file(name))
    return refuse_file("its name is not that of a plugin (*.so, no dot in front)", {});
  if (!only_.empty() && fs::absolute(only_).filename() != file.filename())
    return refuse_file(fmt::format("this host serves {} alone", only_.filename().native()),
                       "hookhost serve serves a folder");
  const fs::path place = only_.empty() ? fs::absolute(config_.plugins) / name : fs::absolute(only_);
  const MonotonicTime began = clock_.monotonic_now();
  const plugin::LoadReport came = registry_.deploy(file, place);
  if (!came.disabled.empty()) {
    registry_.commit({});
    return refuse_file("it is disabled in the configuration", {});
  }
  change(came, began, done, Place::kFolder);
  loaded_at_[place] = clock_.monotonic_now();
}

void PluginSwap::roll_back(std::string_view plugin_id, const SwapDone& done) {
  auto outcome = go_back(plugin_id, "by command", SwapCause::kCommand);
  if (!outcome) {
    const Error& error = outcome.error();
    SwapOutcome refused;
    refused.line.kind = SwapLine::Kind::kRefused;
    refused.line.file = registry_.file_of(plugin_id).filename().native();
    refused.line.reason = error.message;
    refused.line.fix = error.fix;
    refused.error = error.code;
    return done(refused);  // a wrong question, not an event of the host
  }
  outcome->note = put_into_folder(registry_.file_of(plugin_id));
  news_.tell(*std::move(outcome), done);
}

void PluginSwap::reload(std::string_view plugin_id, const SwapDone& done) {
  const fs::path file = registry_.file_of(plugin_id);
  if (file.empty()) {
    SwapOutcome refused;
    refused.line.kind = SwapLine::Kind::kRefused;
    refused.line.reason = fmt::format("no plugin \"{}\" is loaded", printable(plugin_id));
    refused.line.fix = "hookhost plugins lists them";
    refused.error = ErrorCode::kNotFound;
    return done(refused);
  }
  const MonotonicTime began = clock_.monotonic_now();
  change(registry_.deploy(file, file), began, done, Place::kWhereItIs);
  loaded_at_[file] = clock_.monotonic_now();
}

// Written beside, then renamed. What went wrong, for the operator; empty: nothing.
std::string PluginSwap::put_into_folder(const fs::path& file) {
  const fs::path unnamed = file.parent_path() / fmt::format(".{}.tmp", file.filename().native());
  std::error_code error;
  fs::copy_file(registry_.copy_of(file), unnamed, fs::copy_options::overwrite_existing, error);
  using fs::perms;
  if (!error)
    fs::permissions(unnamed,
                    perms::owner_all | perms::group_read | perms::group_exec | perms::others_read |
                        perms::others_exec,
                    error);
  if (!error) fs::rename(unnamed, file, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(unnamed, ignored);
  return fmt::format("{} could not be written ({}): a restart loads the build that lies there",
                     file.native(), error.message());
}

}  // namespace hookhost::app
