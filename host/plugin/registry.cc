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
#include "plugin/loader.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPluginsMax = 1024;  // of one folder; more is a wrong folder

Route route_of(const std::shared_ptr<Generation>& generation, std::size_t index) {
  const Manifest& manifest = generation->manifest();
  const EndpointManifest& endpoint = manifest.endpoints[index];
  Route route;
  route.name = endpoint.name;
  route.path = endpoint.path;
  route.plugin = generation->file_name();
  route.plugin_id = manifest.id;
  route.generation = generation->number();
  route.doc = endpoint.doc;
  route.events = endpoint.events;
  route.form = endpoint.form;
  route.place = endpoint.place;
  route.ack = endpoint.ack;
  route.on_failure = endpoint.on_failure;
  if (endpoint.deadline.count() != 0) route.timeout = endpoint.deadline;
  route.body_bytes_max = endpoint.body_bytes_max;
  route.concurrency_max = endpoint.concurrency_max;
  route.is_idempotent = endpoint.is_idempotent;
  route.handler = Generation::handler(generation, index);
  return route;
}

LoadedPlugin describe(const fs::path& file, const Generation& generation) {
  const Manifest& manifest = generation.manifest();
  LoadedPlugin out{.file = file,
                   .id = manifest.id,
                   .version = manifest.version,
                   .build_id = manifest.build_id,
                   .generation = generation.number(),
                   .replaces = 0,
                   .routes = {},
                   .notes = manifest.notes};
  for (const EndpointManifest& endpoint : manifest.endpoints) out.routes.push_back(endpoint.path);
  return out;
}

struct StateName {
  GenerationState state;
  std::string_view name;
};
constexpr StateName kStateNames[] = {
    {GenerationState::kLive, "live"},       {GenerationState::kProbation, "probation"},
    {GenerationState::kStandby, "standby"}, {GenerationState::kDraining, "draining"},
    {GenerationState::kEnding, "ending"},   {GenerationState::kPinned, "pinned"},
};

// Who still uses a replaced generation is on the hot path and wakes nobody.
constexpr std::chrono::milliseconds kDrainLook{5};
// So late a bad build is noticed at most; a look costs some sums.
constexpr std::chrono::milliseconds kProbationLook{50};

}  // namespace

std::string_view name_of(GenerationState state) noexcept {
  return kStateNames[static_cast<std::size_t>(state)].name;
}

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

  // One file that serves.
  struct Plugin {
    Build live;
    std::optional<Build> standby;  // there is one: live is on probation
    WayTo way_to_standby = {};     // of requests that were routed before it was replaced
    MonotonicTime live_since{};
    SystemTime since{};
    bool has_failed_probation = false;  // was told
    StagedFile kept = {};  // the bytes of the last build that had its turn and proved itself
  };
  LoadReport load(std::vector<Candidate> candidates);
  Result<LoadedPlugin> bring_up(Candidate& candidate);
  bool is_known(const Candidate& candidate) const;
  Status check_conflicts(const Generation& newcomer, const fs::path& file) const;
  void refuse(const Candidate& candidate, LoadReport& report);
  std::uint64_t stays(const fs::path& file) const;
  const Plugin* plugin_of(const fs::path& file) const;
  Plugin* plugin_of_id(std::string_view id);
  bool is_kept(const StagedFile& staged) const;
  GenerationStatus describe(const Build& build, GenerationState state, SystemTime since) const;

  void part(const std::vector<Plugin>& from, std::vector<Plugin>& staying, const WayTo* way);
  void judge_probations(std::vector<PluginEvent>& events);
  void drop_copy(const StagedFile& staged);

  RegistryOptions options;
  const Clock& clock;
  LogSink& log;
  SettingsSource settings;
  std::shared_ptr<HostServices> services;
  Loader loader;
  std::vector<Plugin> plugins;  // in the order in which they were loaded
  std::vector<Plugin> before;   // what they were before update()
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
  state.before = state.plugins;
  std::vector<Candidate> candidates;
  std::vector<LoadedPlugin> removed;
  for (const FolderChange& change : changes) {
    if (change.kind == FolderChange::Kind::kSettled) {
      candidates.emplace_back(change.file);
    } else if (change.kind == FolderChange::Kind::kGone) {
      state.refusals.erase(change.file);
      if (const State::Plugin* plugin = state.plugin_of(change.file)) {
        removed.push_back(describe(change.file, *plugin->live.generation));
        state.plugins.erase(state.plugins.begin() + (plugin - state.plugins.data()));
      }
    }
  }
  LoadReport report = state.load(std::move(candidates));
  report.removed = std::move(removed);
  return report;
}

LoadReport Registry::deploy(const fs::path& source, const fs::path& file) {
  state_->before = state_->plugins;
  std::vector<Candidate> candidates;
  candidates.emplace_back(file, source);
  candidates.back().is_wanted = true;
  return state_->load(std::move(candidates));
}

LoadReport Registry::reload(const std::vector<fs::path>& files) {
  State& state = *state_;
  state.before = state.plugins;
  std::vector<Candidate> candidates;
  for (const fs::path& file : files) candidates.emplace_back(file).is_wanted = true;
  LoadReport report = state.load(std::move(candidates));
  for (const fs::path& file : report.disabled) {
    const State::Plugin* plugin = state.plugin_of(file);
    if (plugin == nullptr) continue;
    report.removed.push_back(describe(file, *plugin->live.generation));
    state.plugins.erase(state.plugins.begin() + (plugin - state.plugins.data()));
  }
  return report;
}

LoadReport Registry::State::load(std::vector<Candidate> candidates) {
  for (Candidate& candidate : candidates) {
    if (Status room = departures.check_room(candidate.file); !room) candidate.error = room.error();
  }
  loader.prepare(candidates, [this](const Candidate& candidate) { return is_known(candidate); });
  LoadReport report;
  for (Candidate& candidate : candidates) {
    if (!candidate.is_disabled && !candidate.is_known && !candidate.error) {
      auto loaded = bring_up(candidate);
      if (loaded) {
        refusals.erase(candidate.file);
        report.loaded.push_back(std::move(*loaded));
        continue;
      }
      candidate.error = std::move(loaded).error();
    } else {
      loader.discard(candidate.staged);
    }
    if (candidate.is_known) {
      // Back to what serves: a bad build that came in between is forgotten.
      if (const Plugin* plugin = plugin_of(candidate.file);
          plugin != nullptr && plugin->live.staged.sha256 == candidate.staged.sha256)
        refusals.erase(candidate.file);
    } else if (candidate.is_disabled) {
      report.disabled.push_back(candidate.file);
    } else {
      refuse(candidate, report);
    }
  }
  return report;
}

void Registry::State::refuse(const Candidate& candidate, LoadReport& report) {
  report.refused.push_back(
      {candidate.file, candidate.error->message, candidate.error->fix, stays(candidate.file)});
  // What somebody asked for by name is judged anew every time, and does not lie in the folder.
  if (!candidate.is_wanted)
    refusals[candidate.file] = {report.refused.back(), candidate.staged.sha256, clock.now()};
}

bool Registry::State::is_known(const Candidate& candidate) const {
  if (candidate.is_wanted) return false;
  if (const Plugin* plugin = plugin_of(candidate.file);
      plugin != nullptr && plugin->live.staged.sha256 == candidate.staged.sha256)
    return true;
  const auto bad = refusals.find(candidate.file);
  return bad != refusals.end() && bad->second.sha256 == candidate.staged.sha256;
}

const Registry::State::Plugin* Registry::State::plugin_of(const fs::path& file) const {
  const auto found = std::find_if(plugins.begin(), plugins.end(),
                                  [&](const Plugin& plugin) { return plugin.live.file == file; });
  return found == plugins.end() ? nullptr : &*found;
}

Registry::State::Plugin* Registry::State::plugin_of_id(std::string_view id) {
  const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const Plugin& plugin) {
    return plugin.live.generation->manifest().id == id;
  });
  return found == plugins.end() ? nullptr : &*found;
}

std::uint64_t Registry::State::stays(const fs::path& file) const {
  const Plugin* plugin = plugin_of(file);
  return plugin == nullptr ? 0 : plugin->live.generation->number();
}

Status Registry::State::check_conflicts(const Generation& newcomer, const fs::path& file) const {
  for (const Plugin& plugin : plugins) {
    if (plugin.live.file == file) continue;  // it takes that one's place
    const Manifest& theirs = plugin.live.generation->manifest();
    const Manifest& ours = newcomer.manifest();
    const std::string& their_file = plugin.live.generation->file_name();
    if (theirs.id == ours.id)
      return Error{ErrorCode::kInvalid,
                   fmt::format("plugin id \"{}\" is taken by {}", ours.id, their_file),
                   "remove one of the two files, or give the plugin another id"};
    for (const EndpointManifest& their : theirs.endpoints) {
      for (const EndpointManifest& our : ours.endpoints) {
        if (!is_same_route(their.path, our.path)) continue;
        // Seed row P09, and what the operator needs to find both.
        return Error{ErrorCode::kInvalid, fmt::format("Webhook {} already exists.", our.path),
                     fmt::format("first:  {}, endpoint {}\nsecond: {}, endpoint {}   (refused)",
                                 their_file, their.name, newcomer.file_name(), our.name)};
      }
    }
  }
  return {};
}

Result<LoadedPlugin> Registry::State::bring_up(Candidate& candidate) {
  const auto admit = [&](const Generation& newcomer) -> Result<std::uint64_t> {
    if (Status fits = check_conflicts(newcomer, candidate.file); !fits) return fits.error();
    return generations[newcomer.manifest().id] + 1;
  };
  auto brought = loader.bring_up(candidate, admit, departures);
  if (!brought) return std::move(brought).error();
  Build build = *std::move(brought);
  const Manifest& manifest = build.generation->manifest();
  generations[manifest.id] = build.generation->number();
  LoadedPlugin out = plugin::describe(candidate.file, *build.generation);
  for (std::string& note : notes_about(candidate.elf)) out.notes.push_back(std::move(note));
  if ((manifest.flags & HOOKHOST_PLUGIN_ISOLATE_PREFERRED) != 0)
    out.notes.emplace_back(
        "it would rather run in a worker process; it runs in this one, as trusted code");

  Plugin next{.live = std::move(build),
              .standby = {},
              .live_since = clock.monotonic_now(),
              .since = clock.now()};
  const Plugin* previous = plugin_of(candidate.file);
  if (previous == nullptr) {
    plugins.push_back(std::move(next));
    return out;
  }
  out.replaces = previous->live.generation->number();
  next.kept = previous->kept;
  if (options.probation.time.count() != 0) {
    // The way back is the last build that proved itself, not one that is on probation too.
    next.standby = previous->standby ? previous->standby : previous->live;
    next.way_to_standby = previous->way_to_standby;
  } else {
    next.kept = previous->live.staged;
  }
  plugins[static_cast<std::size_t>(previous - plugins.data())] = std::move(next);  // see before
  return out;
}

// ---- Going back

Result<LoadedPlugin> Registry::roll_back(std::string_view id, std::string_view reason) {
  State& state = *state_;
  state.before = state.plugins;
  State::Plugin* plugin = state.plugin_of_id(id);
  if (plugin == nullptr)
    return Error{ErrorCode::kNotFound, fmt::format("no plugin \"{}\" is loaded", printable(id)),
                 "hookhost plugins lists them"};
  const std::uint64_t bad = plugin->live.generation->number();
  const fs::path file = plugin->live.file;
  const Refusal rolled_back{{file, fmt::format("gen {} was rolled back: {}", bad, reason), {}, 0},
                            plugin->live.staged.sha256,
                            state.clock.now()};
  LoadedPlugin out;
  if (plugin->standby) {
    *plugin = {.live = std::move(*plugin->standby),
               .standby = {},
               .live_since = state.clock.monotonic_now(),
               .since = state.clock.now(),
               .kept = plugin->kept};
    out = describe(file, *plugin->live.generation);
    out.replaces = bad;
  } else if (!plugin->kept.path.empty()) {
    std::vector<Candidate> candidates;
    candidates.emplace_back(file, plugin->kept.path);
    candidates.back().is_wanted = candidates.back().is_probed = true;
    LoadReport report = state.load(std::move(candidates));
    if (report.loaded.empty()) {
      if (report.refused.empty()) return Error{ErrorCode::kInvalid, "it is disabled", {}};
      return Error{ErrorCode::kInvalid, std::move(report.refused.front().reason),
                   std::move(report.refused.front().fix)};
    }
    out = std::move(report.loaded.front());
    // The bad one is no way back.
    if (State::Plugin* now = state.plugin_of_id(id); now != nullptr) {
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
  std::vector<State::Plugin> newcomers = std::exchange(state.plugins, state.before);
  for (const State::Plugin& newcomer : newcomers) {
    const State::Plugin* stays = state.plugin_of(newcomer.live.file);
    if (stays != nullptr && stays->live.generation == newcomer.live.generation) continue;
    if (stays != nullptr && stays->standby &&
        stays->standby->generation == newcomer.live.generation)
      continue;  // it was to be gone back to
    if (reason.empty()) continue;
    state.refusals[newcomer.live.file] = {
        {newcomer.live.file, std::string(reason), {}, state.stays(newcomer.live.file)},
        newcomer.live.staged.sha256,
        state.clock.now()};
  }
  state.part(newcomers, state.plugins, nullptr);
  state.before.clear();
}

void Registry::commit(std::weak_ptr<const routing::RouteTable> before) {
  State& state = *state_;
  const std::vector<State::Plugin> was = std::exchange(state.before, {});
  state.part(was, state.plugins, &before);
  for (const State::Plugin& plugin : was) {
    if (!plugin.kept.path.empty()) state.drop_copy(plugin.kept);
  }
}

// Those of one set that are not in the other leave; those that only stand by now are drained. way:
// to those that served; nullptr: no request ever reached them.
void Registry::State::part(const std::vector<Plugin>& from, std::vector<Plugin>& staying,
                           const WayTo* way) {
  const auto serves = [&](const Build& build) {
    return std::any_of(staying.begin(), staying.end(), [&](const Plugin& plugin) {
      return plugin.live.generation == build.generation;
    });
  };
  const auto where_it_stands_by = [&](const Build& build) {
    return std::find_if(staying.begin(), staying.end(), [&](const Plugin& plugin) {
      return plugin.standby && plugin.standby->generation == build.generation;
    });
  };
  for (const Plugin& plugin : from) {
    if (!serves(plugin.live)) {
      const WayTo way_to_it = way == nullptr ? WayTo() : *way;
      if (way != nullptr) departures.drain(plugin.live, way_to_it);
      if (const auto place = where_it_stands_by(plugin.live); place != staying.end()) {
        place->way_to_standby = way_to_it;
      } else {
        departures.leave(plugin.live, way_to_it);
      }
    }
    if (!plugin.standby) continue;
    if (serves(*plugin.standby)) {
      departures.forget_drain(*plugin.standby->generation);
    } else if (where_it_stands_by(*plugin.standby) == staying.end()) {
      departures.leave(*plugin.standby, plugin.way_to_standby);
    }
  }
}

// ---- Ending

std::vector<PluginEvent> Registry::tend() {
  std::vector<PluginEvent> events;
  state_->judge_probations(events);
  for (const Drained& drained : state_->departures.tend())
    events.push_back({.kind = PluginEvent::Kind::kDrained,
                      .file = drained.build.generation->file_name(),
                      .id = drained.build.generation->manifest().id,
                      .generation = drained.build.generation->number(),
                      .took = drained.took,
                      .cut_off = drained.cut_off});
  return events;
}

void Registry::State::judge_probations(std::vector<PluginEvent>& events) {
  const MonotonicTime now = clock.monotonic_now();
  for (Plugin& plugin : plugins) {
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
  const auto is_needed = [&](const Plugin& plugin) {
    return plugin.kept.path == staged.path || plugin.live.staged.path == staged.path ||
           (plugin.standby && plugin.standby->staged.path == staged.path);
  };
  if (std::none_of(plugins.begin(), plugins.end(), is_needed)) loader.discard(staged);
}

bool Registry::is_departing() const noexcept { return state_->departures.is_busy(); }

MonotonicTime Registry::tend_by() const noexcept {
  const State& state = *state_;
  const MonotonicTime now = state.clock.monotonic_now();
  if (state.departures.is_busy()) return now + kDrainLook;
  const MonotonicTime next_look = state.departures.next_look();
  const bool is_on_probation =
      std::any_of(state.plugins.begin(), state.plugins.end(),
                  [](const State::Plugin& plugin) { return plugin.standby.has_value(); });
  return is_on_probation ? std::min(next_look, now + kProbationLook) : next_look;
}

void Registry::shut_down() noexcept {
  State& state = *state_;
  commit({});  // of an update() that nobody followed up
  state.departures.finish();
  // The last loaded goes first, as everywhere where something is taken down.
  while (!state.plugins.empty()) {
    State::Plugin plugin = std::move(state.plugins.back());
    state.plugins.pop_back();
    state.departures.leave(std::move(plugin.live), {});
    if (plugin.standby) state.departures.leave(std::move(*plugin.standby), {});
    state.departures.finish();
  }
  state.loader.close();
}

// ---- What there is

GenerationStatus Registry::State::describe(const Build& build, GenerationState its_state,
                                           SystemTime since) const {
  const Generation& generation = *build.generation;
  GenerationStatus status{.id = generation.manifest().id,
                          .version = generation.manifest().version,
                          .file = generation.file_name(),
                          .build_id = generation.manifest().build_id,
                          .sha256 = build.staged.sha256,
                          .generation = generation.number(),
                          .state = its_state,
                          .routes = {},
                          .in_flight = std::max<std::int64_t>(0, generation.in_flight()),
                          .tally = generation.tally(),
                          .since = since};
  if (its_state == GenerationState::kLive || its_state == GenerationState::kProbation) {
    for (const EndpointManifest& endpoint : generation.manifest().endpoints)
      status.routes.push_back(endpoint.path);
  }
  return status;
}

std::vector<GenerationStatus> Registry::status() const {
  const State& state = *state_;
  std::vector<GenerationStatus> all;
  for (const State::Plugin& plugin : state.plugins)
    all.push_back(state.describe(
        plugin.live, plugin.standby ? GenerationState::kProbation : GenerationState::kLive,
        plugin.since));
  for (const State::Plugin& plugin : state.plugins) {
    if (plugin.standby)
      all.push_back(state.describe(*plugin.standby, GenerationState::kStandby, plugin.since));
  }
  constexpr GenerationState kOnTheWayOut[] = {GenerationState::kDraining, GenerationState::kEnding,
                                              GenerationState::kPinned};
  state.departures.visit([&](const Build& build, Departures::Stage stage, SystemTime since,
                             const std::string& reason) {
    all.push_back(state.describe(build, kOnTheWayOut[static_cast<std::size_t>(stage)], since));
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
  const State::Plugin* plugin = state_->plugin_of_id(id);
  return plugin == nullptr ? fs::path() : plugin->live.file;
}

fs::path Registry::copy_of(const fs::path& file) const {
  const State::Plugin* plugin = state_->plugin_of(file);
  return plugin == nullptr ? fs::path() : plugin->live.staged.path;
}

std::vector<Route> Registry::routes() const {
  std::vector<Route> routes;
  for (const State::Plugin& plugin : state_->plugins) {
    for (std::size_t i = 0; i < plugin.live.generation->manifest().endpoints.size(); ++i)
      routes.push_back(route_of(plugin.live.generation, i));
  }
  return routes;
}

void Registry::visit_metrics(const PluginMetricVisitor& visit) const {
  state_->services->metrics().visit(visit);
}

}  // namespace hookhost::plugin
