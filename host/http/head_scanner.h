// SPDX-License-Identifier: Apache-2.0
//
// HeadScanner: finds the end of a request's head in the bytes as they arrive, and refuses by their
// form what no parser should see. Pure; the same verdict for the same bytes in any split. Hot path:
// no allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/limits.h"
#include "http/rules.h"

namespace hookhost::http {

// Looks for the empty line that ends a head and refuses what can never become one: a first byte
// that starts no method (a TLS hello), a request line without a version (HTTP/0.9), a line that
// ends without CR, a head or a request line that is too long.
class HeadScanner {
 public:
  enum class State : std::uint8_t { kMore, kWhole, kRefused };

  // bytes: everything since the end of the request before; a call sees at least what the call
  // before saw. kMore: call again with more; kWhole: head() is set; kRefused: rule() is set. The
  // verdict stays until reset().
  State scan(std::string_view bytes, const Limits& limits) noexcept;

  // [begin, end) in the bytes, with the empty line at its end, without the one before the request
  // line that RFC 9112 2.2 wants ignored.
  std::size_t begin() const noexcept { return begin_; }
  std::size_t end() const noexcept { return line_; }
  Rule rule() const noexcept { return rule_; }
  bool has_started() const noexcept { return started_; }  // more than an empty line came

  void reset() noexcept { *this = HeadScanner(); }

 private:
  State start(std::string_view bytes) noexcept;
  State refuse(Rule rule) noexcept {
    rule_ = rule;
    return state_ = State::kRefused;
  }

  std::uint32_t begin_ = 0;
  std::uint32_t line_ = 0;     // where the current line begins
  std::uint32_t scanned_ = 0;  // no line feed between line_ and here
  State state_ = State::kMore;
  Rule rule_ = Rule::kAccepted;
  bool started_ = false;  // the request line has begun
  bool has_request_line_ = false;
};

}  // namespace hookhost::http
