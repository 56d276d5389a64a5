// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_protocol.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/text.h"
#include "payload/cursor.h"
#include "payload/owned_document.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::kNoNode;
using payload::kRoot;
using payload::NodeId;
using payload::ReadError;

constexpr std::size_t kTextBytesMax = 8192;  // of one text in a verdict: it goes to a terminal

constexpr std::size_t kPhaseBytesMax = 256;  // the name of an endpoint has at most 128

// Texts of a report and of a route, each listed once for both directions.
struct ReportText {
  std::string_view key;
  std::string ProbeReport::*member;
};
constexpr std::array<ReportText, 7> kReportTexts = {{{"reason", &ProbeReport::reason},
                                                     {"fix", &ProbeReport::fix},
                                                     {"id", &ProbeReport::id},
                                                     {"version", &ProbeReport::version},
                                                     {"build_id", &ProbeReport::build_id},
                                                     {"payload", &ProbeReport::payload},
                                                     {"pinned", &ProbeReport::pinned_reason}}};
struct RouteText {
  std::string_view key;
  std::string ProbedRoute::*member;
};
constexpr std::array<RouteText, 6> kRouteTexts = {{{"name", &ProbedRoute::name},
                                                   {"path", &ProbedRoute::path},
                                                   {"form", &ProbedRoute::form},
                                                   {"place", &ProbedRoute::place},
                                                   {"ack", &ProbedRoute::ack},
                                                   {"on_failure", &ProbedRoute::on_failure}}};

template <class Read>
bool with_json(std::string_view json, Read read) {
  const auto document = payload::OwnedDocument::parse(json);
  if (!document) return false;
  const Cursor cursor = document->cursor();
  if (cursor.type(kRoot) != payload::NodeType::kObject) return false;
  read(cursor);
  return true;
}

std::string text_of(const Cursor& cursor, NodeId object, std::string_view key) {
  return std::string(cursor.text(cursor.get(object, key)));
}
bool flag_of(const Cursor& cursor, NodeId object, std::string_view key) {
  bool value = false;
  return cursor.read_bool(cursor.get(object, key), value) == ReadError::kOk && value;
}
std::uint64_t number_of(const Cursor& cursor, NodeId object, std::string_view key) {
  std::uint64_t value = 0;
  static_cast<void>(cursor.read_u64(cursor.get(object, key), value));
  return value;
}

ProbeOrder read_order(const Cursor& cursor, NodeId node) {
  ProbeOrder order{text_of(cursor, node, "library"),
                   text_of(cursor, node, "name"),
                   text_of(cursor, node, "id"),
                   {}};
  order.settings.config_json = text_of(cursor, node, "config");
  const NodeId secrets = cursor.get(node, "secrets");
  for (NodeId secret = cursor.first(secrets); secret != kNoNode; secret = cursor.next(secret))
    order.settings.secrets.emplace(cursor.key(secret), Secret(std::string(cursor.text(secret))));
  return order;
}

Stress read_stress(const Cursor& cursor, NodeId node) {
  return {number_of(cursor, node, "swaps"), number_of(cursor, node, "payloads"),
          number_of(cursor, node, "seed"), text_of(cursor, node, "only"),
          flag_of(cursor, node, "calls_all")};
}

CheckLevel read_level(std::string_view name) {
  for (std::size_t i = 0; i < kCheckLevels.size(); ++i) {
    if (kCheckLevels[i].name == name) return static_cast<CheckLevel>(i);
  }
  return CheckLevel::kBasic;
}

void write_report(JsonWriter& json, const ProbeReport& report) {
  json.member("verdict", true).member("good", report.is_good);
  for (const ReportText& text : kReportTexts) json.member(text.key, report.*text.member);
  json.member("abi_built", std::uint64_t{report.abi_minor_built})
      .member("abi_required", std::uint64_t{report.abi_minor_required})
      .member("unmapped", report.was_unmapped)
      .member("swaps", report.swaps)
      .member("swaps_pinned", report.swaps_pinned);
  json.key("routes").begin_array();
  for (const ProbedRoute& route : report.routes) {
    json.begin_object();
    for (const RouteText& text : kRouteTexts) json.member(text.key, route.*text.member);
    json.member("called", route.is_called).member("payloads", route.payloads);
    json.end_object();
  }
  json.end_array().key("notes").begin_array();
  for (const std::string& note : report.notes) json.string(note);
  json.end_array();
}

ProbeReport read_report(const Cursor& cursor) {
  ProbeReport report;
  report.is_good = flag_of(cursor, kRoot, "good");
  for (const ReportText& text : kReportTexts)
    report.*text.member = printable(text_of(cursor, kRoot, text.key), kTextBytesMax);
  report.abi_minor_built = static_cast<std::uint32_t>(number_of(cursor, kRoot, "abi_built"));
  report.abi_minor_required = static_cast<std::uint32_t>(number_of(cursor, kRoot, "abi_required"));
  report.was_unmapped = flag_of(cursor, kRoot, "unmapped");
  report.swaps = number_of(cursor, kRoot, "swaps");
  report.swaps_pinned = number_of(cursor, kRoot, "swaps_pinned");
  const NodeId routes = cursor.get(kRoot, "routes");
  for (NodeId node = cursor.first(routes); node != kNoNode; node = cursor.next(node)) {
    ProbedRoute route;
    for (const RouteText& text : kRouteTexts)
      route.*text.member = printable(text_of(cursor, node, text.key), kTextBytesMax);
    route.is_called = flag_of(cursor, node, "called");
    route.payloads = number_of(cursor, node, "payloads");
    report.routes.push_back(std::move(route));
  }
  const NodeId notes = cursor.get(kRoot, "notes");
  for (NodeId node = cursor.first(notes); node != kNoNode; node = cursor.next(node))
    report.notes.push_back(printable(cursor.text(node), kTextBytesMax));
  return report;
}

}  // namespace

std::string write_request(const ProbeRequest& request) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("host_version", request.host_version)
      .member("calls_handlers", request.calls_handlers)
      .member("check", name_of(request.check));
  json.key("stress")
      .begin_object()
      .member("swaps", request.stress.swaps)
      .member("payloads", request.stress.payloads)
      .member("seed", request.stress.seed)
      .member("only", request.stress.only)
      .member("calls_all", request.stress.calls_all)
      .end_object();
  json.key("orders").begin_array();
  for (const ProbeOrder& order : request.orders) {
    json.begin_object()
        .member("library", order.library)
        .member("name", order.name)
        .member("id", order.id)
        .member("config", order.settings.config_json);
    json.key("secrets").begin_object();
    for (const auto& [name, secret] : order.settings.secrets) json.member(name, secret.reveal());
    json.end_object().end_object();
  }
  json.end_array().end_object();
  return out;
}

Result<ProbeRequest> read_request(std::string_view text) {
  ProbeRequest request;
  const bool is_json = with_json(text, [&](const Cursor& cursor) {
    request.host_version = text_of(cursor, kRoot, "host_version");
    request.calls_handlers = flag_of(cursor, kRoot, "calls_handlers");
    request.check = read_level(text_of(cursor, kRoot, "check"));
    request.stress = read_stress(cursor, cursor.get(kRoot, "stress"));
    const NodeId orders = cursor.get(kRoot, "orders");
    for (NodeId node = cursor.first(orders); node != kNoNode; node = cursor.next(node))
      request.orders.push_back(read_order(cursor, node));
  });
  if (!is_json || request.orders.empty())
    return Error{ErrorCode::kInvalid, "the probe got no order on its standard input",
                 "it is started by the host: use `hookhost check FILE`"};
  return request;
}

std::string write_message(const ProbeMessage& message) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("index", std::uint64_t{message.index});
  if (!message.phase.empty()) json.member("phase", message.phase);
  if (!message.payload.empty()) json.member("payload", message.payload);
  if (!message.wants.empty()) json.member("wants", message.wants);
  if (message.verdict) write_report(json, *message.verdict);
  json.end_object();
  out += '\n';
  return out;
}

std::optional<ProbeMessage> read_message(std::string_view line) {
  if (line.size() > kVerdictBytesMax) return std::nullopt;
  ProbeMessage message;
  const bool is_json = with_json(line, [&](const Cursor& cursor) {
    message.index = number_of(cursor, kRoot, "index");
    message.phase = printable(text_of(cursor, kRoot, "phase"), kPhaseBytesMax);
    message.payload = printable(text_of(cursor, kRoot, "payload"), kPhaseBytesMax);
    message.wants = printable(text_of(cursor, kRoot, "wants"), 64);
    if (flag_of(cursor, kRoot, "verdict")) message.verdict = read_report(cursor);
  });
  return is_json ? std::optional(std::move(message)) : std::nullopt;
}

}  // namespace hookhost::plugin
