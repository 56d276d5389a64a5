// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/build_facts.h"
#include "app/config.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "plugin/probe.h"
#include "plugin/probe_main.h"

namespace hookhost::cli {
namespace {

constexpr std::size_t kBuildIdShown = 8;  // as git shortens a hash

std::string report_json(const plugin::ProbeReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("ok", report.is_good);
  json.member("reason", report.reason);
  json.member("fix", report.fix);
  json.member("id", report.id);
  json.member("version", report.version);
  json.member("build_id", report.build_id);
  json.member("abi", fmt::format("{}.{}", app::build_facts().sdk_abi, report.abi_minor_built));
  json.key("routes").begin_array();
  for (const plugin::ProbedRoute& route : report.routes) {
    json.begin_object();
    json.member("name", route.name).member("path", route.path).member("payload", route.form);
    json.member("place", route.place).member("ack", route.ack);
    json.member("on_failure", route.on_failure);
    json.end_object();
  }
  json.end_array();
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.string(note);
  json.end_array();
  json.member("unloads", report.was_unmapped);
  json.member("stays_because", report.pinned_reason);
  json.member("output", report.output);
  json.end_object();
  return text + '\n';
}

std::string report_text(const plugin::ProbeReport& report, const telemetry::Console& console) {
  const auto safe = [&](std::string_view text) { return telemetry::shown(console, text); };
  std::string text = fmt::format("{} {}   abi {}.{}", safe(report.id), safe(report.version),
                                 app::build_facts().sdk_abi, report.abi_minor_built);
  if (!report.build_id.empty()) {
    text += fmt::format("   build id {}", safe(report.build_id.substr(0, kBuildIdShown)));
  }
  text += '\n';
  for (const plugin::ProbedRoute& route : report.routes) {
    text += fmt::format("route    POST {}   payload {}, {}\n", safe(route.path), safe(route.form),
                        safe(route.place));
  }
  text += report.was_unmapped ? "unload   yes\n"
                              : fmt::format("unload   no: {}\n", safe(report.pinned_reason));
  for (const std::string& note : report.notes) text += fmt::format("note     {}\n", safe(note));
  return text + "ok\n";
}

}  // namespace

ExitCode check(const Invocation& invocation, World& world) {
  auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  const std::filesystem::path file = invocation.operands[0];
  plugin::ProbeOptions options;
  options.host_version = app::build_facts().version;
  options.calls_handlers = true;
  const plugin::ProbeReport report =
      plugin::check_file(file, app::stage_folder(*config, world.environment), options,
                         [&](std::string_view id) { return config->settings_of(id); });

  if (invocation.has("--json")) {
    world.out << report_json(report);
  } else if (report.is_good) {
    world.out << report_text(report, world.out_console);
  } else {
    std::string message = report.reason;
    const std::string name = file.filename().native();
    if (message.find(name) == std::string::npos) message = fmt::format("{}: {}", name, message);
    print_error(world, {ErrorCode::kInvalid, std::move(message), report.fix});
    if (!report.output.empty()) {
      world.err << fmt::format("  it wrote: {}\n",
                               telemetry::shown(world.err_console, report.output));
    }
  }
  return report.is_good ? ExitCode::kDone : ExitCode::kFailed;
}

ExitCode probe(const Invocation&, World& world) {
  if (const int code = plugin::run_probe(); code != 0) {
    return refuse_usage(world, "probe is for hookhost itself", "hookhost check FILE.so");
  }
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
