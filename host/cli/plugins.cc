// SPDX-License-Identifier: Apache-2.0
//
// plugins, deploy, rollback, reload: which builds a running host serves, and how that changes.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

using payload::Cursor;
using payload::NodeId;

constexpr const char* kApi = "/api/v1/plugins";
constexpr const char* kHistoryApi = "/api/v1/swaps";
constexpr std::size_t kBuildIdShown = 8;  // as git shortens a hash

double seconds_of(const Cursor& cursor, NodeId object, std::string_view key) {
  double value = 0;
  static_cast<void>(cursor.read_f64(cursor.get(object, key), value));
  return value;
}

// "2026-11-24T12:31:07.250Z" -> "12:31:07"; "-" when there is none.
std::string time_of(std::string_view timestamp) {
  return timestamp.size() < 19 ? "-" : std::string(timestamp.substr(11, 8));
}

void show_plugins(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  const auto safe = [&](std::string_view text) {
    return telemetry::shown(world.out_console, text);
  };
  std::vector<Row> rows{
      {"PLUGIN", "GEN", "STATE", "BUILD ID", "ROUTES", "IN FLIGHT", "SINCE (UTC)"}};
  std::string notes;
  const NodeId all = cursor.get(payload::kRoot, "generations");
  for (NodeId one = cursor.first(all); one != payload::kNoNode; one = cursor.next(one)) {
    const std::size_t routes = cursor.size(cursor.get(one, "routes"));
    const std::string id = safe(text_of(cursor, one, "plugin"));
    const std::uint64_t generation = number_of(cursor, one, "generation");
    rows.push_back({id, std::to_string(generation), text_of(cursor, one, "state"),
                    safe(text_of(cursor, one, "build_id").substr(0, kBuildIdShown)),
                    routes == 0 ? "-" : std::to_string(routes),
                    std::to_string(number_of(cursor, one, "in_flight")),
                    time_of(text_of(cursor, one, "since"))});
    if (const std::string reason = text_of(cursor, one, "reason"); !reason.empty())
      notes += fmt::format("{} gen {} stays in memory: {}\n", id, generation, safe(reason));
  }
  if (rows.size() == 1) {
    world.out << "no plugin is loaded\n";
  } else {
    print_table(world, rows);
  }
  const NodeId refused = cursor.get(payload::kRoot, "refused");
  for (NodeId one = cursor.first(refused); one != payload::kNoNode; one = cursor.next(one)) {
    notes += fmt::format("{} refused: {}\n", safe(text_of(cursor, one, "file")),
                         safe(text_of(cursor, one, "reason")));
    if (const std::string fix = text_of(cursor, one, "fix"); !fix.empty())
      notes += fmt::format("  fix: {}\n", safe(fix));
  }
  world.out << notes;
}

// "gen 1 drained in 38 ms, 0 failed"; empty: nothing was replaced.
std::string drained_text(const Cursor& cursor, NodeId swap) {
  const std::uint64_t before = number_of(cursor, swap, "replaced");
  if (before == 0) return {};
  bool is_drained = false;
  static_cast<void>(cursor.read_bool(cursor.get(swap, "drained"), is_drained));
  if (!is_drained) return fmt::format("gen {} still drains", before);
  const std::chrono::duration<double> took(seconds_of(cursor, swap, "drain_s"));
  return fmt::format(
      "gen {} drained in {}, {} failed", before,
      telemetry::print_duration(std::chrono::duration_cast<std::chrono::nanoseconds>(took)),
      number_of(cursor, swap, "cut_off"));
}

// "2026-11-24T12:31:07.250Z" -> "2026-11-24 12:31:07"
std::string date_of(std::string timestamp) {
  std::replace(timestamp.begin(), timestamp.end(), 'T', ' ');
  return timestamp.substr(0, 19);
}

void show_history(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  const auto safe = [&](std::string_view text) {
    return telemetry::shown(world.out_console, text);
  };
  std::vector<Row> rows{{"TIME (UTC)", "FILE", "RESULT", "GEN", "BUILD ID", "WHY"}};
  const NodeId all = cursor.get(payload::kRoot, "swaps");
  for (NodeId one = cursor.first(all); one != payload::kNoNode; one = cursor.next(one)) {
    const std::uint64_t generation = number_of(cursor, one, "generation");
    const std::string build_id = text_of(cursor, one, "build_id").substr(0, kBuildIdShown);
    std::string why = safe(text_of(cursor, one, "reason"));
    if (why.empty()) why = drained_text(cursor, one);
    rows.push_back({date_of(text_of(cursor, one, "at")), safe(text_of(cursor, one, "file")),
                    text_of(cursor, one, "result"),
                    generation == 0 ? "-" : std::to_string(generation),
                    build_id.empty() ? "-" : safe(build_id), why.empty() ? "-" : why});
  }
  if (rows.size() == 1) {
    world.out << "nothing was swapped yet\n";
  } else {
    print_table(world, rows);
  }
}

void show_note(World& world, const Cursor& cursor) {
  if (const std::string note = text_of(cursor, payload::kRoot, "note"); !note.empty())
    world.out << fmt::format("note      {}\n", telemetry::shown(world.out_console, note));
}

void show_live(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  const auto safe = [&](std::string_view text) {
    return telemetry::shown(world.out_console, text);
  };
  const std::string id = safe(answer.text("plugin"));
  world.out << fmt::format("checked   build id {}, probe ok\n",
                           safe(answer.text("build_id").substr(0, kBuildIdShown)));
  const std::string drained = drained_text(cursor, payload::kRoot);
  world.out << fmt::format("live      {} gen {}{}{}\n", id,
                           number_of(cursor, payload::kRoot, "generation"),
                           drained.empty() ? "" : "   ", drained);
  show_note(world, cursor);
  if (number_of(cursor, payload::kRoot, "replaced") != 0)
    world.out << fmt::format("rollback: hookhost rollback {}\n", id);
}

void show_back(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  world.out << fmt::format("live      {} gen {} (was gen {})\n",
                           telemetry::shown(world.out_console, answer.text("plugin")),
                           number_of(cursor, payload::kRoot, "generation"),
                           number_of(cursor, payload::kRoot, "replaced"));
  show_note(world, cursor);
}

ExitCode change_plugin(const Invocation& invocation, World& world, std::string_view verb,
                       void (*show)(World& world, const payload::OwnedDocument& answer)) {
  const std::string& id = invocation.operands[0];
  const bool is_id = std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (id.empty() || !is_id)
    return refuse_usage(world, fmt::format("'{}' is not the id of a plugin", printable(id)),
                        "hookhost plugins lists them");
  return run_admin_command(invocation, world, "POST", fmt::format("{}/{}/{}", kApi, id, verb), {},
                           show);
}

}  // namespace

ExitCode plugins(const Invocation& invocation, World& world) {
  return invocation.has("--history")
             ? run_admin_command(invocation, world, "GET", kHistoryApi, {}, show_history)
             : run_admin_command(invocation, world, "GET", kApi, {}, show_plugins);
}

ExitCode deploy(const Invocation& invocation, World& world) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::absolute(invocation.operands[0], error);
  if (error || !std::filesystem::exists(file, error)) {
    print_error(world, {ErrorCode::kNotFound,
                        fmt::format("{}: there is no such file", invocation.operands[0]),
                        {}});
    return ExitCode::kFailed;
  }
  std::string body;
  JsonWriter(body).begin_object().member("file", file.lexically_normal().native()).end_object();
  return run_admin_command(invocation, world, "POST", fmt::format("{}/deploy", kApi),
                           std::move(body), show_live);
}

ExitCode rollback(const Invocation& invocation, World& world) {
  return change_plugin(invocation, world, "rollback", show_back);
}

ExitCode reload(const Invocation& invocation, World& world) {
  return change_plugin(invocation, world, "reload", show_live);
}

}  // namespace hookhost::cli
