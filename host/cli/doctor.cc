// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "cli/commands.h"

namespace hookhost::cli {
namespace {

using app::Finding;
using app::Severity;
using telemetry::Paint;

constexpr int kSeverityColumns = 6;

Paint paint_of(Severity severity) {
  return severity == Severity::kOk     ? Paint::kGood
         : severity == Severity::kWarn ? Paint::kWarn
                                       : Paint::kBad;
}

std::string finding_text(const Finding& finding, const telemetry::Console& console) {
  const std::string_view name = app::severity_name(finding.severity);
  std::string text = fmt::format(
      "{}{:{}}{}: {}\n", telemetry::paint(console, paint_of(finding.severity), name), "",
      kSeverityColumns - static_cast<int>(name.size()), telemetry::shown(console, finding.thing),
      telemetry::shown(console, finding.what, 4096));
  return text + fix_text(finding.fix, console, kSeverityColumns);
}

std::string findings_json(const std::vector<Finding>& findings, bool is_ok) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("ok", is_ok).key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object()
        .member("check", finding.check)
        .member("severity", app::severity_name(finding.severity))
        .member("thing", finding.thing)
        .member("what", finding.what)
        .member("fix", finding.fix)
        .end_object();
  }
  json.end_array().end_object();
  return text + '\n';
}

}  // namespace

ExitCode doctor(const Invocation& invocation, World& world) {
  const app::DoctorFacts facts = app::look_up_facts(invocation.config_sources(world), world.clock);
  const std::vector<Finding> findings = app::diagnose(facts);
  const bool is_ok = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::kFail; });
  if (invocation.has("--json")) {
    world.out << findings_json(findings, is_ok);
  } else {
    for (const Finding& finding : findings) world.out << finding_text(finding, world.out_console);
  }
  if (!facts.config_errors.empty()) return ExitCode::kConfig;
  return is_ok ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace hookhost::cli
