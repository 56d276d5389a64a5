// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log_line.h"

#include <fmt/format.h>

#include <array>

#include "base/json_writer.h"
#include "base/text.h"
#include "telemetry/units.h"

namespace hookhost::telemetry {
namespace {

struct LevelRow {
  std::string_view name;
  std::string_view journal_prefix;
  Paint paint;
};
// In the order of Level.
constexpr std::array<LevelRow, 4> kLevels{{{"debug", "<7>", Paint::kDim},
                                           {"info", "<6>", Paint::kDim},
                                           {"warn", "<4>", Paint::kWarn},
                                           {"error", "<3>", Paint::kBad}}};

const LevelRow& row(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

struct WriteJson {
  JsonWriter& json;
  void operator()(std::string_view text) const { json.string(text); }
  void operator()(std::int64_t number) const { json.integer(number); }
  void operator()(std::uint64_t number) const { json.unsigned_integer(number); }
  void operator()(double number) const { json.number(number); }
  void operator()(bool flag) const { json.boolean(flag); }
  void operator()(Field::Json value) const { json.raw(value.text); }
};

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" =\"") != std::string_view::npos;
}

struct PrintValue {
  const Console& console;
  std::string operator()(std::string_view text) const {
    const std::string safe = shown(console, text);
    return needs_quotes(safe) ? fmt::format("\"{}\"", safe) : safe;
  }
  std::string operator()(Field::Json value) const { return shown(console, value.text); }
  std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
  template <class Number>
  std::string operator()(Number number) const {
    return fmt::format("{}", number);
  }
};

constexpr int kIndent = 12;  // two spaces, time of day, two spaces

}  // namespace

std::string_view level_name(Level level) noexcept { return row(level).name; }
std::string_view journal_prefix(Level level) noexcept { return row(level).journal_prefix; }

std::string json_line(const LogRecord& record) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.member("ts", print_timestamp(record.time));
  json.member("level", level_name(record.level));
  json.member("msg", record.message);
  for (const Field& field : record.fields) {
    json.key(field.name);
    std::visit(WriteJson{json}, field.value);
  }
  json.end_object();
  return line;
}

std::string pretty_line(const LogRecord& record, const Console& console) {
  const std::string message = shown(console, record.message, 4096);
  std::string line = fmt::format(
      "  {}  {}  {}", print_time_of_day(record.time),
      paint(console, row(record.level).paint, padded(level_name(record.level), 5)), message);
  int used = kIndent + 7 + columns(message);
  std::string_view gap = "   ";
  for (const Field& field : record.fields) {
    const std::string pair =
        fmt::format("{}={}", field.name, std::visit(PrintValue{console}, field.value));
    if (used + static_cast<int>(gap.size()) + columns(pair) > console.width) {
      line += fmt::format("\n{:{}}", "", kIndent);
      used = kIndent;
      gap = "";
    }
    line += gap;
    line += paint(console, Paint::kDim, pair);
    used += static_cast<int>(gap.size()) + columns(pair);
    gap = "  ";
  }
  return line;
}

}  // namespace hookhost::telemetry
