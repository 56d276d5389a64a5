// SPDX-License-Identifier: Apache-2.0
//
// Looks at line ends only; what stands between them is the parser's and the guard's business.
#include "http/head_scanner.h"

#include <algorithm>
#include <cstring>

#include "http/head_guard.h"

namespace hookhost::http {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Longest request line that can hold an acceptable target.
constexpr std::size_t request_line_bytes_max(const Limits& limits) {
  constexpr std::size_t kVersionBytes = std::string_view(" HTTP/1.1\r\n").size();
  return kMethodBytesMax + 1 + limits.target_bytes_max + kVersionBytes;
}

// line: without its line end.
Rule judge_version(std::string_view line) {
  constexpr std::string_view kForm = " HTTP/d.d";
  if (line.size() < kForm.size()) return Rule::kRequestLine;
  const std::string_view end = line.substr(line.size() - kForm.size());
  if (!end.starts_with(" HTTP/") || !is_digit(end[6]) || end[7] != '.' || !is_digit(end[8]))
    return Rule::kRequestLine;
  return end[6] == '1' && end[8] <= '1' ? Rule::kAccepted : Rule::kVersion;
}

}  // namespace

HeadScanner::State HeadScanner::start(std::string_view bytes) noexcept {
  if (bytes.empty()) return State::kMore;
  if (bytes[0] == '\r') {
    if (bytes.size() == 1) return State::kMore;
    if (bytes[1] != '\n') return refuse(Rule::kLineEnd);
    begin_ = line_ = scanned_ = 2;
    if (bytes.size() == 2) return State::kMore;
  }
  if (!is_token(bytes.substr(begin_, 1))) return refuse(Rule::kRequestLine);
  started_ = true;
  return State::kMore;
}

HeadScanner::State HeadScanner::scan(std::string_view bytes, const Limits& limits) noexcept {
  if (state_ != State::kMore) return state_;
  if (!started_ && (start(bytes) == State::kRefused || !started_)) return state_;
  for (;;) {
    // Only so many bytes count, even when more are there: the verdict must not depend on it.
    const std::size_t head_max = begin_ + limits.head_bytes_max;
    const std::size_t line_max = begin_ + request_line_bytes_max(limits);
    const bool is_long_line = !has_request_line_ && line_max < head_max;
    const std::size_t limit = is_long_line ? line_max : head_max;
    const std::size_t end = std::min(bytes.size(), limit);
    const auto* feed =
        end > scanned_
            ? static_cast<const char*>(std::memchr(bytes.data() + scanned_, '\n', end - scanned_))
            : nullptr;
    if (feed == nullptr) {
      if (bytes.size() >= limit)
        return refuse(is_long_line ? Rule::kTargetTooLong : Rule::kHeadTooLarge);
      scanned_ = static_cast<std::uint32_t>(end);
      return State::kMore;
    }
    const auto at = static_cast<std::uint32_t>(feed - bytes.data());
    if (at == line_ || bytes[at - 1] != '\r') return refuse(Rule::kLineEnd);
    // Beast unfolds, and without a trace when the first line of the value is empty.
    if (bytes[line_] == ' ' || bytes[line_] == '\t') return refuse(Rule::kFoldedHeader);
    const bool is_empty_line = at == line_ + 1;
    if (!has_request_line_) {
      const Rule rule = judge_version(bytes.substr(line_, at - 1 - line_));
      if (rule != Rule::kAccepted) return refuse(rule);
      has_request_line_ = true;
    }
    line_ = scanned_ = at + 1;
    if (is_empty_line) return state_ = State::kWhole;
  }
}

}  // namespace hookhost::http
