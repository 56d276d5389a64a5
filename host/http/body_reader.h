// SPDX-License-Identifier: Apache-2.0
//
// BodyReader: collects the body of one request, in the block behind its head when it fits, else in
// a buffer of its own that grows as bytes arrive. Knows no socket: the session asks where to read
// and says how much came. Hot path: a body that fits its block is never copied and allocates
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/chunked_body.h"
#include "http/head_guard.h"
#include "http/memory_account.h"
#include "http/rules.h"

namespace hookhost::http {

class BodyReader {
 public:
  enum class State : std::uint8_t { kUnread, kMore, kComplete, kRefused };

  // memory: of buffers of its own; outlives this.
  explicit BodyReader(MemoryAccount& memory) noexcept : memory_(memory) {}
  ~BodyReader() { free_buffer(); }
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // received: what the block holds behind the head; capacity: where the block ends. Before start().
  void prepare(const Framing& framing, std::span<char> received, char* capacity) noexcept;

  // Begins to read a body of at most bytes_max.
  State start(std::uint64_t bytes_max) noexcept;

  // Where the next bytes go. Empty: there is no memory for more, and the body is refused.
  std::span<char> space() noexcept;

  // The first size bytes of space() arrived.
  State received(std::size_t size) noexcept;

  // Ends a body that will not become whole.
  void refuse(Rule rule) noexcept {
    rule_ = rule;
    state_ = State::kRefused;
  }

  // For an answer that did not want the body: true when all of it is here already and was skipped,
  // so that the connection can go on. Allocates nothing.
  bool skip() noexcept;

  State state() const noexcept { return state_; }
  Rule rule() const noexcept { return rule_; }
  bool is_empty() const noexcept { return !framing_.has_body(); }

  // Bytes that came so far, as sent.
  std::uint64_t bytes() const noexcept { return bytes_; }

  // kComplete: the body, with kPaddingBytes readable behind it, and what came behind the body.
  std::string_view view() const noexcept {
    return {begin_, static_cast<std::size_t>(end_ - begin_)};
  }
  std::span<char> rest() const noexcept { return {rest_, filled_}; }

 private:
  State decode(char* in) noexcept;
  bool move_to(std::size_t capacity_bytes) noexcept;
  std::size_t buffer_bytes() const noexcept;
  void free_buffer() noexcept;
  State complete(char* rest) noexcept;

  MemoryAccount& memory_;
  Framing framing_;
  ChunkedDecoder chunks_;
  char* begin_ = nullptr;     // of the body
  char* end_ = nullptr;       // of the decoded body
  char* filled_ = nullptr;    // of what was received
  char* capacity_ = nullptr;  // of the buffer, without its padding
  char* rest_ = nullptr;
  char* buffer_ = nullptr;  // of our own; nullptr: the block's
  std::uint64_t bytes_max_ = 0;
  std::uint64_t bytes_ = 0;
  State state_ = State::kUnread;
  Rule rule_ = Rule::kAccepted;
};

}  // namespace hookhost::http
