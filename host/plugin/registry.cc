// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.h"

#include <fmt/format.h>
#include <hookhost/version.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "plugin/departures.h"
#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/lineup.h"
#include "plugin/loader.h"
#include "plugin/state_transfer.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPluginsMax = 1024;  // of one folder; more is a wrong folder

LoadedPlugin describe(const fs::path& file, const Generation& generation) {
  const Manifest& manifest = generation.manifest();
  LoadedPlugin out{.file = file,
                   .id = manifest.id,
                   .version = manifest.version,
                   .build_id = manifest.build_id,
                   .generation = generation.number(),
                   .replaces = 0,
                   .replaced_build_id = {},
                   .routes = {},
                   .notes = manifest.notes};
  for (const EndpointManifest& endpoint : manifest.endpoints) out.routes.push_back(endpoint.path);
  return out;
}

// A file that may not be read, refused for the same reason as before: a touch is no news.
bool is_same(const Refusal& known, const Refusal& fresh) {
  return known.sha256.empty() && fresh.sha256.empty() && known.mark == fresh.mark &&
         known.plugin.reason == fresh.plugin.reason;
}

// Who still uses a replaced generation is on the hot path and wakes nobody.
constexpr std::chrono::milliseconds kDrainLook{5};
// So late a bad build is noticed at most; a look costs some sums.
constexpr std::chrono::milliseconds kProbationLook{50};

}  // namespace

struct Registry::State {
  State(RegistryOptions its_options, HostDependencies dependencies, SettingsSource its_settings)
      : options(std::move(its_options)),
        clock(dependencies.clock),
        log(dependencies.log),
        settings(std::move(its_settings)),
        services(std::make_shared<HostServices>(
            HostServicesOptions{options.host_version, options.warns_experimental, true,
                                options.check},
            dependencies)),
        loader({options.stage_dir, options.is_probed, with_version(options)}, services, settings),
        transfer(options.unknown_state),
        departures(
            {options.drain, options.swap_drain, options.pinned_max, options.first_look}, clock, log,
            [this](const StagedFile& staged) { drop_copy(staged); },
            std::move(dependencies.recycle_threads)) {}

  static ProbeOptions with_version(const RegistryOptions& options) {
    ProbeOptions probe = options.probe;
    probe.host_version = options.host_version;
    probe.check = options.check;
    return probe;
  }

  // A build that is created and stands in the lineup, but does not serve yet.
  struct Newcomer {
    Candidate* candidate;
    std::shared_ptr<Generation> generation;
    std::optional<Plugin> previous;  // whose place it took
    LoadedPlugin loaded;
  };
  LoadReport load(std::vector<Candidate> candidates);
  Result<Newcomer> create(Candidate& candidate);
  std::optional<Plugin> put(Build build);
  Status take_over(Newcomer& newcomer);
  void withdraw(Newcomer& newcomer, Error error);
  void remove(const fs::path& file, std::vector<LoadedPlugin>& removed);
  Result<bool> apply_settings(const fs::path& file);
  void undo_settings();
  bool is_known(const Candidate& candidate) const;
  void tell(const Candidate& candidate, LoadReport& report);
  std::uint64_t stays(const fs::path& file) const;

  // nullptr: no request ever reached those that leave.
  void part(const Lineup& from, const routing::RouteTables* tables);
  void judge_probations(std::vector<PluginEvent>& events);
  void drop_copy(const StagedFile& staged);

  RegistryOptions options;
  const Clock& clock;
  LogSink& log;
  SettingsSource settings;
  std::shared_ptr<HostServices> services;
  Loader loader;
  Lineup lineup;
  Lineup before;  // what it was before update()
  StateTransfer transfer;
  // Since update(), and what they went by.
  struct Reconfigured {
    std::shared_ptr<Generation> generation;
    std::string config_before;
  };
  std::vector<Reconfigured> reconfigured;
  Departures departures;
  std::map<std::string, std::uint64_t> generations;  // of each plugin id, the newest
  std::map<fs::path, Refusal> refusals;              // of each file, what was refused last
};

Registry::Registry(RegistryOptions options, HostDependencies dependencies, SettingsSource settings)
    : state_(std::make_unique<State>(std::move(options), std::move(dependencies),
                                     std::move(settings))) {}

Registry::~Registry() { shut_down(); }

// ---- Coming up

LoadReport Registry::load_directory(const fs::path& folder) {
  std::error_code error;
  std::vector<Candidate> candidates;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (!is_plugin_file(entries->path().filename().native())) continue;
    candidates.emplace_back(entries->path());
  }
  LoadReport report;
  if (error) {
    report.refused.push_back({folder, "cannot read the plugin folder: " + error.message(), {}});
    return report;
  }
  if (candidates.size() > kPluginsMax) {
    report.refused.push_back({folder,
                              fmt::format("the folder holds {} libraries, at most {} are loaded",
                                          candidates.size(), kPluginsMax),
                              "give the plugins a folder of their own"});
    return report;
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.file < b.file; });
  return state_->load(std::move(candidates));
}

LoadReport Registry::load_file(const fs::path& file) {
  std::vector<Candidate> candidates;
  candidates.emplace_back(file);
  return state_->load(std::move(candidates));
}

LoadReport Registry::update(const std::vector<FolderChange>& changes) {
  State& state = *state_;
  state.before = state.lineup;
  std::vector<Candidate> candidates;
  std::vector<LoadedPlugin> removed;
  for (const FolderChange& change : changes) {
    if (change.kind == FolderChange::Kind::kSettled) {
      candidates.emplace_back(change.file);
    } else if (change.kind == FolderChange::Kind::kGone) {
      state.refusals.erase(change.file);
      state.remove(change.file, removed);
    }
  }
  LoadReport report = state.load(std::move(candidates));
  report.removed = std::move(removed);
  return report;
}

LoadReport Registry::deploy(const fs::path& source, const fs::path& file) {
  state_->before = state_->lineup;
  std::vector<Candidate> candidates;
  candidates.emplace_back(file, source);
  candidates.back().is_wanted = true;
  return state_->load(std::move(candidates));
}

LoadReport Registry::reload(const std::vector<fs::path>& files) {
  State& state = *state_;
  state.before = state.lineup;
  std::vector<Candidate> candidates;
  std::vector<LoadedPlugin> configured;
  for (const fs::path& file : files) {
    auto applied = state.apply_settings(file);
    if (applied && *applied) {
      configured.push_back(describe(file, *state.lineup.of_file(file)->live.generation));
      continue;
    }
    candidates.emplace_back(file).is_wanted = true;
    if (!applied) candidates.back().error = std::move(applied).error();
  }
  LoadReport report = state.load(std::move(candidates));
  for (const fs::path& file : report.disabled) state.remove(file, report.removed);
  report.configured = std::move(configured);
  return report;
}

// False: it takes a new generation.
Result<bool> Registry::State::apply_settings(const fs::path& file) {
  const Plugin* plugin = lineup.of_file(file);
  if (plugin == nullptr) return false;
  const std::shared_ptr<Generation>& generation = plugin->live.generation;
  const PluginSettings now = settings(generation->manifest().id);
  if (!now.enabled || !has_same_secrets(now, generation->settings())) return false;
  Reconfigured one{generation, generation->config()};
  auto applied = Loader::configure(*generation, now.config_json);
  if (applied && *applied) reconfigured.push_back(std::move(one));
  return applied;
}

// Back to the settings of before.
void Registry::State::undo_settings() {
  for (const Reconfigured& one : std::exchange(reconfigured, {})) {
    const auto undone = Loader::configure(*one.generation, one.config_before);
    if (undone && *undone) continue;
    one.generation->report(HOOKHOST_LOG_ERROR,
                           "it does not go back to the settings of before" +
                               (undone ? std::string() : ": " + printable(undone.error().message)));
  }
}

void Registry::State::remove(const fs::path& file, std::vector<LoadedPlugin>& removed) {
  const Plugin* plugin = lineup.of_file(file);
  if (plugin == nullptr) return;
  removed.push_back(describe(file, *plugin->live.generation));
  lineup.remove(file);
}

LoadReport Registry::State::load(std::vector<Candidate> candidates) {
  for (Candidate& candidate : candidates) {
    if (Status room = departures.check_room(candidate.file); !room) {
      candidate.step = SwapCause::kPinned;
      candidate.error = room.error();
    }
  }
  loader.prepare(candidates, [this](const Candidate& candidate) { return is_known(candidate); });
  std::vector<Newcomer> newcomers;
  for (Candidate& candidate : candidates) {
    if (candidate.is_disabled || candidate.is_known || candidate.error) {
      loader.discard(candidate.staged);
    } else if (auto created = create(candidate)) {
      newcomers.push_back(std::move(*created));
    } else {
      candidate.error = std::move(created).error();
    }
  }
  // What they remember moves at last, when all are there, and together: calls wait meanwhile.
  for (Newcomer& newcomer : newcomers) {
    if (!newcomer.previous || newcomer.candidate->is_way_back) continue;
    if (Status begun = transfer.begin(newcomer.previous->live.generation, newcomer.generation);
        !begun)
      withdraw(newcomer, begun.error());
  }
  LoadReport report;
  for (Newcomer& newcomer : newcomers) {
    if (newcomer.candidate->error) continue;
    if (Status taken = take_over(newcomer); !taken) {
      withdraw(newcomer, taken.error());
    } else {
      refusals.erase(newcomer.candidate->file);
      report.loaded.push_back(std::move(newcomer.loaded));
      newcomer.candidate->is_loaded = true;
    }
  }
  for (const Candidate& candidate : candidates) tell(candidate, report);
  return report;
}

Result<Registry::State::Newcomer> Registry::State::create(Candidate& candidate) {
  const auto admit = [&](const Generation& newcomer) -> Result<std::uint64_t> {
    if (Status fits = lineup.check_conflicts(newcomer, candidate.file); !fits) return fits.error();
    return generations[newcomer.manifest().id] + 1;
  };
  auto created = loader.bring_up(candidate, admit, departures);
  if (!created) return std::move(created).error();
  const std::shared_ptr<Generation> generation = created->generation;
  const Manifest& manifest = generation->manifest();
  generations[manifest.id] = generation->number();
  LoadedPlugin loaded = describe(candidate.file, *generation);
  for (std::string& note : notes_about(candidate.elf)) loaded.notes.push_back(std::move(note));
  if ((manifest.flags & HOOKHOST_PLUGIN_ISOLATE_PREFERRED) != 0)
    loaded.notes.emplace_back(
        "it would rather run in a worker process; it runs in this one, as trusted code");
  std::optional<Plugin> previous = put(*std::move(created));
  if (previous) {
    loaded.replaces = previous->live.generation->number();
    loaded.replaced_build_id = previous->live.generation->manifest().build_id;
  }
  return Newcomer{&candidate, generation, std::move(previous), std::move(loaded)};
}

// Into the lineup; what was there before.
std::optional<Plugin> Registry::State::put(Build build) {
  std::optional<Plugin> previous;
  if (const Plugin* plugin = lineup.of_file(build.file)) previous = *plugin;
  Plugin next{.live = std::move(build), .live_since = clock.monotonic_now(), .since = clock.now()};
  if (previous && options.probation.time.count() != 0) {
    // The way back is the last build that proved itself, not one that is on probation too.
    next.standby = previous->standby ? previous->standby : previous->live;
    next.way_to_standby = previous->way_to_standby;
    next.kept = previous->kept;
  } else if (previous) {
    next.kept = previous->live.staged;
  }
  lineup.put(std::move(next));
  return previous;
}

Status Registry::State::take_over(Newcomer& newcomer) {
  auto moved = transfer.move(newcomer.generation);
  if (!moved) {
    newcomer.candidate->step = SwapCause::kState;
    return std::move(moved).error();
  }
  if (!moved->empty()) newcomer.loaded.notes.push_back(*std::move(moved));
  return Loader::activate(*newcomer.generation);
}

// It does not serve after all.
void Registry::State::withdraw(Newcomer& newcomer, Error error) {
  Candidate& candidate = *newcomer.candidate;
  departures.end_at_once(lineup.of_file(candidate.file)->live);
  if (newcomer.previous) {
    transfer.give_back(*newcomer.previous->live.generation);
    lineup.put(*std::move(newcomer.previous));
  } else {
    lineup.remove(candidate.file);
  }
  // Those who were busy may be asked again.
  if (error.code == ErrorCode::kUnavailable) candidate.staged.sha256.clear();
  candidate.error = std::move(error);
}

void Registry::State::tell(const Candidate& candidate, LoadReport& report) {
  if (candidate.is_loaded) return;
  if (candidate.is_known) {
    // Back to what serves: a bad build that came in between is forgotten.
    if (const Plugin* plugin = lineup.of_file(candidate.file);
        plugin != nullptr && plugin->live.staged.sha256 == candidate.staged.sha256)
      refusals.erase(candidate.file);
    return;
  }
  if (candidate.is_disabled) return report.disabled.push_back(candidate.file);
  Refusal refusal{{candidate.file, candidate.error->message, candidate.error->fix,
                   stays(candidate.file), candidate.step},
                  candidate.staged.sha256,
                  clock.now()};
  // What somebody asked for by name is judged anew every time, and does not lie in the folder.
  if (!candidate.is_wanted) {
    if (refusal.sha256.empty()) refusal.mark = mark_of(candidate.source);
    Refusal& known = refusals[candidate.file];
    if (is_same(known, refusal)) return;
    known = refusal;
  }
  report.refused.push_back(std::move(refusal.plugin));
}

bool Registry::State::is_known(const Candidate& candidate) const {
  if (candidate.is_wanted) return false;
  if (const Plugin* plugin = lineup.of_file(candidate.file);
      plugin != nullptr && plugin->live.staged.sha256 == candidate.staged.sha256)
    return true;
  const auto bad = refusals.find(candidate.file);
  return bad != refusals.end() && bad->second.sha256 == candidate.staged.sha256;
}

std::uint64_t Registry::State::stays(const fs::path& file) const {
  const Plugin* plugin = lineup.of_file(file);
  return plugin == nullptr ? 0 : plugin->live.generation->number();
}

// ---- Going back

Result<LoadedPlugin> Registry::roll_back(std::string_view id, std::string_view reason) {
  State& state = *state_;
  state.before = state.lineup;
  Plugin* plugin = state.lineup.of_id(id);
  if (plugin == nullptr)
    return Error{ErrorCode::kNotFound, fmt::format("no plugin \"{}\" is loaded", printable(id)),
                 "hookhost plugins lists them"};
  const std::uint64_t bad = plugin->live.generation->number();
  const std::string bad_build_id = plugin->live.generation->manifest().build_id;
  const fs::path file = plugin->live.file;
  const Refusal rolled_back{{file, fmt::format("gen {} was rolled back: {}", bad, reason), {}, 0},
                            plugin->live.staged.sha256,
                            state.clock.now()};
  LoadedPlugin out;
  if (plugin->standby) {
    *plugin = {.live = std::move(*plugin->standby),
               .live_since = state.clock.monotonic_now(),
               .since = state.clock.now(),
               .kept = plugin->kept};
    out = describe(file, *plugin->live.generation);
    out.replaces = bad;
    out.replaced_build_id = bad_build_id;
  } else if (!plugin->kept.path.empty()) {
    std::vector<Candidate> candidates;
    candidates.emplace_back(file, plugin->kept.path);
    candidates.back().is_wanted = candidates.back().is_way_back = true;
    LoadReport report = state.load(std::move(candidates));
    if (report.loaded.empty()) {
      if (report.refused.empty()) return Error{ErrorCode::kInvalid, "it is disabled", {}};
      return Error{ErrorCode::kInvalid, std::move(report.refused.front().reason),
                   std::move(report.refused.front().fix)};
    }
    out = std::move(report.loaded.front());
    // The bad one is no way back.
    if (Plugin* now = state.lineup.of_id(id); now != nullptr) {
      now->standby.reset();
      now->kept = {};
    }
  } else {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} has no build before gen {} to go back to", printable(id), bad),
                 "hookhost deploy FILE.so"};
  }
  state.refusals[file] = rolled_back;
  state.refusals[file].plugin.stays = out.generation;
  return out;
}

void Registry::undo(std::string_view reason) {
  State& state = *state_;
  const Lineup newcomers = std::exchange(state.lineup, state.before);
  state.transfer.give_back();
  state.undo_settings();
  for (const Plugin& newcomer : newcomers.plugins) {
    const Generation& generation = *newcomer.live.generation;
    if (reason.empty() || state.lineup.live(generation) != nullptr) continue;
    if (state.lineup.standby(generation) != nullptr) continue;  // it was to be gone back to
    state.refusals[newcomer.live.file] = {
        {newcomer.live.file, std::string(reason), {}, state.stays(newcomer.live.file)},
        newcomer.live.staged.sha256,
        state.clock.now()};
  }
  state.part(newcomers, nullptr);
  state.before = {};
}

void Registry::commit(const routing::RouteTables& before) {
  State& state = *state_;
  const Lineup was = std::exchange(state.before, {});
  state.transfer.pass_on(before);
  state.reconfigured.clear();
  // One that was gone back to takes its calls again.
  for (const Plugin& plugin : state.lineup.plugins)
    plugin.live.generation->held_calls().give_back();
  state.part(was, &before);
  for (const Plugin& plugin : was.plugins) {
    if (!plugin.kept.path.empty()) state.drop_copy(plugin.kept);
  }
}

// Those of one lineup that are not in the present one leave; those that only stand by now are
// drained.
void Registry::State::part(const Lineup& from, const routing::RouteTables* tables) {
  for (const Plugin& plugin : from.plugins) {
    const Generation& live = *plugin.live.generation;
    if (lineup.live(live) == nullptr) {
      const WayTo way =
          tables == nullptr ? WayTo() : WayTo(*tables, live.manifest().id, live.number());
      if (tables != nullptr) departures.drain(plugin.live, way);
      if (Plugin* const place = lineup.standby(live)) {
        place->way_to_standby = way;
      } else {
        departures.leave(plugin.live, way);
      }
    }
    if (!plugin.standby) continue;
    if (lineup.live(*plugin.standby->generation) != nullptr) {
      departures.forget_drain(*plugin.standby->generation);
    } else if (lineup.standby(*plugin.standby->generation) == nullptr) {
      departures.leave(*plugin.standby, plugin.way_to_standby);
    }
  }
}

// ---- Ending

std::vector<PluginEvent> Registry::tend() {
  std::vector<PluginEvent> events;
  state_->judge_probations(events);
  const auto event_of = [](PluginEvent::Kind kind, const Generation& generation) {
    return PluginEvent{.kind = kind,
                       .file = generation.file_name(),
                       .id = generation.manifest().id,
                       .build_id = generation.manifest().build_id,
                       .generation = generation.number()};
  };
  for (const Drained& drained : state_->departures.tend()) {
    events.push_back(event_of(PluginEvent::Kind::kDrained, *drained.build.generation));
    events.back().took = drained.took;
    events.back().cut_off = drained.cut_off;
  }
  for (const PinnedBuild& pinned : state_->departures.take_pinned()) {
    events.push_back(event_of(PluginEvent::Kind::kPinned, *pinned.build.generation));
    events.back().reason = pinned.reason;
  }
  return events;
}

void Registry::State::judge_probations(std::vector<PluginEvent>& events) {
  const MonotonicTime now = clock.monotonic_now();
  for (Plugin& plugin : lineup.plugins) {
    if (!plugin.standby) continue;
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - plugin.live_since);
    ProbationVerdict verdict = judge(options.probation, plugin.live.generation->tally(),
                                     plugin.standby->generation->tally(), elapsed);
    // Told once: whoever cannot go back lives with it until the time is over.
    if (plugin.has_failed_probation && verdict.kind == ProbationVerdict::Kind::kFailed)
      verdict.kind = elapsed >= options.probation.time ? ProbationVerdict::Kind::kProved
                                                       : ProbationVerdict::Kind::kGoesOn;
    if (verdict.kind == ProbationVerdict::Kind::kGoesOn) continue;
    const bool is_proved = verdict.kind == ProbationVerdict::Kind::kProved;
    events.push_back(
        {.kind = is_proved ? PluginEvent::Kind::kProved : PluginEvent::Kind::kFailedProbation,
         .file = plugin.live.generation->file_name(),
         .id = plugin.live.generation->manifest().id,
         .generation = plugin.live.generation->number(),
         .reason = std::move(verdict.reason)});
    if (!is_proved) {
      plugin.has_failed_probation = true;
      continue;
    }
    const StagedFile kept_before = std::exchange(plugin.kept, plugin.standby->staged);
    if (!kept_before.path.empty()) drop_copy(kept_before);
    departures.leave(*std::exchange(plugin.standby, std::nullopt), plugin.way_to_standby);
  }
}

void Registry::State::drop_copy(const StagedFile& staged) {
  if (!lineup.needs(staged)) loader.discard(staged);
}

bool Registry::is_departing() const noexcept { return state_->departures.is_busy(); }

MonotonicTime Registry::tend_by() const noexcept {
  const State& state = *state_;
  const MonotonicTime now = state.clock.monotonic_now();
  if (state.departures.is_busy()) return now + kDrainLook;
  const MonotonicTime next_look = state.departures.next_look();
  const bool is_on_probation = std::ranges::any_of(
      state.lineup.plugins, [](const Plugin& plugin) { return plugin.standby.has_value(); });
  return is_on_probation ? std::min(next_look, now + kProbationLook) : next_look;
}

void Registry::shut_down() noexcept {
  State& state = *state_;
  commit({});  // of an update() that nobody followed up
  state.departures.finish();
  // The last loaded goes first, as everywhere where something is taken down.
  std::vector<Plugin>& plugins = state.lineup.plugins;
  while (!plugins.empty()) {
    Plugin plugin = std::move(plugins.back());
    plugins.pop_back();
    state.departures.leave(std::move(plugin.live), {});
    if (plugin.standby) state.departures.leave(std::move(*plugin.standby), {});
    state.departures.finish();
  }
  state.loader.close();
}

// ---- What there is

std::vector<GenerationStatus> Registry::status() const {
  const State& state = *state_;
  std::vector<GenerationStatus> all;
  for (const Plugin& plugin : state.lineup.plugins)
    all.push_back(status_of(plugin.live,
                            plugin.standby ? GenerationState::kProbation : GenerationState::kLive,
                            plugin.since));
  for (const Plugin& plugin : state.lineup.plugins) {
    if (plugin.standby)
      all.push_back(status_of(*plugin.standby, GenerationState::kStandby, plugin.since));
  }
  constexpr GenerationState kOnTheWayOut[] = {GenerationState::kDraining, GenerationState::kEnding,
                                              GenerationState::kPinned};
  state.departures.visit([&](const Build& build, Departures::Stage stage, SystemTime since,
                             const std::string& reason) {
    all.push_back(status_of(build, kOnTheWayOut[static_cast<std::size_t>(stage)], since));
    all.back().reason = reason;
  });
  return all;
}

std::vector<Refusal> Registry::refusals() const {
  std::vector<Refusal> all;
  for (const auto& [file, refusal] : state_->refusals) all.push_back(refusal);
  return all;
}

std::size_t Registry::refused_count() const noexcept { return state_->refusals.size(); }

std::size_t Registry::pinned_count() const noexcept { return state_->departures.pinned_count(); }

fs::path Registry::file_of(std::string_view id) const {
  const Plugin* plugin = state_->lineup.of_id(id);
  return plugin == nullptr ? fs::path() : plugin->live.file;
}

fs::path Registry::copy_of(const fs::path& file) const {
  const Plugin* plugin = state_->lineup.of_file(file);
  return plugin == nullptr ? fs::path() : plugin->live.staged.path;
}

std::vector<Route> Registry::routes() const { return state_->lineup.routes(); }

void Registry::visit_metrics(const PluginMetricVisitor& visit) const {
  state_->services->metrics().visit(visit);
}

}  // namespace hookhost::plugin
