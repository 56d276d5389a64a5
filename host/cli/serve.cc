// SPDX-License-Identifier: Apache-2.0
#include "cli/serve.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "app/announcement.h"
#include "app/process_guard.h"
#include "app/signals.h"
#include "app/source_builder.h"
#include "cli/commands.h"

namespace hookhost::cli {
namespace {

// On a terminal as every command says it; else as a record, so that the stream stays JSON.
ExitCode refuse_start(const Error& error, telemetry::Log& log, World& world) {
  if (log.is_pretty()) {
    print_error(world, error);
  } else {
    log.write(telemetry::Level::kError, error.message, {{"fix", error.fix}});
  }
  return exit_code(error.code);
}

void announce(const app::Announcement& facts, telemetry::Log& log) {
  if (log.is_pretty()) {
    log.print(app::announcement_text(facts, log.console()));
  } else {
    app::log_announcement(facts, log);
  }
}

void drain(app::App& host, telemetry::Log& log) {
  if (log.is_pretty()) log.print(app::drain_begins_text(host.deliveries_in_flight()));
  const app::App::DrainReport report = host.drain();
  const app::DrainSummary summary{.waiting = report.waiting,
                                  .handled = report.handled,
                                  .failed = report.failed,
                                  .lost = report.cut_off,
                                  .took = report.took};
  if (log.is_pretty()) {
    log.print(app::drain_ended_text(summary));
  } else {
    app::log_drain(summary, log);
  }
  if (report.hung == 0) return;
  log.write(telemetry::Level::kError, "handlers have not come back; ending without them",
            {{"handlers", report.hung}});
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(ExitCode::kFailed));
}

// What is wrong with it is told as at the start; the host goes on as it is.
void reload(const Invocation& invocation, World& world, app::App& host, telemetry::Log& log) {
  auto config = app::load_config(invocation.config_sources(world));
  if (config) {
    static_cast<void>(host.reload(*std::move(config)));
    return;
  }
  log.write(telemetry::Level::kError, "configuration not taken over: nothing has changed",
            {{"errors", static_cast<std::uint64_t>(config.error().size())}});
  for (const app::ConfigError& error : config.error()) {
    if (log.is_pretty()) {
      log.print(app::print_config_error(error, log.console()));
    } else {
      log.write(telemetry::Level::kError, error.message,
                {{"where", app::print_origin(error.origin)}, {"fix", error.fix}});
    }
  }
}

}  // namespace

ExitCode serve_host(const Invocation& invocation, World& world, app::AppOptions options,
                    const std::filesystem::path& source) {
  const MonotonicTime began = world.clock.monotonic_now();
  auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());

  app::SignalWatch signals;  // before the first thread
  telemetry::Log log(config->log, world.out_console, world.clock);
  std::unique_ptr<app::SourceBuilder> builder;
  if (!source.empty()) {
    auto opened = app::SourceBuilder::open({.source = source,
                                            .stage = app::stage_folder(*config, world.environment),
                                            .settle = config->swap_settle,
                                            .is_watching = config->swap_watch},
                                           world.environment, log, world.clock);
    if (!opened) return refuse_start(opened.error(), log, world);
    builder = *std::move(opened);
    const auto first = builder->build(signals.fd());
    if (first == app::SourceBuilder::FirstBuild::kInterrupted) return ExitCode::kDone;
    if (first == app::SourceBuilder::FirstBuild::kFailed) return ExitCode::kFailed;
    options.only_plugin = builder->library();
    // The builder only shows libraries that are complete, each for a save of its own.
    config->swap_settle = config->swap_interval = {};
  }
  const bool only_plugin = !options.only_plugin.empty();
  auto host = app::App::start(*config, std::move(options), world.environment, log, world.clock);
  if (!host) return refuse_start(host.error(), log, world);

  announce(app::make_announcement(*config, (*host)->report(), only_plugin,
                                  world.clock.monotonic_now() - began),
           log);
  if (builder) builder->follow([&host] { return (*host)->live_generation(); });
  using Reason = app::SignalWatch::Reason;
  for (;;) {
    const Reason reason = signals.wait((*host)->changes(), (*host)->tend_by());
    if (reason == Reason::kEnd) break;
    if (reason == Reason::kReload) reload(invocation, world, **host, log);
    if (reason == Reason::kOther) (*host)->tend();
  }
  if (builder) builder->stop();
  drain(**host, log);
  return ExitCode::kDone;
}

ExitCode serve(const Invocation& invocation, World& world) {
  if (Status guarded = app::guard_process(); !guarded) {
    print_error(world, guarded.error());
    return exit_code(guarded.error().code);
  }
  return serve_host(invocation, world, {});
}

}  // namespace hookhost::cli
