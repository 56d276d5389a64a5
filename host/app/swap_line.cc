// SPDX-License-Identifier: Apache-2.0
#include "app/swap_line.h"

#include <fmt/format.h>

#include <iterator>
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
  const char* message;  // of the record
  std::string_view result;
  Level level;
};
// In the order of Kind.
constexpr KindRow kRows[kSwapLineKinds] = {
    {"↻  ", "~> ", Paint::kGood, "plugin live", "live", Level::kInfo},
    {"↻  ", "~> ", Paint::kWarn, "plugin removed", "removed", Level::kInfo},
    {"✕  ", "x  ", Paint::kBad, "plugin refused", "refused", Level::kError},
    {"✕  ", "x  ", Paint::kWarn, "plugin keeps changing", "restless", Level::kWarn},
    {"✕  ", "x  ", Paint::kBad, "plugin rolled back", "rolled_back", Level::kWarn}};

constexpr int kIndent = 16;  // two spaces, time of day, two spaces, glyph, space

const KindRow& row(const SwapLine& line) { return kRows[static_cast<std::size_t>(line.kind)]; }

std::string said(const SwapLine& line) {
  switch (line.kind) {
    case SwapLine::Kind::kLive: return fmt::format("gen {} live", line.generation);
    case SwapLine::Kind::kRemoved: return "removed";
    case SwapLine::Kind::kRefused: return "refused: " + line.reason;
    case SwapLine::Kind::kRolledBack:
      return fmt::format("gen {} live again, gen {} rolled back: {}", line.generation, line.before,
                         line.reason);
    case SwapLine::Kind::kRestless: break;
  }
  return "keeps changing and is not loaded yet";
}

}  // namespace

std::string_view result_of(SwapLine::Kind kind) noexcept {
  return kRows[static_cast<std::size_t>(kind)].result;
}

std::string swap_text(const SwapLine& line, SystemTime now, const Console& console) {
  std::string words = line.file + ' ' + said(line);
  if (line.kind == SwapLine::Kind::kRolledBack) {
    // Whoever goes back does not wait for the last call.
  } else if (line.before != 0 && line.is_drained) {
    words += fmt::format(", gen {} drained in {}, {} failed", line.before,
                         telemetry::print_duration(line.took), line.cut_off);
  } else if (line.before != 0) {
    words += fmt::format(", gen {} still drains", line.before);
  } else if (line.kind == SwapLine::Kind::kRefused && line.generation != 0) {
    words += fmt::format(", gen {} stays", line.generation);
  }
  const KindRow& how = row(line);
  std::string text = fmt::format("  {}  {} {}\n", telemetry::print_time_of_day(now),
                                 paint(console, how.paint, console.is_utf8 ? how.glyph : how.ascii),
                                 wrapped(console, shown(console, words), kIndent));
  if (!line.fix.empty())
    text += fmt::format("{:{}}{}\n", "", kIndent,
                        wrapped(console, "fix: " + shown(console, line.fix), kIndent));
  return text;
}

void log_swap(const SwapLine& line, telemetry::Log& log, SystemTime now) {
  if (log.is_pretty()) return log.print(swap_text(line, now, log.console()));
  std::vector<Field> fields{{"plugin", line.file}};
  if (line.generation != 0) fields.push_back({"generation", line.generation});
  if (line.before != 0) fields.push_back({"replaces", line.before});
  if (line.is_drained) {
    fields.push_back({"drain_s", std::chrono::duration<double>(line.took).count()});
    fields.push_back({"cut_off", static_cast<std::uint64_t>(line.cut_off)});
  }
  if (!line.reason.empty()) fields.push_back({"reason", line.reason});
  if (!line.fix.empty()) fields.push_back({"fix", line.fix});
  log.write(row(line).level, row(line).message, fields);
}

}  // namespace hookhost::app
