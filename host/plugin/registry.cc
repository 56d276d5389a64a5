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
#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/staging.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPluginsMax = 1024;  // of one folder; more is a wrong folder

RefusedPlugin refused(const fs::path& file, const Error& error) {
  return {file, error.message, error.fix};
}

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
  if (endpoint.body_bytes_max != 0) route.body_bytes_max = endpoint.body_bytes_max;
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

// What a file has become on its way through the steps.
struct Candidate {
  fs::path file;
  StagedFile staged;
  ElfReport elf;
  std::optional<Error> error;
  bool is_disabled = false;
  bool is_known = false;  // its bytes serve already, or were refused before
};

}  // namespace

struct Registry::State {
  State(RegistryOptions its_options, HostDependencies dependencies, SettingsSource its_settings)
      : options(std::move(its_options)),
        clock(dependencies.clock),
        log(dependencies.log),
        settings(std::move(its_settings)),
        services(std::make_shared<HostServices>(
            HostServicesOptions{options.host_version, options.warns_experimental, true},
            std::move(dependencies))) {
    options.probe.host_version = options.host_version;
  }

  LoadReport load(std::vector<Candidate> candidates);
  void stage(Candidate& candidate);
  void try_in_child(std::vector<Candidate>& candidates);
  Result<LoadedPlugin> bring_up(Candidate& candidate);
  bool is_known(const Candidate& candidate) const;
  Status check_conflicts(const Generation& newcomer, const fs::path& file) const;
  RetireReport retire(std::shared_ptr<Generation> generation, const StagedFile& staged);

  // One generation of one file.
  struct Plugin {
    fs::path file;
    std::shared_ptr<Generation> generation;
    StagedFile staged;
  };
  const Plugin* live_of(const fs::path& file) const;
  void let_leave(std::vector<Plugin> from, const std::vector<Plugin>& staying,
                 const std::weak_ptr<const routing::RouteTable>& way);

  // One that was replaced or removed, until it has ended.
  struct Leaver {
    Plugin plugin;
    std::weak_ptr<const routing::RouteTable> way;  // requests may reach it as long as this lives
    MonotonicTime since;
  };

  RegistryOptions options;
  const Clock& clock;
  LogSink& log;
  SettingsSource settings;
  std::shared_ptr<HostServices> services;
  std::optional<StageFolder> folder;
  std::vector<Plugin> plugins;  // live, in the order in which they were loaded
  std::vector<Plugin> before;   // what was live before update()
  std::vector<Leaver> leavers;
  std::map<std::string, std::uint64_t> generations;  // of each plugin id, the newest
  std::map<fs::path, std::string> refused_sha256;    // of what was refused last
};

Registry::Registry(RegistryOptions options, HostDependencies dependencies, SettingsSource settings)
    : state_(std::make_unique<State>(std::move(options), std::move(dependencies),
                                     std::move(settings))) {}

Registry::~Registry() { shut_down(); }

LoadReport Registry::load_directory(const fs::path& folder) {
  std::error_code error;
  std::vector<Candidate> candidates;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (!is_plugin_file(entries->path().filename().native())) continue;
    candidates.emplace_back();
    candidates.back().file = entries->path();
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
  std::vector<Candidate> candidates(1);
  candidates.front().file = file;
  return state_->load(std::move(candidates));
}

LoadReport Registry::State::load(std::vector<Candidate> candidates) {
  LoadReport report;
  for (Candidate& candidate : candidates) stage(candidate);
  if (options.is_probed) try_in_child(candidates);
  for (Candidate& candidate : candidates) {
    if (!candidate.is_disabled && !candidate.is_known && !candidate.error) {
      auto loaded = bring_up(candidate);
      if (loaded) {
        refused_sha256.erase(candidate.file);
        report.loaded.push_back(std::move(*loaded));
        continue;
      }
      candidate.error = std::move(loaded).error();
    }
    if (folder) folder->remove(candidate.staged);
    if (candidate.is_known) {
      // Back to what serves: a bad build that came in between is forgotten.
      if (const Plugin* live = live_of(candidate.file);
          live != nullptr && live->staged.sha256 == candidate.staged.sha256)
        refused_sha256.erase(candidate.file);
      continue;
    }
    if (candidate.is_disabled) {
      report.disabled.push_back(candidate.file);
      continue;
    }
    refused_sha256[candidate.file] = candidate.staged.sha256;
    report.refused.push_back(refused(candidate.file, *candidate.error));
    if (const Plugin* live = live_of(candidate.file))
      report.refused.back().stays = live->generation->number();
  }
  return report;
}

bool Registry::State::is_known(const Candidate& candidate) const {
  if (const Plugin* live = live_of(candidate.file);
      live != nullptr && live->staged.sha256 == candidate.staged.sha256)
    return true;
  const auto bad = refused_sha256.find(candidate.file);
  return bad != refused_sha256.end() && bad->second == candidate.staged.sha256;
}

const Registry::State::Plugin* Registry::State::live_of(const fs::path& file) const {
  const auto found = std::find_if(plugins.begin(), plugins.end(),
                                  [&](const Plugin& plugin) { return plugin.file == file; });
  return found == plugins.end() ? nullptr : &*found;
}

void Registry::State::stage(Candidate& candidate) {
  // The name is only a guess at the id, but one that keeps disabled code from being touched.
  candidate.is_disabled = !settings(candidate.file.stem().native()).enabled;
  if (candidate.is_disabled) return;
  if (!folder) {
    auto created = StageFolder::create(options.stage_dir);
    if (!created) {
      candidate.error = std::move(created).error();
      return;
    }
    folder.emplace(std::move(*created));
  }
  auto staged = folder->stage(candidate.file);
  if (!staged) {
    candidate.error = std::move(staged).error();
    return;
  }
  candidate.staged = std::move(*staged);
  candidate.is_known = is_known(candidate);
  if (candidate.is_known) return;
  auto elf = inspect(candidate.staged.path);
  if (elf) {
    candidate.elf = std::move(*elf);
  } else {
    candidate.error = std::move(elf).error();
  }
}

void Registry::State::try_in_child(std::vector<Candidate>& candidates) {
  std::vector<ProbeSubject> subjects;
  std::vector<Candidate*> tried;
  for (Candidate& candidate : candidates) {
    if (candidate.error || candidate.is_disabled || candidate.is_known) continue;
    subjects.push_back({candidate.staged.path, candidate.file.filename().native()});
    tried.push_back(&candidate);
  }
  std::vector<ProbeReport> reports = probe(subjects, options.probe, settings);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    tried[i]->is_disabled = reports[i].is_disabled;
    if (reports[i].is_good || reports[i].is_disabled) continue;
    tried[i]->error =
        Error{ErrorCode::kInvalid, std::move(reports[i].reason), std::move(reports[i].fix)};
  }
}

Status Registry::State::check_conflicts(const Generation& newcomer, const fs::path& file) const {
  for (const Plugin& plugin : plugins) {
    if (plugin.file == file) continue;  // it takes that one's place
    const Manifest& theirs = plugin.generation->manifest();
    const Manifest& ours = newcomer.manifest();
    if (theirs.id == ours.id)
      return Error{
          ErrorCode::kInvalid,
          fmt::format("plugin id \"{}\" is taken by {}", ours.id, plugin.generation->file_name()),
          "remove one of the two files, or give the plugin another id"};
    for (const EndpointManifest& their : theirs.endpoints) {
      for (const EndpointManifest& our : ours.endpoints) {
        if (!is_same_route(their.path, our.path)) continue;
        // Seed row P09, and what the operator needs to find both.
        return Error{ErrorCode::kInvalid, fmt::format("Webhook {} already exists.", our.path),
                     fmt::format("first:  {}, endpoint {}\nsecond: {}, endpoint {}   (refused)",
                                 plugin.generation->file_name(), their.name, newcomer.file_name(),
                                 our.name)};
      }
    }
  }
  return {};
}

Result<LoadedPlugin> Registry::State::bring_up(Candidate& candidate) {
  const std::string name = candidate.file.filename().native();
  auto loaded = Generation::load({candidate.staged.path, name, candidate.elf}, services);
  if (!loaded) return std::move(loaded).error();
  std::shared_ptr<Generation> generation = std::move(*loaded);
  const Manifest& manifest = generation->manifest();
  PluginSettings of_plugin = settings(manifest.id);
  candidate.is_disabled = !of_plugin.enabled;  // its file had another name than it has
  Status status = candidate.is_disabled
                      ? Status(Error{ErrorCode::kDenied, "disabled by the operator", {}})
                      : check_conflicts(*generation, candidate.file);
  const std::uint64_t number = generations[manifest.id] + 1;
  if (status) status = generation->create(number, std::move(of_plugin));
  if (status) status = generation->activate();
  if (!status) {
    retire(std::move(generation), candidate.staged);
    return std::move(status).error();
  }
  generations[manifest.id] = number;
  LoadedPlugin out = describe(candidate.file, *generation);
  for (std::string& note : notes_about(candidate.elf)) out.notes.push_back(std::move(note));
  if ((manifest.flags & HOOKHOST_PLUGIN_ISOLATE_PREFERRED) != 0)
    out.notes.emplace_back(
        "it would rather run in a worker process; it runs in this one, as trusted code");
  const auto same_file = [&](const Plugin& plugin) { return plugin.file == candidate.file; };
  const auto previous = std::find_if(plugins.begin(), plugins.end(), same_file);
  Plugin plugin{candidate.file, std::move(generation), candidate.staged};
  if (previous == plugins.end()) {
    plugins.push_back(std::move(plugin));
  } else {
    out.replaces = previous->generation->number();
    *previous = std::move(plugin);  // update() has kept it
  }
  return out;
}

RetireReport Registry::State::retire(std::shared_ptr<Generation> generation,
                                     const StagedFile& staged) {
  const RetireReport report = generation->retire(options.drain);
  if (folder) folder->remove(staged);
  const bool wants_to_stay = (generation->manifest().flags & HOOKHOST_PLUGIN_KEEP_LOADED) != 0;
  if (!report.was_unmapped && !wants_to_stay) {
    LogLine line;
    line.level = report.held != 0 ? LogLevel::kError : LogLevel::kWarn;
    const std::string message = fmt::format("{}: its code stays in memory: {}",
                                            generation->file_name(), report.pinned_reason);
    line.plugin = generation->manifest().id;
    line.generation = generation->number();
    line.message = message;
    log.write(line);
  }
  if (report.held != 0) Generation::keep_for_ever(std::move(generation));
  return report;
}

LoadReport Registry::update(const std::vector<FolderChange>& changes) {
  State& state = *state_;
  state.before = state.plugins;
  std::vector<Candidate> candidates;
  std::vector<LoadedPlugin> removed;
  for (const FolderChange& change : changes) {
    if (change.kind == FolderChange::Kind::kSettled) {
      candidates.emplace_back();
      candidates.back().file = change.file;
    } else if (change.kind == FolderChange::Kind::kGone) {
      state.refused_sha256.erase(change.file);
      if (const State::Plugin* live = state.live_of(change.file)) {
        removed.push_back(describe(change.file, *live->generation));
        state.plugins.erase(state.plugins.begin() + (live - state.plugins.data()));
      }
    }
  }
  LoadReport report = state.load(std::move(candidates));
  report.removed = std::move(removed);
  return report;
}

// Those of one set that are not in the other.
void Registry::State::let_leave(std::vector<Plugin> from, const std::vector<Plugin>& staying,
                                const std::weak_ptr<const routing::RouteTable>& way) {
  for (Plugin& plugin : from) {
    const auto stays = [&](const Plugin& other) { return other.generation == plugin.generation; };
    if (std::none_of(staying.begin(), staying.end(), stays))
      leavers.push_back({std::move(plugin), way, clock.monotonic_now()});
  }
}

void Registry::commit(std::weak_ptr<const routing::RouteTable> before) {
  state_->let_leave(std::exchange(state_->before, {}), state_->plugins, before);
}

void Registry::undo() {
  std::vector<State::Plugin> newcomers = std::exchange(state_->plugins, state_->before);
  for (const State::Plugin& newcomer : newcomers) {
    if (state_->live_of(newcomer.file) == nullptr ||
        state_->live_of(newcomer.file)->generation != newcomer.generation)
      state_->refused_sha256[newcomer.file] = newcomer.staged.sha256;
  }
  state_->let_leave(std::move(newcomers), state_->before, {});  // no request ever reached them
  state_->before.clear();
}

std::vector<DrainedPlugin> Registry::let_go_replaced() {
  std::vector<DrainedPlugin> ended;
  const MonotonicTime now = state_->clock.monotonic_now();
  std::erase_if(state_->leavers, [&](State::Leaver& leaver) {
    Generation& generation = *leaver.plugin.generation;
    const bool is_free = leaver.way.expired() && generation.uses().count() == 0;
    if (!is_free && now - leaver.since < state_->options.swap_drain) return false;
    DrainedPlugin drained{.file = generation.file_name(), .generation = generation.number()};
    const RetireReport report =
        state_->retire(std::move(leaver.plugin.generation), leaver.plugin.staged);
    drained.cut_off = report.held;
    drained.pinned_reason = report.pinned_reason;
    drained.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        state_->clock.monotonic_now() - leaver.since);
    ended.push_back(std::move(drained));
    return true;
  });
  return ended;
}

bool Registry::is_draining() const noexcept { return !state_->leavers.empty(); }

std::size_t Registry::refused_count() const noexcept { return state_->refused_sha256.size(); }

std::vector<Route> Registry::routes() const {
  std::vector<Route> routes;
  for (const State::Plugin& plugin : state_->plugins) {
    for (std::size_t i = 0; i < plugin.generation->manifest().endpoints.size(); ++i)
      routes.push_back(route_of(plugin.generation, i));
  }
  return routes;
}

void Registry::visit_metrics(const PluginMetricVisitor& visit) const {
  state_->services->metrics().visit(visit);
}

void Registry::shut_down() noexcept {
  commit({});  // of an update() that nobody followed up
  for (State::Leaver& leaver : std::exchange(state_->leavers, {}))
    state_->retire(std::move(leaver.plugin.generation), leaver.plugin.staged);
  // The last loaded goes first, as everywhere where something is taken down.
  while (!state_->plugins.empty()) {
    State::Plugin plugin = std::move(state_->plugins.back());
    state_->plugins.pop_back();
    state_->retire(std::move(plugin.generation), plugin.staged);
  }
  state_->folder.reset();
}

}  // namespace hookhost::plugin
