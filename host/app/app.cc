// SPDX-License-Identifier: Apache-2.0
#include "app/app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <utility>

#include "admin/admin.h"
#include "app/build_facts.h"
#include "app/config_reload.h"
#include "app/front_door.h"
#include "app/plugin_desk.h"
#include "app/plugin_log.h"
#include "app/plugin_swap.h"
#include "app/start_checks.h"
#include "base/thread_loop.h"
#include "dispatch/dispatcher.h"
#include "intake/intake.h"
#include "intake/redelivery.h"
#include "pages/pages.h"
#include "store/sqlite_journal.h"
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
  set.add("hookhost_memory_bytes", static_cast<double>(stats.memory_bytes));
  set.add("hookhost_memory_max_bytes", static_cast<double>(stats.memory_bytes_max));
  set.add("hookhost_tls_handshakes_total", static_cast<double>(stats.handshakes));
  set.add("hookhost_tls_resumptions_total", static_cast<double>(stats.resumptions));
  set.add("hookhost_accept_pauses_total", static_cast<double>(stats.accept_pauses));
  set.add("hookhost_requests_total", static_cast<double>(stats.requests));
  set.add("hookhost_answers_total", static_cast<double>(stats.answers));
  set.add("hookhost_body_bytes_total", static_cast<double>(stats.body_bytes));
  for (const auto& [rule, count] : stats.refused) {
    if (count == 0) continue;
    set.add("hookhost_refusals_total", static_cast<double>(count), {{"rule", std::string(rule)}});
  }
}

void collect_journal(const store::Stats& stats, telemetry::MetricSet& set) {
  set.add("hookhost_journal_waiting_events", static_cast<double>(stats.waiting));
  set.add("hookhost_journal_ready_deliveries", static_cast<double>(stats.ready));
  set.add("hookhost_dead_deliveries", static_cast<double>(stats.dead));
  set.add("hookhost_journal_commits_total", static_cast<double>(stats.commits));
  set.add("hookhost_journal_events_total", static_cast<double>(stats.appended));
  set.add("hookhost_journal_failures_total", static_cast<double>(stats.failed));
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

// In the order in which they are built; destroyed in reverse.
struct App::Rooms {
  Rooms(Config given, AppOptions app_options, const Environment& environment,
        telemetry::Log& host_log, const Clock& host_clock)
      : config(std::move(given)),
        options(std::move(app_options)),
        log(host_log),
        clock(host_clock),
        config_read_at(clock.now()),
        loops({.count = config.loops,
               .limits = config.limits,
               .trusted_proxies = config.trusted_proxies,
               .log = [this](std::string_view line) { log.write(telemetry::Level::kWarn, line); },
               .head_refused = [this](const http::RefusedHead& head) { write_down(head); }},
              clock),
        redelivery_loop("redeliver", loops.count(), clock),
        metrics(loops.count() + 1),
        delivery_log(log, metrics, clock, loops.count() + 1),
        plugin_log(log),
        pool({.threads = config.pool_threads, .queue_max = config.pool_queue_max}),
        registry({.stage_dir = stage_folder(config, environment),
                  .host_version = HOOKHOST_VERSION,
                  .probe = {.host_version = HOOKHOST_VERSION},
                  .warns_experimental = config.warns_experimental,
                  .swap_drain = config.swap_drain_timeout,
                  .probation = config.swap_probation,
                  .unknown_state = config.swap_unknown_state,
                  .check = config.check},
                 {clock, plugin_log, [this](Work& work) { return pool.try_post(work); },
                  [this] { pool.recycle(); }},
                 [this](std::string_view id) { return config.settings_of(id); }),
        dispatcher(pool, loops.count() + 1),
        swap(config, options.only_plugin, registry, metrics, log, clock),
        desk(swap, registry) {
    report.journal = journal_folder(config, environment, options.is_development);
  }

  Config config;
  const AppOptions options;
  telemetry::Log& log;
  const Clock& clock;
  std::atomic<SystemTime> config_read_at;
  StartReport report;

  std::unique_ptr<http::PublishedTls> tls;  // nullptr: the listener speaks plain HTTP
  http::EventLoops loops;
  ThreadLoop redelivery_loop;  // its index is behind those of the loops
  telemetry::Metrics metrics;
  telemetry::DeliveryLog delivery_log;
  PluginLog plugin_log;
  dispatch::WorkerPool pool;
  plugin::Registry registry;
  dispatch::Dispatcher dispatcher;
  PluginSwap swap;
  PluginDesk desk;
  std::atomic<bool> is_draining{false};
  bool is_stopped = false;
  std::uint64_t hung = 0;  // calls that were still with a handler after everything was stopped

  std::atomic<intake::Redelivery*> woken{nullptr};  // while it may be
  std::unique_ptr<store::Journal> journal;

  // Known once the plugins are loaded.
  std::unique_ptr<routing::PublishedTable> published;
  std::unique_ptr<intake::Intake> intake;
  std::unique_ptr<intake::Redelivery> redelivery;
  std::unique_ptr<pages::Pages> pages;
  std::unique_ptr<admin::Health> health;
  std::unique_ptr<admin::Admin> admin, public_admin;  // the second on a single port only
  std::unique_ptr<FrontDoor> front_door;

  std::vector<std::unique_ptr<NewRoutes>> new_routes;  // one per loop

  Status start();
  Status open_journal();
  void tell_trouble(std::string_view trouble);
  Status load_plugins();
  Status build_receivers();
  Status listen();
  Status journal_state() const;
  std::string metrics_text() const;
  void write_down(const http::RefusedHead& head) noexcept;
  void end_commands();
  void stop() noexcept;
};

Status App::Rooms::start() {
  log.attach(delivery_log);
  log.start();
  if (Status folders = options.only_plugin.empty() ? check_folders(config) : Status(); !folders) {
    return folders;
  }
  if (Status opened = open_journal(); !opened) return opened;
  auto context = open_tls(config, clock.now());
  if (!context) return std::move(context).error();
  if (*context != nullptr) tls = std::make_unique<http::PublishedTls>(*std::move(context), clock);
  if (Status started = pool.start(); !started) return started;
  if (Status safe = check_admin_exposure(config); !safe) return safe;
  if (Status safe = check_root(config, ::geteuid()); !safe) return safe;
  if (Status loaded = load_plugins(); !loaded) return loaded;
  if (Status safe = check_exposure(config, report.has_open_route); !safe) return safe;
  if (Status built = build_receivers(); !built) return built;
  if (Status bound = listen(); !bound) return bound;
  loops.start();
  if (redelivery == nullptr) return {};
  redelivery_loop.start();
  woken.store(redelivery.get());
  redelivery->wake();
  return {};
}

Status App::Rooms::open_journal() {
  if (!report.journal) return {};
  using std::chrono::duration_cast;
  using std::chrono::hours;
  auto opened = store::open_sqlite_journal(
      {.folder = *report.journal,
       .disk_reserve = config.journal_disk_reserve,
       .keep_done = duration_cast<hours>(config.journal_keep),
       .keep_dead = duration_cast<hours>(config.journal_keep_dead),
       .on_trouble = [this](std::string_view trouble) { tell_trouble(trouble); },
       .wake =
           [this] {
             if (intake::Redelivery* now = woken.load()) now->wake();
           }},
      clock);
  if (!opened) {
    Error error = std::move(opened).error();
    if (error.fix.empty()) error.fix = "name another folder in journal.dir, or \"memory\"";
    return error;
  }
  journal = *std::move(opened);
  report.recovered = journal->stats().ready;
  return {};
}

// On the journal's thread.
void App::Rooms::tell_trouble(std::string_view trouble) {
  if (trouble.empty()) {
    log.write(telemetry::Level::kInfo, "the journal takes events again");
  } else {
    log.write(telemetry::Level::kError, "the journal takes no events: 503 for those to be kept",
              {{"reason", trouble}});
  }
}

Status App::Rooms::load_plugins() {
  auto plan = swap.start(report.plugins);
  if (!plan) return std::move(plan).error();
  for (const Route& route : plan->table->routes()) report.routes.push_back(route.path);
  report.has_open_route = plan->has_open_route;
  report.has_secret = !plan->has_open_route;
  published = std::make_unique<routing::PublishedTable>(std::move(plan->table));
  swap.serve(*published, [this] {
    for (const auto& one : new_routes) one->post();
    if (intake::Redelivery* now = woken.load()) now->wake();
  });
  return {};
}

Status App::Rooms::build_receivers() {
  intake = std::make_unique<intake::Intake>(intake::Options{.development = options.is_development},
                                            *published, dispatcher, delivery_log, clock,
                                            loops.count(), journal.get());
  if (journal != nullptr) {
    auto record = report.journal->empty() ? Result<intake::CrashRecord>(intake::CrashRecord())
                                          : intake::CrashRecord::open(*report.journal / "running");
    if (!record) return std::move(record).error();
    redelivery = std::make_unique<intake::Redelivery>(intake::RedeliveryOptions{}, *journal,
                                                      *std::move(record), *published, dispatcher,
                                                      delivery_log, clock, redelivery_loop);
  }

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
      .is_draining = [this] { return is_draining.load(); },
      .ready_checks = {{"journal", [this] { return journal_state(); }}}});
  const admin::EventsApi events(journal.get(), pool);
  admin = std::make_unique<admin::Admin>(
      admin::AdminOptions{.hosts = admin::HostAllowList(config.admin_listen.host, {}),
                          .tokens = config.admin_token.credentials},
      *health, [this] { return metrics_text(); }, desk, events, clock);
  if (config.serves_admin_in_public())
    public_admin = std::make_unique<admin::Admin>(
        admin::AdminOptions{.hosts = admin::HostAllowList::any(),
                            .tokens = config.admin_token.credentials},
        *health, [this] { return metrics_text(); }, desk, events, clock);
  front_door = std::make_unique<FrontDoor>(*intake, *pages, *health, public_admin.get());
  for (unsigned i = 0; i < loops.count(); ++i)
    new_routes.push_back(std::make_unique<NewRoutes>(*intake, loops.loop(i)));

  metrics.add_source([this](telemetry::MetricSet& set) {
    collect_door(loops, set);
    collect_plugins(registry, set);
    telemetry::add_process_metrics(set);
    const std::chrono::duration<double> read_at = config_read_at.load().time_since_epoch();
    set.add("hookhost_config_read_timestamp_seconds", read_at.count());
    const BuildFacts& facts = build_facts();
    set.add("hookhost_build_info", 1,
            {{"version", std::string(facts.version)},
             {"commit", std::string(facts.commit)},
             {"compiler", std::string(facts.compiler)}});
    const auto calls = dispatcher.stats();
    set.add("hookhost_inflight_deliveries", static_cast<double>(calls.waiting));
    set.add("hookhost_zombie_calls", static_cast<double>(calls.zombies));
    if (journal != nullptr) collect_journal(journal->stats(), set);
    set.add("hookhost_queue_depth", static_cast<double>(pool.queued()));
    swap.counts().collect(set);
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
  auto bound = loops.listen(config.listen, *front_door, tls.get());
  if (!bound) return std::move(bound).error();
  report.listen = *std::move(bound);
  bound = loops.listen(config.admin_listen, *admin);
  if (!bound) return std::move(bound).error();
  report.admin_listen = *std::move(bound);
  return {};
}

Status App::Rooms::journal_state() const {
  const std::string trouble = journal == nullptr ? "" : journal->stats().trouble;
  if (trouble.empty()) return {};
  return Error{ErrorCode::kUnavailable, trouble, {}};
}

std::string App::Rooms::metrics_text() const { return telemetry::exposition(metrics.read()); }

void App::Rooms::write_down(const http::RefusedHead& head) noexcept {
  telemetry::DeliveryRecord record;
  record.loop = head.loop;
  record.method = head.method;
  record.path = head.path;
  record.result = telemetry::Result::kRefused;
  record.status = head.why.status;
  record.rule = head.why.rule;
  record.total = head.total;
  delivery_log.turned_away(record);
}

// While the loops turn, so that everybody who waits for one gets an answer.
void App::Rooms::end_commands() {
  desk.queue().close();
  swap.stop();
}

void App::Rooms::stop() noexcept {
  if (std::exchange(is_stopped, true)) return;
  end_commands();
  loops.drain(milliseconds{0});  // nothing, after drain(): then what is still open is closed
  dispatcher.drain();
  if (redelivery != nullptr) redelivery->give_up();
  // The plugins end while the loops turn, where everything is let go that they complete only now,
  // and before the pool, in which what they have posted runs.
  registry.shut_down();
  woken.store(nullptr);
  if (journal != nullptr) journal->flush();
  loops.stop();
  redelivery_loop.stop();
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

std::array<int, 2> App::changes() const noexcept {
  return {rooms_->swap.fd(), rooms_->desk.queue().fd()};
}
MonotonicTime App::tend_by() const noexcept { return rooms_->swap.tend_by(); }
void App::tend() {
  rooms_->desk.queue().run();
  rooms_->swap.tend();
}

bool App::reload(Config read) {
  Rooms& rooms = *rooms_;
  const auto refuse = [&](const Error& why) {
    rooms.log.write(telemetry::Level::kError, "configuration not taken over: nothing has changed",
                    {{"reason", why.message}, {"fix", why.fix}});
    return false;
  };
  ConfigReload reload = reload_config(rooms.config, std::move(read));
  auto context = open_tls(reload.config, rooms.clock.now());
  if (!context) return refuse(context.error());
  std::swap(rooms.config, reload.config);
  if (Status live = rooms.swap.reconfigure(reload.plugins); !live) {
    std::swap(rooms.config, reload.config);
    return refuse(live.error());
  }
  rooms.config_read_at.store(rooms.clock.now());
  rooms.metrics.restart_secret_uses();
  if (rooms.tls != nullptr) rooms.tls->publish(*std::move(context));
  rooms.log.write(telemetry::Level::kInfo, "configuration taken over",
                  {{"file", rooms.config.file}});
  if (!reload.waiting.empty())
    rooms.log.write(telemetry::Level::kWarn, "some settings wait for a restart",
                    {{"keys", fmt::format("{}", fmt::join(reload.waiting, ", "))}});
  return true;
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
  rooms.end_commands();
  if (rooms.redelivery != nullptr) rooms.redelivery->stop_claiming();
  rooms.loops.drain(rooms.config.drain_timeout);
  if (rooms.redelivery != nullptr)
    rooms.redelivery->wait_until_idle(began + rooms.config.drain_timeout);
  rooms.dispatcher.drain();
  // What came out of the journal stays in it.
  const std::uint64_t kept = rooms.redelivery == nullptr ? 0 : rooms.redelivery->running();
  const std::uint64_t in_flight = deliveries_in_flight();
  report.cut_off = in_flight - std::min(kept, in_flight);
  rooms.stop();
  report.hung = rooms.hung;
  const telemetry::Metrics::Totals totals = rooms.metrics.totals();
  report.handled = totals.handled;
  report.failed = totals.failed;
  report.took = std::chrono::duration_cast<milliseconds>(rooms.clock.monotonic_now() - began);
  return report;
}

}  // namespace hookhost::app
