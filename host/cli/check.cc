// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "app/build_facts.h"
#include "app/config.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/commands.h"
#include "plugin/conflict.h"
#include "plugin/folder_watch.h"
#include "plugin/probe.h"
#include "plugin/probe_main.h"

namespace hookhost::cli {
namespace {

namespace fs = std::filesystem;

using plugin::ProbedRoute;
using plugin::ProbeOptions;
using plugin::ProbeReport;
using plugin::Stress;

constexpr std::size_t kBuildIdShown = 8;  // as git shortens a hash
constexpr std::uint64_t kSwapsDefault = 50;
constexpr std::uint64_t kPayloadsDefault = 200;
constexpr std::chrono::hours kDebuggerPatience{24};  // whoever looks longer starts it again

// ---- The command line

Result<std::uint64_t> read_number(const Invocation& invocation, std::string_view option,
                                  std::uint64_t otherwise, std::uint64_t most) {
  if (!invocation.has(option)) return otherwise;
  const std::string_view text = invocation.text(option);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: expected a number from 0 to {}, got '{}'", option, most, text),
                 {}};
  return number;
}

// "retrain:17"
bool is_payload_name(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return colon != text.npos && colon != 0 && colon + 1 < text.size() &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(colon) + 1, text.end(), is_digit);
}

Result<Stress> read_stress(const Invocation& invocation) {
  constexpr std::uint64_t kAnySeed = ~std::uint64_t{0};
  const auto swaps = read_number(invocation, "--swaps", kSwapsDefault, plugin::kSwapsMax);
  if (!swaps) return swaps.error();
  const auto payloads =
      read_number(invocation, "--payloads", kPayloadsDefault, plugin::kPayloadsMax);
  if (!payloads) return payloads.error();
  // The same payloads in every run, unless somebody wants others: a check that is red today and
  // green tomorrow helps nobody.
  const auto seed = read_number(invocation, "--seed", Stress{}.seed, kAnySeed);
  if (!seed) return seed.error();
  Stress stress{*swaps, *payloads, *seed, std::string(invocation.text("--only")),
                invocation.has("--call-all")};
  if (!invocation.has("--only")) return stress;
  if (!is_payload_name(stress.only))
    return Error{ErrorCode::kInvalid,
                 fmt::format("--only: expected ENDPOINT:NUMBER, got '{}'", stress.only),
                 {}};
  stress.swaps = stress.payloads = 0;
  return stress;
}

// ---- How to have a finding again

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return std::string(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + '\'';
}

// The same check with these options behind it.
std::string again(const Invocation& invocation, const fs::path& file, std::string_view options) {
  std::string command = fmt::format("hookhost check {}", shell_word(file.native()));
  if (invocation.has("--config"))
    command += fmt::format(" --config {}", shell_word(invocation.text("--config")));
  if (invocation.has("--call-all")) command += " --call-all";
  return command + std::string(options);
}

struct Reproduction {
  std::string alone;   // this payload and nothing else; empty: it was not about a payload
  std::string before;  // and those before it, which may have led to it
  std::string gdb;     // in a debugger; empty: it came back
};

Reproduction reproduction_of(const ProbeReport& report, const Invocation& invocation,
                             const fs::path& file, const Stress& stress) {
  Reproduction way;
  std::string options;
  if (!report.payload.empty()) {
    options = fmt::format(" --seed {} --only {}", stress.seed, report.payload);
    way.alone = again(invocation, file, options);
    way.before = again(invocation, file,
                       fmt::format(" --seed {} --swaps 0 --payloads {}", stress.seed,
                                   report.payload.substr(report.payload.rfind(':') + 1)));
  } else {
    options = fmt::format(" --seed {} --swaps {} --payloads {}", stress.seed, stress.swaps,
                          stress.payloads);
  }
  if (report.did_not_return)
    way.gdb = fmt::format("gdb -ex 'set follow-fork-mode child' -ex run --args {} --no-timeout",
                          again(invocation, file, options));
  return way;
}

// ---- The report

void write_report(JsonWriter& json, const ProbeReport& report, const Stress& stress,
                  const Reproduction& way) {
  json.member("ok", report.is_good);
  json.member("reason", report.reason);
  json.member("fix", report.fix);
  json.member("id", report.id);
  json.member("version", report.version);
  json.member("build_id", report.build_id);
  json.member("abi", fmt::format("{}.{}", app::build_facts().sdk_abi, report.abi_minor_built));
  json.key("routes").begin_array();
  for (const ProbedRoute& route : report.routes) {
    json.begin_object();
    json.member("name", route.name).member("path", route.path).member("payload", route.form);
    json.member("place", route.place).member("ack", route.ack);
    json.member("on_failure", route.on_failure);
    json.member("called", route.is_called).member("payloads", route.payloads);
    json.end_object();
  }
  json.end_array();
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.string(note);
  json.end_array();
  json.member("unloads", report.was_unmapped);
  json.member("stays_because", report.pinned_reason);
  json.member("swaps", report.swaps).member("swaps_pinned", report.swaps_pinned);
  json.member("seed", stress.seed);
  json.member("payload", report.payload);
  json.member("try", way.alone).member("try_all", way.before).member("gdb", way.gdb);
  json.member("output", report.output);
}

// "payloads 200 for each of 2 routes, seed 42"; a route that got fewer has a line of its own.
std::string payload_lines(const ProbeReport& report, const Stress& stress) {
  if (!stress.only.empty())
    return fmt::format("payloads {} alone, seed {}\n", stress.only, stress.seed);
  std::string fewer;
  std::size_t full = 0;
  for (const ProbedRoute& route : report.routes) {
    if (!route.is_called) continue;
    if (route.payloads == stress.payloads) {
      ++full;
    } else {
      fewer += fmt::format("payloads {} of {} for {}, which takes no others\n", route.payloads,
                           stress.payloads, route.name);
    }
  }
  if (stress.payloads == 0 || full == 0) return fewer;
  return fmt::format("payloads {} for {}{} route{}, seed {}\n", stress.payloads,
                     full == 1 ? "" : "each of ", full, full == 1 ? "" : "s", stress.seed) +
         fewer;
}

std::string swap_line(const ProbeReport& report) {
  constexpr std::uint64_t kComparedFrom = 3;  // the second life is compared with the last
  if (report.swaps == 0) return {};
  std::string text = fmt::format("swaps    {}", report.swaps);
  if (report.swaps_pinned != 0) {
    text += fmt::format(", its code stayed after {} of them", report.swaps_pinned);
  } else if (report.swaps >= kComparedFrom) {
    text += ", nothing left behind";
  }
  return text + '\n';
}

std::string report_text(const ProbeReport& report, const Stress& stress,
                        const telemetry::Console& console) {
  const auto safe = [&](std::string_view text) { return telemetry::shown(console, text); };
  std::string text = fmt::format("{} {}   abi {}.{}", safe(report.id), safe(report.version),
                                 app::build_facts().sdk_abi, report.abi_minor_built);
  if (!report.build_id.empty()) {
    text += fmt::format("   build id {}", safe(report.build_id.substr(0, kBuildIdShown)));
  }
  text += '\n';
  for (const ProbedRoute& route : report.routes) {
    text += fmt::format("route    POST {}   payload {}, {}\n", safe(route.path), safe(route.form),
                        safe(route.place));
  }
  text += report.was_unmapped ? "unload   yes\n"
                              : fmt::format("unload   no: {}\n", safe(report.pinned_reason));
  text += swap_line(report) + payload_lines(report, stress);
  for (const ProbedRoute& route : report.routes) {
    if (!route.is_called)
      text += fmt::format("uncalled {}: it does not say IDEMPOTENT; --call-all calls it\n",
                          safe(route.name));
  }
  for (const std::string& note : report.notes) text += fmt::format("note     {}\n", safe(note));
  return text + "ok\n";
}

void print_refusal(World& world, const ProbeReport& report, const Reproduction& way,
                   const std::string& name) {
  std::string message = report.reason;
  if (message.find(name) == std::string::npos) message = fmt::format("{}: {}", name, message);
  std::string fix = report.fix;
  const auto add = [&fix](std::string_view label, const std::string& command) {
    if (!command.empty()) fix += fmt::format("{}{}{}", fix.empty() ? "" : "\n", label, command);
  };
  add("try: ", way.alone);
  add("or:  ", way.before);
  add("gdb: ", way.gdb);
  print_error(world, {ErrorCode::kInvalid, std::move(message), std::move(fix)});
  if (!report.output.empty()) {
    world.err << fmt::format("  it wrote: {}\n",
                             telemetry::shown(world.err_console, report.output));
  }
}

// ---- Several files

struct Checked {
  fs::path file;
  ProbeReport report;
  Reproduction way;
};

// Of a folder those that a host would load, in its order.
Result<std::vector<fs::path>> files_of(const std::vector<std::string>& operands) {
  std::vector<fs::path> files;
  for (const fs::path operand : operands) {
    // Of a folder with the name of a plugin the check says more.
    const bool is_folder =
        !plugin::is_plugin_file(operand.filename().native()) && fs::is_directory(operand);
    if (!is_folder) {
      files.push_back(operand);
      continue;
    }
    std::error_code error;
    std::vector<fs::path> inside;
    for (fs::directory_iterator at(operand, error), end; !error && at != end; at.increment(error)) {
      if (plugin::is_plugin_file(at->path().filename().native())) inside.push_back(at->path());
    }
    if (error || inside.empty())
      return Error{ErrorCode::kNotFound,
                   fmt::format("{}: {}", printable(operand.native()),
                               error ? error.message() : "there is no plugin (*.so) in it"),
                   {}};
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

// A later one that a host with the earlier ones would refuse; what is not good takes nothing.
std::vector<Error> conflicts_among(const std::vector<Checked>& all) {
  std::vector<Error> conflicts;
  std::vector<plugin::Claim> taken;
  for (const Checked& one : all) {
    if (!one.report.is_good) continue;
    plugin::Claim claim{one.file.filename().native(), one.report.id, {}};
    for (const ProbedRoute& route : one.report.routes)
      claim.endpoints.push_back({route.name, route.path});
    const auto is_free = [&](const plugin::Claim& first) {
      const Status fits = plugin::check_conflict(first, claim);
      if (!fits)
        conflicts.push_back({fits.error().code,
                             fmt::format("{}: {}", claim.file, fits.error().message),
                             fits.error().fix});
      return fits.has_value();
    };
    if (std::ranges::all_of(taken, is_free)) taken.push_back(std::move(claim));
  }
  return conflicts;
}

void print_checked(World& world, const Checked& checked, const Stress& stress) {
  if (checked.report.is_good) {
    world.out << report_text(checked.report, stress, world.out_console);
  } else {
    print_refusal(world, checked.report, checked.way, checked.file.filename().native());
  }
}

// One file: its report. Several: the reports as a list, and what does not go together.
std::string checked_json(const std::vector<Checked>& all, const std::vector<Error>& conflicts,
                         const Stress& stress) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  if (all.size() == 1) {
    write_report(json, all.front().report, stress, all.front().way);
    json.end_object();
    return text + '\n';
  }
  json.key("files").begin_array();
  for (const Checked& one : all) {
    json.begin_object().member("file", one.file.native());
    write_report(json, one.report, stress, one.way);
    json.end_object();
  }
  json.end_array();
  json.key("conflicts").begin_array();
  for (const Error& one : conflicts)
    json.begin_object().member("reason", one.message).member("fix", one.fix).end_object();
  json.end_array();
  json.end_object();
  return text + '\n';
}

}  // namespace

ExitCode check(const Invocation& invocation, World& world) {
  const auto stress = read_stress(invocation);
  if (!stress) return refuse_usage(world, stress.error().message, "hookhost check --help");
  auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  const auto files = files_of(invocation.operands);
  if (!files) return print_error(world, files.error()), ExitCode::kFailed;
  if (!stress->only.empty() && files->size() != 1)
    return refuse_usage(world, "--only is about one file", "hookhost check --help");

  ProbeOptions options;
  options.host_version = app::build_facts().version;
  options.calls_handlers = stress->only.empty();
  options.stress = *stress;
  options.check = plugin::CheckLevel::kStrict;
  if (invocation.has("--no-timeout")) options.timeout = kDebuggerPatience;
  std::vector<Checked> all;
  for (const fs::path& file : *files) {
    ProbeReport report =
        plugin::check_file(file, app::stage_folder(*config, world.environment), options,
                           [&](std::string_view id) { return config->settings_of(id); });
    Reproduction way = reproduction_of(report, invocation, file, *stress);
    all.push_back({file, std::move(report), std::move(way)});
    if (!invocation.has("--json")) print_checked(world, all.back(), *stress);
  }
  const std::vector<Error> conflicts = conflicts_among(all);
  if (invocation.has("--json")) {
    world.out << checked_json(all, conflicts, *stress);
  } else {
    for (const Error& conflict : conflicts) print_error(world, conflict);
  }
  const bool is_good =
      conflicts.empty() && std::ranges::all_of(all, &ProbeReport::is_good, &Checked::report);
  return is_good ? ExitCode::kDone : ExitCode::kFailed;
}

ExitCode probe(const Invocation&, World& world) {
  if (const int code = plugin::run_probe(); code != 0) {
    return refuse_usage(world, "probe is for hookhost itself", "hookhost check FILE.so");
  }
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
