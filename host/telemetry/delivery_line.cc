// SPDX-License-Identifier: Apache-2.0
#include "telemetry/delivery_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "telemetry/units.h"

namespace hookhost::telemetry {
namespace {

struct ResultRow {
  const char* word;  // behind the status
  Paint paint;
};
// In the order of Result.
constexpr ResultRow kRows[] = {
    {"ok", Paint::kGood},       {"skipped", Paint::kGood},         {"filtered", Paint::kDim},
    {"duplicate", Paint::kDim}, {"failed", Paint::kBad},           {"dead", Paint::kBad},
    {"timed out", Paint::kBad}, {"cancelled", Paint::kWarn},       {"overloaded", Paint::kBad},
    {"on disk", Paint::kGood},  {"kept, will retry", Paint::kBad}, {"handshake", Paint::kGood},
    {"refused", Paint::kWarn}};
static_assert(std::size(kRows) == kResults);

constexpr int kIndent = 12;  // two spaces, time of day, two spaces
constexpr int kArrow = 4;    // "--> "
constexpr int kGap = 2;      // between two cells
constexpr int kLeft = 22;    // "POST /webhooks/retrain": the column of the ids begins behind it

// No room for columns: cells follow each other.
bool is_narrow(const Console& console) noexcept { return console.width < 72; }

bool is_failure(Result result) noexcept { return delivery_level(result) == Level::kError; }

const ResultRow& row(Result result) { return kRows[static_cast<std::size_t>(result)]; }

// One line: arrow, left text, then the cells that stand in columns behind it. A cell that does not
// fit begins an indented line of its own when it is worth one, or is left out.
struct Cell {
  std::string text;
  bool is_optional = false;
};

std::string aligned_line(const std::string& head, int left, std::span<const Cell> cells,
                         const Console& console) {
  std::string line = head;
  int used = kIndent + kArrow + left;
  int gap = is_narrow(console) ? kGap : std::max(kGap, kLeft + kGap - left);
  for (const Cell& cell : cells) {
    if (cell.text.empty()) continue;
    if (used + gap + columns(cell.text) > console.width) {
      if (cell.is_optional) continue;
      line += fmt::format("\n{:{}}", "", kIndent);
      used = kIndent;
      gap = 0;
    }
    line += std::string(static_cast<std::size_t>(gap), ' ') + cell.text;
    used += gap + columns(cell.text);
    gap = kGap;
  }
  return line + '\n';
}

std::string arrived_line(const DeliveryRecord& record, SystemTime at, const Console& console) {
  // The beginning of a path says what somebody was looking for.
  const std::string left =
      fitted(fmt::format("{} {}", shown(console, record.method, 16), shown(console, record.path)),
             console.width - kIndent - kArrow);
  const std::string head =
      fmt::format("  {}  {} {}", print_time_of_day(at), paint(console, Paint::kDim, "-->"), left);
  const Cell cells[] = {{std::string(record.event_id)},
                        {record.body_bytes > 0 ? print_bytes(record.body_bytes) : "", true}};
  return aligned_line(head, columns(left), cells, console);
}

std::string answered_line(const DeliveryRecord& record, SystemTime at, const Console& console) {
  // An attempt out of the journal has no status: nobody is answered.
  const bool is_answer = record.attempt == 0;
  const std::string left =
      is_answer ? fmt::format("{} {}", record.status, row(record.result).word)
                : fmt::format("{}, attempt {}",
                              record.result == Result::kHandled ? "done" : row(record.result).word,
                              record.attempt);
  const std::string head = fmt::format("  {}  {} {}", print_time_of_day(at),
                                       paint(console, Paint::kDim, is_answer ? "<--" : "==>"),
                                       paint(console, row(record.result).paint, left));
  // On a narrow console the id stands in the line above and is not repeated.
  const bool has_handler = is_answer && record.handler.count() > 0 && record.again_in.count() == 0;
  const double handler_ms = std::chrono::duration<double, std::milli>(record.handler).count();
  const Cell cells[] = {
      {record.event_id.empty()
           ? shown(console, record.rule, 40)
           : std::string(is_narrow(console) && is_answer ? "" : record.event_id)},
      {print_duration(record.total)},
      {record.again_in.count() > 0 ? "again in " + print_duration(record.again_in) : ""},
      {has_handler ? fmt::format("(handler {:.{}f})", handler_ms, handler_ms < 0.1 ? 2 : 1) : "",
       true}};
  return aligned_line(head, columns(left), cells, console);
}

}  // namespace

Level delivery_level(Result result) noexcept {
  switch (result) {
    case Result::kFailed:
    case Result::kDead:
    case Result::kTimedOut:
    case Result::kKept:
    case Result::kOverloaded: return Level::kError;
    default: return Level::kInfo;
  }
}

std::string delivery_text(const DeliveryRecord& record, SystemTime answered_at,
                          const Console& console) {
  const auto arrived_at =
      answered_at - std::chrono::duration_cast<SystemTime::duration>(record.total);
  std::string text;
  if (!record.method.empty()) text = arrived_line(record, arrived_at, console);
  text += answered_line(record, answered_at, console);
  if (is_failure(record.result) && !(record.plugin.empty() && record.detail.empty())) {
    text += fmt::format("{:{}}", "", kIndent);
    if (!record.plugin.empty()) {
      text += fmt::format("{} gen {}{}", shown(console, record.plugin, 64), record.generation,
                          record.detail.empty() ? "" : ": ");
    }
    text += shown(console, record.detail) + '\n';
  } else if (record.result == Result::kRefused && !record.detail.empty()) {
    text += fmt::format("{:{}}{}\n", "", kIndent, shown(console, record.detail));
  }
  return text;
}

std::size_t delivery_fields(const DeliveryRecord& record, std::span<Field> fields) {
  std::size_t count = 0;
  const auto add = [&](Field field) { fields[count++] = field; };
  const auto add_text = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) add({name, text});
  };
  const auto seconds = [](std::chrono::nanoseconds length) {
    return std::chrono::duration<double>(length).count();
  };
  add_text("event_id", record.event_id);
  add_text("route", record.route);
  add_text("plugin", record.plugin);
  if (record.generation > 0) add({"generation", record.generation});
  add({"outcome", result_name(record.result)});
  if (record.attempt == 0) {
    add({"status", record.status});
  } else {
    add({"attempt", std::uint64_t{record.attempt}});
  }
  if (record.again_in.count() > 0) add({"again_in_s", seconds(record.again_in)});
  add({"dur_s", seconds(record.total)});
  if (record.handler.count() > 0) add({"handler_s", seconds(record.handler)});
  add({"body_bytes", std::uint64_t{record.body_bytes}});
  add_text("method", record.method);
  add_text("path", record.path);
  add_text("rule", record.rule);
  add_text("detail", record.detail);
  return count;
}

std::string omitted_text(const Omitted& omitted, SystemTime now, const Console& console) {
  std::uint64_t sum = 0;
  std::string parts;
  for (std::size_t i = 0; i < omitted.size(); ++i) {
    if (omitted[i] == 0) continue;
    sum += omitted[i];
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", omitted[i], kRows[i].word);
  }
  return fmt::format("  {}  {} {} more: {}\n", print_time_of_day(now),
                     paint(console, Paint::kDim, "..."), sum, parts);
}

}  // namespace hookhost::telemetry
