// SPDX-License-Identifier: Apache-2.0
#include "app/build_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "telemetry/units.h"

namespace hookhost::app {
namespace {

using telemetry::Console;
using telemetry::Field;
using telemetry::Level;
using telemetry::Paint;

struct KindRow {
  const char* glyph;
  const char* ascii;
  Paint paint;
  const char* message;  // of the record, and the words on a terminal
  Level level;
};
// In the order of Kind.
constexpr KindRow kRows[] = {{"", "", Paint::kGood, "built", Level::kInfo},
                             {"!  ", "!  ", Paint::kWarn, "build has warnings", Level::kWarn},
                             {"✕  ", "x  ", Paint::kBad, "build failed", Level::kError}};

constexpr int kIndent = 12;  // two spaces, time of day, two spaces

const KindRow& row(const BuildLine& line) { return kRows[static_cast<std::size_t>(line.kind)]; }

// Not wrapped: compilers point below their lines.
std::string output_text(std::string_view output, const Console& console) {
  std::string text;
  int lines = 0, more = 0;
  while (!output.empty()) {
    const auto end = std::min(output.find('\n'), output.size());
    if (lines < kBuildLinesShownMax) {
      text += fmt::format("{:{}}{}\n", "", kIndent, shown(console, output.substr(0, end)));
      ++lines;
    } else {
      ++more;
    }
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  if (more != 0)
    text += fmt::format("{:{}}and {} more line{}\n", "", kIndent, more, more == 1 ? "" : "s");
  return text;
}

}  // namespace

std::string build_text(const BuildLine& line, SystemTime now, const Console& console) {
  if (line.kind == BuildLine::Kind::kBuilt)
    return fmt::format("  built {}   {}\n{}", shown(console, line.plugin),
                       telemetry::print_duration(line.took), output_text(line.output, console));
  const KindRow& how = row(line);
  return fmt::format("  {}  {} {}{}\n{}", telemetry::print_time_of_day(now),
                     paint(console, how.paint, console.is_utf8 ? how.glyph : how.ascii),
                     how.message,
                     line.generation != 0 ? fmt::format(", gen {} stays", line.generation) : "",
                     output_text(line.output, console));
}

void log_build(const BuildLine& line, telemetry::Log& log, SystemTime now) {
  if (log.is_pretty()) return log.print(build_text(line, now, log.console()));
  std::vector<Field> fields{{"plugin", line.plugin}};
  if (line.generation != 0) fields.push_back({"generation", line.generation});
  fields.push_back({"dur_s", std::chrono::duration<double>(line.took).count()});
  if (!line.output.empty()) fields.push_back({"output", line.output});
  log.write(row(line).level, row(line).message, fields);
}

}  // namespace hookhost::app
