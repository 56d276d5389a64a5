// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_desk.h"

#include <utility>

#include "base/json_writer.h"
#include "telemetry/units.h"

namespace hookhost::app {
namespace {

using admin::PluginOrder;
using admin::PluginReply;

constexpr const char* kStopping = R"({"detail":"the host is stopping"})";

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kDenied: return 403;
    default: return 422;
  }
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_generation(JsonWriter& json, const plugin::GenerationStatus& one) {
  json.begin_object();
  json.member("plugin", one.id).member("file", one.file).member("version", one.version);
  json.member("generation", one.generation).member("state", plugin::name_of(one.state));
  json.member("build_id", one.build_id).member("sha256", one.sha256);
  write_texts(json, "routes", one.routes);
  json.member("in_flight", one.in_flight);
  json.member("calls", one.tally.calls).member("failed", one.tally.failed);
  json.member("violations", one.tally.violations);
  json.key("since");
  one.since == SystemTime{} ? json.null() : json.string(telemetry::print_timestamp(one.since));
  json.member("reason", one.reason);
  json.end_object();
}

void write_refusal(JsonWriter& json, const plugin::Refusal& one) {
  json.begin_object();
  json.member("file", one.plugin.file.filename().native());
  json.member("reason", one.plugin.reason).member("fix", one.plugin.fix);
  json.member("stays", one.plugin.stays).member("sha256", one.sha256);
  json.member("at", telemetry::print_timestamp(one.at));
  json.end_object();
}

void write_event(JsonWriter& json, const SwapEvent& one) {
  json.begin_object();
  json.member("at", telemetry::print_timestamp(one.at)).member("result", one.result);
  json.member("cause", name_of(one.cause));
  json.member("file", one.file).member("plugin", one.plugin_id);
  json.member("generation", one.generation).member("replaced", one.before);
  json.member("build_id", one.build_id).member("replaced_build_id", one.build_id_before);
  json.member("reason", one.reason).member("fix", one.fix);
  json.member("drained", one.is_drained);
  json.member("drain_s", std::chrono::duration<double>(one.took).count());
  json.member("cut_off", one.cut_off);
  json.end_object();
}

}  // namespace

PluginReply reply_of(const SwapOutcome& outcome) {
  const SwapLine& line = outcome.line;
  PluginReply reply{.status = 200, .json = {}};
  JsonWriter json(reply.json);
  json.begin_object();
  if (outcome.is_refused()) {
    reply.status = status_of(outcome.error);
    json.member("result", "refused").member("file", line.file);
    json.member("detail", line.reason).member("fix", line.fix);
    json.member("stays", line.generation);
  } else {
    const bool is_back = line.kind == SwapLine::Kind::kRolledBack;
    json.member("result", is_back ? "rolled back" : "live");
    json.member("plugin", outcome.plugin_id).member("file", line.file);
    json.member("generation", line.generation).member("replaced", line.before);
    json.member("build_id", outcome.build_id);
    write_texts(json, "routes", outcome.routes);
    json.member("drained", line.is_drained);
    json.member("drain_s", std::chrono::duration<double>(line.took).count());
    json.member("cut_off", line.cut_off);
    json.member("note", outcome.note);
  }
  json.end_object();
  return reply;
}

PluginReply reply_of(const std::vector<plugin::GenerationStatus>& generations,
                     const std::vector<plugin::Refusal>& refusals) {
  PluginReply reply{.status = 200, .json = {}};
  JsonWriter json(reply.json);
  json.begin_object();
  json.key("generations").begin_array();
  for (const plugin::GenerationStatus& one : generations) write_generation(json, one);
  json.end_array();
  json.key("refused").begin_array();
  for (const plugin::Refusal& one : refusals) write_refusal(json, one);
  json.end_array();
  json.end_object();
  return reply;
}

PluginReply reply_of(const SwapHistory& history) {
  PluginReply reply{.status = 200, .json = {}};
  JsonWriter json(reply.json);
  json.begin_object().key("swaps").begin_array();
  for (const SwapEvent& one : history.events()) write_event(json, one);
  json.end_array();
  json.end_object();
  return reply;
}

void PluginDesk::submit(PluginOrder order, std::function<void(PluginReply)> reply) {
  const bool is_taken =
      queue_.post([this, order = std::move(order), reply] { carry_out(order, reply); });
  if (!is_taken) reply({503, kStopping});
}

void PluginDesk::carry_out(const PluginOrder& order,
                           const std::function<void(PluginReply)>& reply) {
  const SwapDone done = [reply](const SwapOutcome& outcome) { reply(reply_of(outcome)); };
  switch (order.kind) {
    case PluginOrder::Kind::kList: return reply(reply_of(registry_.status(), registry_.refusals()));
    case PluginOrder::Kind::kHistory: return reply(reply_of(swap_.history()));
    case PluginOrder::Kind::kDeploy: return swap_.deploy(order.operand, done);
    case PluginOrder::Kind::kRollBack: return swap_.roll_back(order.operand, done);
    case PluginOrder::Kind::kReload: return swap_.reload(order.operand, done);
  }
}

}  // namespace hookhost::app
