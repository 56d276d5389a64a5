// SPDX-License-Identifier: Apache-2.0
//
// The bytes of an answer: write_head makes the head in one piece, ResponseWriter hands head and
// body to the socket as often as it takes. Knows no socket. Hot path: no allocation beyond the
// arena, no formatting.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "model/response.h"

namespace hookhost::http {

// "Not Found" of 404; "Unknown" of a status without a name.
std::string_view reason_phrase(int status) noexcept;

// False for 1xx, 204 and 304: no body, no Content-Length (RFC 9110 6.4.1, 8.6).
bool may_have_body(int status) noexcept;

struct HeadOptions {
  std::string_view date;  // "Date: ...\r\n"
  int version = 11;       // of the request
  bool keep_alive = true;
};

// Status line, Date, Content-Type, Content-Length, Connection where it says something, the security
// headers of the response's kind and its own headers, in the arena.
std::string_view write_head(const Response& response, const HeadOptions& options, Arena& arena);

// The length of the whole body.
std::uint64_t body_bytes(const Response& response) noexcept;

class ResponseWriter {
 public:
  // Both live until the last byte was taken. with_body: false for HEAD and where may_have_body
  // says no.
  void begin(std::string_view head, const Response& response, bool with_body) noexcept;

  // Fills pieces with what comes next and returns how many; 0: everything was taken.
  std::size_t gather(std::span<iovec> pieces) const noexcept;

  // size bytes of what gather gave were taken.
  void advance(std::size_t size) noexcept;

  bool is_done() const noexcept { return head_.empty() && body_.empty() && chunks_.empty(); }

 private:
  std::string_view head_;
  std::string_view body_;          // what is left of it when there are no chunks
  std::span<const Chunk> chunks_;  // what is left of them
  std::size_t chunk_offset_ = 0;   // taken of the first one
};

}  // namespace hookhost::http
