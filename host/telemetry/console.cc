// SPDX-License-Identifier: Apache-2.0
#include "telemetry/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace hookhost::telemetry {
namespace {

bool contains_utf8(std::string_view locale) {
  std::string lower(locale);
  std::transform(lower.begin(), lower.end(), lower.begin(), ascii_lower);
  return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
}

bool is_utf8_locale(const Environment& environment) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = variable(environment, name);
    if (!locale.empty()) return contains_utf8(locale);
  }
  return false;
}

bool wants_colour(const ConsoleFacts& facts, const Environment& environment) {
  const std::string_view force = variable(environment, "CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  if (find_variable(environment, "NO_COLOR")) return false;
  return facts.is_terminal && variable(environment, "TERM") != "dumb";
}

int width_of(const ConsoleFacts& facts, const Environment& environment) {
  int width = facts.columns;
  if (width <= 0) {
    const std::string_view text = variable(environment, "COLUMNS");
    std::from_chars(text.data(), text.data() + text.size(), width);
  }
  return width <= 0 ? kWidthDefault : std::max(width, kWidthMin);
}

}  // namespace

Console judge_console(const ConsoleFacts& facts, const Environment& environment) {
  Console console;
  console.is_terminal = facts.is_terminal;
  // The variable is inherited by children whose output goes elsewhere: only the very stream that
  // it names is the journal (systemd.exec(5)).
  console.is_journal = !facts.stream_id.empty() &&
                       variable(environment, "JOURNAL_STREAM") == std::string_view(facts.stream_id);
  console.is_utf8 = is_utf8_locale(environment);
  console.has_colour = wants_colour(facts, environment);
  console.width = width_of(facts, environment);
  return console;
}

Console look_at_console(int descriptor, const Environment& environment) {
  ConsoleFacts facts;
  facts.is_terminal = ::isatty(descriptor) == 1;
  winsize size{};
  if (facts.is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0) facts.columns = size.ws_col;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0) {
    facts.stream_id = fmt::format("{}:{}", status.st_dev, status.st_ino);
  }
  return judge_console(facts, environment);
}

std::string paint(const Console& console, Paint paint, std::string_view text) {
  if (!console.has_colour || text.empty()) return std::string(text);
  constexpr const char* kCodes[] = {"2", "32", "33", "31", "1"};  // in the order of Paint
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(paint)], text);
}

std::string shown(const Console& console, std::string_view text, std::size_t bytes_max) {
  std::string safe = printable(text, bytes_max);
  if (!console.is_utf8) {
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
  }
  return safe;
}

int columns(std::string_view text) noexcept {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // no continuation byte of UTF-8
  }));
}

std::string fitted(std::string_view text, int width) {
  if (columns(text) <= width) return std::string(text);
  std::size_t end = 0;
  for (int taken = 0; end < text.size(); ++end) {
    const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins_character && ++taken > width - 3) break;
  }
  return std::string(text.substr(0, end)) + "...";
}

std::string wrapped(const Console& console, std::string_view text, int indent) {
  std::string out;
  int used = indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool is_first = used == indent;
    if (!is_first && used + 1 + columns(word) > console.width) {
      out += fmt::format("\n{:{}}", "", indent);
      used = indent;
    } else if (!is_first) {
      out += ' ';
      ++used;
    }
    out += word;
    used += columns(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string padded(std::string_view text, int width) {
  std::string out(text);
  const int missing = width - columns(text);
  if (missing > 0) out.append(static_cast<std::size_t>(missing), ' ');
  return out;
}

}  // namespace hookhost::telemetry
