// SPDX-License-Identifier: Apache-2.0
//
// Console: what is known about the place where our text goes: a terminal or not, its width, whether
// it may show colour and characters beyond ASCII. judge_console is pure; look_at_console asks the
// kernel about a descriptor. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"

namespace hookhost::telemetry {

inline constexpr int kWidthDefault = 80;
inline constexpr int kWidthMin = 40;  // narrower ones get text for 40 columns, and wrap it

struct Console {
  bool is_terminal = false;
  bool is_journal = false;  // the other end is systemd's journal
  bool is_utf8 = false;     // else plain ASCII
  bool has_colour = false;
  int width = kWidthDefault;  // columns
};

// What the kernel says about a descriptor.
struct ConsoleFacts {
  bool is_terminal = false;
  int columns = 0;             // 0: unknown
  std::string stream_id = {};  // "device:inode", as $JOURNAL_STREAM is written
};

// Colour: on a terminal, unless NO_COLOR is set to anything or TERM is "dumb"; CLICOLOR_FORCE (not
// "0") wins over both. Width: of the terminal, else COLUMNS, else 80. UTF-8: by the locale's name
// (LC_ALL, LC_CTYPE, LANG in this order).
Console judge_console(const ConsoleFacts& facts, const Environment& environment);
Console look_at_console(int descriptor, const Environment& environment);

enum class Paint { kDim, kGood, kWarn, kBad, kBold };

// The text in that colour, or as it is when the console has none.
std::string paint(const Console& console, Paint paint, std::string_view text);

// A stranger's text for this console: without control characters, and ASCII when it has no more.
std::string shown(const Console& console, std::string_view text, std::size_t bytes_max = 1024);

// Columns of a text that went through shown(); every character counts as one.
int columns(std::string_view text) noexcept;

// The text, cut to that many columns with "..." at its end when it has more.
std::string fitted(std::string_view text, int width);

// The text broken at its spaces to fit the width, for a place `indent` columns from the left;
// further lines begin there too. A longer word stays whole: it may be an address to copy.
std::string wrapped(const Console& console, std::string_view text, int indent);

// The text with spaces behind it up to that many columns; a longer one stays.
std::string padded(std::string_view text, int width);

}  // namespace hookhost::telemetry
