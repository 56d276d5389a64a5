// SPDX-License-Identifier: Apache-2.0
#include "app/app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "admin/admin.h"
#include "app/build_facts.h"
#include "app/front_door.h"
#include "app/plugin_log.h"
#include "app/route_plan.h"
#include "app/start_checks.h"
#include "app/swap_line.h"
#include "base/text.h"
#include "dispatch/dispatcher.h"
#include "intake/intake.h"
#include "pages/pages.h"
#include "plugin/folder_watch.h"
#include "telemetry/delivery_log.h"
#include "telemetry/exposition.h"
#include "telemetry/metrics.h"
#include "telemetry/process_metrics.h"

namespace hookhost::app {
namespace {

using std::chrono::milliseconds;

void collect_door(const http::EventLoops& loops, telemetry::MetricSet& set) {
  const http::DoorStats stats = loops.stats();
  set.add("hookhost_connections_open", static_cast<double>(stats.connections_open));
  set.add("hookhost_connections_total", static_cast<double>(stats.connections_accepted));
  set.add("hookhost_accept_pauses_total", static_cast<double>(stats.accept_pauses));
  set.add("hookhost_requests_total", static_cast<double>(stats.requests));
  set.add("hookhost_answers_total", static_cast<double>(stats.answers));
  set.add("hookhost_body_bytes_total", static_cast<double>(stats.body_bytes));
  for (const auto& [rule, count] : stats.refused) {
    if (count == 0) continue;
    set.add("hookhost_refusals_total", static_cast<double>(count), {{"rule", std::string(rule)}});
  }
}

void collect_plugins(const plugin::Registry& registry, telemetry::MetricSet& set) {
  registry.visit_metrics([&](const plugin::PluginMetricSample& sample) {
    telemetry::Labels labels;
    for (const plugin::LogField& label : sample.labels) {
      labels.emplace_back(std::string(label.name), std::string(label.value));
    }
    set.add_foreign(
        sample.name, sample.help,
        sample.is_counter ? telemetry::MetricType::kCounter : telemetry::MetricType::kGauge,
        sample.value, std::move(labels));
  });
}

// Names the file, what was found and what to do; stops nothing.
void tell(const plugin::RefusedPlugin& refused, telemetry::Log& log) {
  const std::string file = refused.file.filename().native();
  if (!log.is_pretty()) {
    log.write(telemetry::Level::kError, "plugin refused",
              {{"plugin", file}, {"reason", refused.reason}, {"fix", refused.fix}});
    return;
  }
  std::string text =
      fmt::format("error: {} refused: {}\n", printable(file), printable(refused.reason));
  if (!refused.fix.empty()) text += fmt::format("  fix: {}\n", printable(refused.fix));
  log.print(text);
}

}  // namespace

// Makes a loop let go of the table before although no request comes.
struct NewRoutes : Work {
  NewRoutes(intake::Intake& of, Loop& on) noexcept : Work(&look), intake(of), loop(on) {}
  void post() noexcept {
    if (!is_posted.exchange(true)) loop.post(*this);
  }
  static void look(Work& work) noexcept {
    auto& self = static_cast<NewRoutes&>(work);
    self.is_posted.store(false);
    self.intake.look_for_new_routes(self.loop);
  }
  intake::Intake& intake;
  Loop& loop;
  std::atomic<bool> is_posted{false};
};

struct PendingSwap {
  SwapLine line;
  MonotonicTime since;
  bool is_told = false;  // that it still drains
};
// A drain that takes longer gets a line of its own.
constexpr milliseconds kLineWaitsMax{1000};
// Who still uses a replaced generation is on the hot path and wakes nobody.
constexpr milliseconds kDrainLook{5};

// In the order in which they are built; destroyed in reverse.
struct App::Rooms {
  Rooms(Config given, AppOptions app_options, const Environment& environment,
        telemetry::Log& host_log, const Clock& host_clock)
      : config(std::move(given)),
        options(std::move(app_options)),
        log(host_log),
        clock(host_clock),
        loops({.count = config.loops,
               .limits = config.limits,
               .log = [this](std::string_view line) { log.write(telemetry::Level::kWarn, line); }},
              clock),
        metrics(loops.count()),
        delivery_log(log, metrics, clock, loops.count()),
        plugin_log(log),
        pool({.threads = config.pool_threads, .queue_max = config.pool_queue_max}),
        registry({.stage_dir = stage_folder(config, environment),
                  .host_version = HOOKHOST_VERSION,
                  .probe = {.host_version = HOOKHOST_VERSION},
                  .warns_experimental = config.warns_experimental,
                  .swap_drain = config.swap_drain_timeout},
                 {clock, plugin_log, [this](Work& work) { return pool.try_post(work); }},
                 [this](std::string_view id) { return config.settings_of(id); }),
        dispatcher(pool, loops.count()) {}

  Config config;
  const AppOptions options;
  telemetry::Log& log;
  const Clock& clock;
  StartReport report;

  http::EventLoops loops;
  telemetry::Metrics metrics;
  telemetry::DeliveryLog delivery_log;
  PluginLog plugin_log;
  dispatch::WorkerPool pool;
  plugin::Registry registry;
  dispatch::Dispatcher dispatcher;
  std::atomic<bool> is_draining{false};
  bool is_stopped = false;
  std::uint64_t hung = 0;  // calls that were still with a handler after everything was stopped

  // Known once the plugins are loaded.
  std::unique_ptr<routing::PublishedTable> published;
  std::unique_ptr<intake::Intake> intake;
  std::unique_ptr<pages::Pages> pages;
  std::unique_ptr<admin::Health> health;
  std::unique_ptr<admin::Admin> admin;
  std::unique_ptr<FrontDoor> front_door;

  // Swapping. The control thread's, but for the count.
  std::unique_ptr<plugin::FolderWatch> watch;          // nullptr: nothing is watched
  std::vector<std::unique_ptr<NewRoutes>> new_routes;  // one per loop
  std::vector<PendingSwap> pending;                    // whose line waits for the drain
  std::set<std::string> told_notes;
  std::atomic<std::size_t> refused_count{0};

  Status start();
  Status watch_plugins();
  Status load_plugins();
  Result<RoutePlan> plan_from_registry();
  void swap(const std::vector<plugin::FolderChange>& changes);
  void publish(RoutePlan plan);
  void tell_drained();
  Status build_receivers();
  Status listen();
  std::string metrics_text() const;
  void stop() noexcept;
};

Status App::Rooms::start() {
  log.attach(delivery_log);
  log.start();
  if (Status folders = options.only_plugin.empty() ? check_folders(config) : Status(); !folders) {
    return folders;
  }
  if (Status started = pool.start(); !started) return started;
  if (Status watched = watch_plugins(); !watched) return watched;
  if (Status loaded = load_plugins(); !loaded) return loaded;
  if (Status safe = check_exposure(config, report.has_open_route); !safe) return safe;
  if (Status built = build_receivers(); !built) return built;
  if (Status bound = listen(); !bound) return bound;
  loops.start();
  return {};
}

Status App::Rooms::load_plugins() {
  // Absolute, as the watch names them, and since a plugin may change the working directory.
  report.plugins = options.only_plugin.empty()
                       ? registry.load_directory(std::filesystem::absolute(config.plugins))
                       : registry.load_file(std::filesystem::absolute(options.only_plugin));
  for (const plugin::RefusedPlugin& refused : report.plugins.refused) tell(refused, log);
  for (const plugin::LoadedPlugin& loaded : report.plugins.loaded) {
    for (const std::string& note : loaded.notes) {
      log.write(telemetry::Level::kInfo, note, {{"plugin", loaded.file.filename().native()}});
    }
  }
  refused_count = report.plugins.refused.size();
  auto plan = plan_from_registry();
  if (!plan) return std::move(plan).error();

  for (const Route& route : plan->table->routes()) report.routes.push_back(route.path);
  report.retry_routes = std::move(plan->retry_routes);
  report.durable_routes = std::move(plan->durable_routes);
  report.has_open_route = plan->has_open_route;
  report.has_secret = !plan->has_open_route;
  published = std::make_unique<routing::PublishedTable>(std::move(plan->table));
  return {};
}

// From before the folder is read: what changes meanwhile is not missed.
Status App::Rooms::watch_plugins() {
  if (!config.swap_watch) return {};
  plugin::FolderWatchOptions how{.settle = config.swap_settle};
  std::filesystem::path folder = std::filesystem::absolute(config.plugins);
  if (!options.only_plugin.empty()) {
    folder = std::filesystem::absolute(options.only_plugin).parent_path();
    how.counts = [only = options.only_plugin.filename().native()](std::string_view name) {
      return name == only;
    };
  }
  auto opened = plugin::FolderWatch::open(std::move(folder), std::move(how), clock);
  if (!opened) return std::move(opened).error();
  watch = *std::move(opened);
  return {};
}

Result<RoutePlan> App::Rooms::plan_from_registry() {
  std::vector<Route> routes = registry.routes();
  for (Route& route : routes) route.telemetry_slot = metrics.route_slot(route.name);
  auto plan = plan_routes(std::move(routes), config);
  if (!plan) return plan;
  for (const std::string& note : plan->notes) {
    if (told_notes.insert(note).second) log.write(telemetry::Level::kInfo, note);
  }
  return plan;
}

void App::Rooms::swap(const std::vector<plugin::FolderChange>& changes) {
  const plugin::LoadReport came = registry.update(changes);
  const auto tell_refused = [&](const plugin::RefusedPlugin& refused) {
    log_swap({.kind = SwapLine::Kind::kRefused,
              .file = refused.file.filename().native(),
              .generation = refused.stays,
              .reason = refused.reason,
              .fix = refused.fix},
             log, clock.now());
  };
  refused_count = registry.refused_count();
  for (const plugin::RefusedPlugin& refused : came.refused) tell_refused(refused);
  if (came.loaded.empty() && came.removed.empty()) return registry.commit({});

  auto plan = plan_from_registry();
  const Status status =
      plan ? check_exposure(config, plan->has_open_route) : Status(std::move(plan).error());
  if (!status) {  // of the operator's word about all of them: none goes live
    registry.undo();
    refused_count = registry.refused_count();
    for (const plugin::LoadedPlugin& loaded : came.loaded)
      tell_refused({loaded.file, status.error().message, status.error().fix, loaded.replaces});
    for (const plugin::LoadedPlugin& removed : came.removed)
      tell_refused({removed.file, "its file is gone, and " + status.error().message,
                    status.error().fix, removed.generation});
    return;
  }
  publish(*std::move(plan));
  const MonotonicTime now = clock.monotonic_now();
  const auto remember = [&](SwapLine line) {
    if (line.before == 0) return log_swap(line, log, clock.now());
    pending.push_back({std::move(line), now});
  };
  for (const plugin::LoadedPlugin& loaded : came.loaded)
    remember({.kind = SwapLine::Kind::kLive,
              .file = loaded.file.filename().native(),
              .generation = loaded.generation,
              .before = loaded.replaces});
  for (const plugin::LoadedPlugin& removed : came.removed)
    remember({.kind = SwapLine::Kind::kRemoved,
              .file = removed.file.filename().native(),
              .before = removed.generation});
}

void App::Rooms::publish(RoutePlan plan) {
  const std::weak_ptr<const routing::RouteTable> before = published->snapshot();
  published->publish(std::move(plan.table));
  for (const auto& one : new_routes) one->post();
  registry.commit(before);
}

void App::Rooms::tell_drained() {
  for (plugin::DrainedPlugin& drained : registry.let_go_replaced()) {
    const auto line = std::find_if(pending.begin(), pending.end(), [&](const PendingSwap& one) {
      return one.line.file == drained.file && one.line.before == drained.generation;
    });
    if (line == pending.end()) continue;  // it never was live
    line->line.is_drained = true;
    line->line.took = drained.took;
    line->line.cut_off = drained.cut_off;
    line->line.pinned_reason = std::move(drained.pinned_reason);
    log_swap(line->line, log, clock.now());
    pending.erase(line);
  }
  for (PendingSwap& one : pending) {
    if (one.is_told || clock.monotonic_now() - one.since < kLineWaitsMax) continue;
    one.is_told = true;
    log_swap(one.line, log, clock.now());
  }
}

Status App::Rooms::build_receivers() {
  intake =
      std::make_unique<intake::Intake>(intake::Options{.development = options.is_development},
                                       *published, dispatcher, delivery_log, clock, loops.count());

  std::shared_ptr<pages::UserFolder> user_folder;
  if (!config.ui.empty()) {
    auto opened = pages::UserFolder::open({.folder = config.ui, .on_space = config.space.is_space});
    if (!opened) return std::move(opened).error();
    user_folder = *std::move(opened);
  }
  pages = std::make_unique<pages::Pages>(pages::PagesOptions{.version = HOOKHOST_VERSION,
                                                             .on_space = config.space.is_space,
                                                             .user_folder = std::move(user_folder)},
                                         *published);

  health = std::make_unique<admin::Health>(admin::HealthSources{
      .oldest_tick_age = [this] { return loops.oldest_tick_age(); },
      .endpoint_count = [this] { return published->snapshot()->routes().size(); },
      .is_draining = [this] { return is_draining.load(); }});
  admin = std::make_unique<admin::Admin>(
      admin::AdminOptions{.hosts = admin::HostAllowList(config.admin_listen.host, {})}, *health,
      [this] { return metrics_text(); });
  front_door = std::make_unique<FrontDoor>(*intake, *pages, *health);
  for (unsigned i = 0; i < loops.count(); ++i)
    new_routes.push_back(std::make_unique<NewRoutes>(*intake, loops.loop(i)));

  metrics.add_source([this](telemetry::MetricSet& set) {
    collect_door(loops, set);
    collect_plugins(registry, set);
    telemetry::add_process_metrics(set);
    const BuildFacts& facts = build_facts();
    set.add("hookhost_build_info", 1,
            {{"version", std::string(facts.version)},
             {"commit", std::string(facts.commit)},
             {"compiler", std::string(facts.compiler)}});
    set.add("hookhost_inflight_deliveries", static_cast<double>(dispatcher.stats().waiting));
    set.add("hookhost_queue_depth", static_cast<double>(pool.queued()));
    set.add("hookhost_plugins_refused", static_cast<double>(refused_count.load()));
    std::map<std::string, std::uint64_t> generations;  // a plugin may have several routes
    const auto table = published->snapshot();
    for (const Route& route : table->routes()) generations[route.plugin_id] = route.generation;
    for (const auto& [id, generation] : generations) {
      set.add("hookhost_plugin_generation", static_cast<double>(generation), {{"plugin", id}});
    }
  });
  return {};
}

Status App::Rooms::listen() {
  auto bound = loops.listen(config.listen, *front_door);
  if (!bound) return std::move(bound).error();
  report.listen = *std::move(bound);
  bound = loops.listen(config.admin_listen, *admin);
  if (!bound) return std::move(bound).error();
  report.admin_listen = *std::move(bound);
  return {};
}

std::string App::Rooms::metrics_text() const { return telemetry::exposition(metrics.read()); }

void App::Rooms::stop() noexcept {
  if (std::exchange(is_stopped, true)) return;
  loops.drain(milliseconds{0});  // nothing, after drain(): then what is still open is closed
  dispatcher.drain();
  // The plugins end while the loops turn, where everything is let go that they complete only now,
  // and before the pool, in which what they have posted runs.
  registry.shut_down();
  loops.stop();
  hung = dispatcher.stats().zombies;  // exact, since no loop runs any more
  if (hung == 0) pool.stop();         // its threads would be waited for
  log.stop();
}

Result<std::unique_ptr<App>> App::start(Config config, AppOptions options,
                                        const Environment& environment, telemetry::Log& log,
                                        const Clock& clock) {
  auto rooms =
      std::make_unique<Rooms>(std::move(config), std::move(options), environment, log, clock);
  if (Status started = rooms->start(); !started) {
    rooms->stop();
    return std::move(started).error();
  }
  return std::unique_ptr<App>(new App(std::move(rooms)));
}

App::App(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}
App::~App() {
  rooms_->stop();
  // A handler that comes back finds its memory, not that of somebody else.
  if (rooms_->hung != 0) static_cast<void>(rooms_.release());
}

const StartReport& App::report() const noexcept { return rooms_->report; }

int App::changes() const noexcept { return rooms_->watch ? rooms_->watch->fd() : -1; }

MonotonicTime App::tend_by() const noexcept {
  const Rooms& rooms = *rooms_;
  MonotonicTime by = rooms.watch ? rooms.watch->next() : MonotonicTime::max();
  if (rooms.registry.is_draining()) by = std::min(by, rooms.clock.monotonic_now() + kDrainLook);
  return by;
}

void App::tend() {
  Rooms& rooms = *rooms_;
  if (!rooms.watch) return;
  std::vector<plugin::FolderChange> changes = rooms.watch->tend();
  for (const plugin::FolderChange& change : changes) {
    if (change.kind == plugin::FolderChange::Kind::kRestless)
      log_swap({.kind = SwapLine::Kind::kRestless, .file = change.file.filename().native()},
               rooms.log, rooms.clock.now());
  }
  std::erase_if(changes, [](const plugin::FolderChange& change) {
    return change.kind == plugin::FolderChange::Kind::kRestless;
  });
  if (!changes.empty()) rooms.swap(changes);
  rooms.tell_drained();
}

std::uint64_t App::live_generation() const noexcept {
  const auto table = rooms_->published->snapshot();
  std::uint64_t newest = 0;
  for (const Route& route : table->routes()) newest = std::max(newest, route.generation);
  return newest;
}

std::uint64_t App::deliveries_in_flight() const noexcept {
  return rooms_->dispatcher.stats().waiting;
}

App::DrainReport App::drain() {
  Rooms& rooms = *rooms_;
  const MonotonicTime began = rooms.clock.monotonic_now();
  DrainReport report;
  report.waiting = deliveries_in_flight();
  rooms.is_draining.store(true);
  rooms.loops.drain(rooms.config.drain_timeout);
  rooms.dispatcher.drain();
  report.cut_off = deliveries_in_flight();
  rooms.stop();
  report.hung = rooms.hung;
  const telemetry::Metrics::Totals totals = rooms.metrics.totals();
  report.handled = totals.handled;
  report.failed = totals.failed;
  report.took = std::chrono::duration_cast<milliseconds>(rooms.clock.monotonic_now() - began);
  return report;
}

}  // namespace hookhost::app
