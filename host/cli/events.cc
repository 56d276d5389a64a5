// SPDX-License-Identifier: Apache-2.0
//
// events, why, save, replay, drop: what came to a running host, what became of it, and once more.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "app/config_value.h"
#include "base/encoding.h"
#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "model/journal_id.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

using payload::Cursor;
using payload::NodeId;

constexpr const char* kApi = "/api/v1/events";

// "2026-11-24T12:31:07.250Z" -> "11-24 12:31:07"; "-" when there is none.
std::string moment_of(std::string_view timestamp) {
  return timestamp.size() < 19
             ? "-"
             : fmt::format("{} {}", timestamp.substr(5, 5), timestamp.substr(11, 8));
}

// A delivery that waits for another attempt says so by its count.
std::string try_of(const Cursor& cursor, NodeId event) {
  const std::uint64_t run = number_of(cursor, event, "run");
  return run == 0 ? std::to_string(number_of(cursor, event, "attempts"))
                  : fmt::format("{} (run {})", number_of(cursor, event, "attempts"), run);
}

void show_events(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  const auto safe = [&](std::string_view text) {
    return text.empty() ? std::string("-") : telemetry::shown(world.out_console, text);
  };
  std::vector<Row> rows{{"ID", "TIME (UTC)", "ROUTE", "EVENT", "STATE", "TRIES", "WHY"}};
  const NodeId all = cursor.get(payload::kRoot, "events");
  for (NodeId one = cursor.first(all); one != payload::kNoNode; one = cursor.next(one)) {
    rows.push_back(
        {safe(text_of(cursor, one, "id")), moment_of(text_of(cursor, one, "received_at")),
         safe(text_of(cursor, one, "route")), safe(text_of(cursor, one, "type")),
         text_of(cursor, one, "state"), try_of(cursor, one), safe(text_of(cursor, one, "error"))});
  }
  if (rows.size() == 1) {
    world.out << "no event\n";
    return;
  }
  print_table(world, rows);
  if (const std::string before = text_of(cursor, payload::kRoot, "before"); !before.empty())
    world.out << fmt::format("older: hookhost events --before {}\n", before);
}

void show_event(World& world, const payload::OwnedDocument& answer) {
  const Cursor cursor = answer.cursor();
  const auto line = [&](std::string_view label, const std::string& text) {
    if (!text.empty())
      world.out << fmt::format("{:9}{}\n", label, telemetry::shown(world.out_console, text));
  };
  const auto said = [&](std::string_view key) { return text_of(cursor, payload::kRoot, key); };
  line("event", said("id"));
  line("received", moment_of(said("received_at")) + " UTC");
  line("route", said("route"));
  line("type", said("type"));
  line("sender", said("sender_id"));
  line("body", telemetry::print_bytes(number_of(cursor, payload::kRoot, "body_bytes")));
  const NodeId failed = cursor.get(payload::kRoot, "failed_attempts");
  for (NodeId one = cursor.first(failed); one != payload::kNoNode; one = cursor.next(one)) {
    line("failed",
         fmt::format("{} UTC  attempt {}, {}: {}", moment_of(text_of(cursor, one, "started_at")),
                     number_of(cursor, one, "number"), text_of(cursor, one, "generation"),
                     text_of(cursor, one, "error")));
  }
  const std::string state = said("state");
  line("state",
       fmt::format("{}, {} {}{}", state, number_of(cursor, payload::kRoot, "attempts"),
                   number_of(cursor, payload::kRoot, "attempts") == 1 ? "attempt" : "attempts",
                   said("generation").empty() ? "" : ", last by " + said("generation")));
  if (state == "ready") line("next", moment_of(said("due_at")) + " UTC");
  if (state == "dead" || state == "done" || state == "skipped")
    world.out << fmt::format("again: hookhost replay {}\n", said("id"));
}

std::string query_value(std::string_view text) {
  std::string encoded = percent_encode_path(text);
  for (std::size_t at = 0; (at = encoded.find('/', at)) != encoded.npos;)
    encoded.replace(at, 1, "%2F");
  return encoded;
}

bool is_event_id(std::string_view text) { return parse_event_id(text).has_value(); }

ExitCode refuse_id(World& world, std::string_view text) {
  return refuse_usage(world, fmt::format("'{}' is not the id of an event", printable(text)),
                      "hookhost events lists them");
}

// Each of the operands; the first that fails decides the exit code, the others are tried all the
// same.
ExitCode change_events(const Invocation& invocation, World& world, std::string_view verb,
                       void (*show)(World& world, const payload::OwnedDocument& answer)) {
  for (const std::string& id : invocation.operands) {
    if (!is_event_id(id)) return refuse_id(world, id);
  }
  ExitCode result = ExitCode::kDone;
  for (const std::string& id : invocation.operands) {
    const ExitCode one = run_admin_command(invocation, world, "POST",
                                           fmt::format("{}/{}/{}", kApi, id, verb), {}, show);
    if (result == ExitCode::kDone) result = one;
  }
  return result;
}

}  // namespace

ExitCode events(const Invocation& invocation, World& world) {
  struct Filter {
    std::string_view option, parameter;
  };
  static constexpr std::array kFilters{Filter{"--route", "route"}, Filter{"--type", "type"},
                                       Filter{"--state", "state"}, Filter{"--text", "text"},
                                       Filter{"--limit", "limit"}, Filter{"--before", "before"}};
  std::string query;
  const auto add = [&](std::string_view name, std::string_view value) {
    query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, query_value(value));
  };
  for (const Filter& filter : kFilters) {
    if (invocation.has(filter.option)) add(filter.parameter, invocation.text(filter.option));
  }
  if (invocation.has("--failed")) add("failed", "1");
  if (invocation.has("--since")) {
    const auto length = app::parse_duration(invocation.text("--since"));
    if (!length)
      return refuse_usage(world, "--since: expected a duration such as 1h",
                          "hookhost events --since 30m");
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        (world.clock.now() - *length).time_since_epoch());
    add("since_ms", std::to_string(std::max<std::int64_t>(since.count(), 0)));
  }
  return run_admin_command(invocation, world, "GET", kApi + query, {}, show_events);
}

ExitCode why(const Invocation& invocation, World& world) {
  const std::string& id = invocation.operands[0];
  if (!is_event_id(id)) return refuse_id(world, id);
  return run_admin_command(invocation, world, "GET", fmt::format("{}/{}", kApi, id), {},
                           show_event);
}

ExitCode save(const Invocation& invocation, World& world) {
  const std::string& id = invocation.operands[0];
  const std::filesystem::path file = invocation.operands[1];
  if (!is_event_id(id)) return refuse_id(world, id);
  const auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  const auto body = ask_bytes(*config, fmt::format("{}/{}/body", kApi, id));
  if (!body) {
    print_error(world, body.error());
    return exit_code(body.error().code);
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << *body;
  if (!out.flush()) {
    print_error(world,
                {ErrorCode::kDenied, fmt::format("{}: cannot be written", file.native()), {}});
    return ExitCode::kFailed;
  }
  world.out << fmt::format("saved {} ({})\n", file.native(), telemetry::print_bytes(body->size()));
  return ExitCode::kDone;
}

ExitCode replay(const Invocation& invocation, World& world) {
  return change_events(invocation, world, "replay",
                       [](World& out, const payload::OwnedDocument& answer) {
                         out.out << fmt::format("replayed  {}\n", answer.text("id"));
                       });
}

ExitCode drop(const Invocation& invocation, World& world) {
  return change_events(invocation, world, "drop",
                       [](World& out, const payload::OwnedDocument& answer) {
                         out.out << fmt::format("dropped   {}\n", answer.text("id"));
                       });
}

}  // namespace hookhost::cli
