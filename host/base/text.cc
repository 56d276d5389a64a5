// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace hookhost {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// RFC 3629, section 4: the ranges of the syntax, written out.
CodePoint decode(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const auto tail = [&](std::size_t i, std::uint32_t low, std::uint32_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first >= 0xC2 && first <= 0xDF && tail(1, 0x80, 0xBF))
    return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (first >= 0xE0 && first <= 0xEF &&
      tail(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && tail(2, 0x80, 0xBF)) {
    return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  if (first >= 0xF0 && first <= 0xF4 &&
      tail(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && tail(2, 0x80, 0xBF) &&
      tail(3, 0x80, 0xBF)) {
    return {
        (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F),
        4};
  }
  return {};
}

// Characters that change what stands around them, or break a line, without being seen.
bool is_hidden(std::uint32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  out.reserve(std::min(text.size(), bytes_max) + 8);
  std::size_t i = 0;
  while (i < text.size()) {
    const CodePoint point = decode(text.substr(i));
    const std::size_t bytes = std::max<std::size_t>(point.bytes, 1);
    if (i + bytes > bytes_max) {
      out += "...";
      break;
    }
    if (point.bytes == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (point.value == '\t') {
      out += "\\t";
    } else if (point.value == '\r') {
      out += "\\r";
    } else if (is_hidden(point.value)) {
      point.value < 0x80 ? fmt::format_to(std::back_inserter(out), "\\x{:02x}", point.value)
                         : fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}", point.value);
    } else {
      out += text.substr(i, bytes);
    }
    i += bytes;
  }
  return out;
}

bool ascii_iequals(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ascii_lower(x) == ascii_lower(y);
         });
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.bytes == 0) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

std::string_view nearest(std::string_view word, const std::string_view* candidates,
                         std::size_t count) {
  const std::size_t edits_max = word.size() <= 3 ? 1 : 2;
  std::string_view best;
  std::size_t best_edits = edits_max + 1;
  std::vector<std::size_t> row;
  for (std::size_t c = 0; c < count; ++c) {
    const std::string_view candidate = candidates[c];
    row.resize(candidate.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i + 1;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t above = row[j + 1];
        row[j + 1] =
            std::min({above + 1, row[j] + 1, diagonal + (word[i] == candidate[j] ? 0U : 1U)});
        diagonal = above;
      }
    }
    if (row.back() < best_edits) {
      best_edits = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace hookhost
