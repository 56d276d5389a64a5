// SPDX-License-Identifier: Apache-2.0
//
// Strangers' text made safe for a terminal or a log line, and the small comparisons that HTTP
// needs. Pure. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hookhost {

// Control characters (C0, DEL, C1), bidi controls, line and paragraph separators and bytes that are
// not UTF-8 become \n, \t, \xNN or \u{NNNN}; a backslash stays. Longer text is cut to bytes_max
// bytes of input, at a character, and ends with "...".
std::string printable(std::string_view text, std::size_t bytes_max = 1024);

// ASCII only, as RFC 9110 5.1 compares field names. Reads exactly the bytes of both, none behind
// them.
constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool ascii_iequals(std::string_view a, std::string_view b) noexcept;

// True for a well-formed UTF-8 text (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

// The candidate most like word when it is close enough to be a slip of the fingers (at most two
// edits, fewer for short words), else "".
std::string_view nearest(std::string_view word, const std::string_view* candidates,
                         std::size_t count);

}  // namespace hookhost
