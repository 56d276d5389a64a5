// SPDX-License-Identifier: Apache-2.0
//
// The head guard: judges the head of a request before anybody else sees it, because Debian's Beast
// (345) lets through request smuggling, repeated headers and heads without a Host. Comes after
// HeadScanner, which has judged the raw bytes, and the parser. Pure. Hot path: no allocation, lock
// or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/rules.h"
#include "model/request.h"

namespace hookhost::http {

// A head as the parser found it: views into the received bytes; names are tokens, values hold no
// control character but HTAB.
struct RawHead {
  std::string_view method;
  std::string_view target;
  int version = 11;  // 10 or 11
  std::span<const Header> headers;
};

// What the head says about the bytes behind it and about the connection.
struct Framing {
  bool is_chunked = false;
  std::uint64_t content_length = 0;  // 0 as well when there is no Content-Length
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const noexcept { return is_chunked || content_length != 0; }
};

// Every rule of the head in one pass over the headers. The order is fixed, so a head that breaks
// two rules is always refused for the same one.
Result<Framing, Rule> judge_head(const RawHead& head, const Limits& limits) noexcept;

// The target in origin-form: "http://host/path?query" becomes "/path?query" (RFC 9112 3.2.2). Of a
// head that was judged. The arena pays for the slash that "http://host?query" lacks.
std::string_view origin_form(std::string_view target, Arena& arena);

// True for a field name or method (RFC 9110 5.6.2).
bool is_token(std::string_view text) noexcept;

}  // namespace hookhost::http
