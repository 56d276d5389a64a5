// SPDX-License-Identifier: Apache-2.0
//
// The two places of a body (the head's block, a buffer of its own) and the growth of the second.
// Chunked bodies are decoded where they lie, so what is received is never kept twice.
#include "http/body_reader.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "http/limits.h"

namespace hookhost::http {
namespace {

// Chunked bodies are read in pieces of at most this size, because what came behind the body has to
// fit into the next request's block.
constexpr std::size_t kChunkedReadBytesMax = kBlockBytes;

// Less room than this is not worth a read.
constexpr std::size_t kSpaceBytesMin = 1024;

}  // namespace

void BodyReader::prepare(const Framing& framing, std::span<char> received,
                         char* capacity) noexcept {
  framing_ = framing;
  begin_ = end_ = received.data();
  filled_ = begin_ + received.size();
  capacity_ = capacity;
  bytes_ = received.size();
}

BodyReader::State BodyReader::complete(char* rest) noexcept {
  rest_ = rest;
  return state_ = State::kComplete;
}

BodyReader::State BodyReader::start(std::uint64_t bytes_max) noexcept {
  HOOKHOST_CHECK(state_ == State::kUnread);
  bytes_max_ = bytes_max;
  state_ = State::kMore;
  if (framing_.is_chunked) {
    chunks_ = ChunkedDecoder(bytes_max);
    return decode(begin_);
  }
  const std::uint64_t length = framing_.content_length;
  if (length > bytes_max) {
    refuse(Rule::kBodyTooLarge);
    return state_;
  }
  if (length > static_cast<std::size_t>(capacity_ - begin_)) {
    move_to(static_cast<std::size_t>(std::min<std::uint64_t>(length, kBodyBytesFirst)));
    return state_;
  }
  return received(0);
}

std::span<char> BodyReader::space() noexcept {
  HOOKHOST_CHECK(state_ == State::kMore);
  const auto used = static_cast<std::size_t>(filled_ - begin_);
  auto room = static_cast<std::size_t>(capacity_ - filled_);
  if (!framing_.is_chunked) {
    // In a buffer of its own a body is read to its end and no further.
    if (room == 0 && !move_to(static_cast<std::size_t>(
                         std::min<std::uint64_t>(framing_.content_length, used * 2))))
      return {};
    room = static_cast<std::size_t>(capacity_ - filled_);
    return {filled_, std::min(room, kReadBytesMax)};
  }
  if (room < kSpaceBytesMin) {
    if (!move_to(std::max(kBodyBytesFirst, used * 2))) return {};
    room = static_cast<std::size_t>(capacity_ - filled_);
  }
  return {filled_, std::min(room, kChunkedReadBytesMax)};
}

BodyReader::State BodyReader::received(std::size_t size) noexcept {
  char* in = filled_;
  filled_ += size;
  bytes_ += size;
  if (framing_.is_chunked) return decode(in);
  end_ = filled_;
  const std::uint64_t length = framing_.content_length;
  if (static_cast<std::size_t>(filled_ - begin_) < length) return state_;
  end_ = begin_ + length;
  return complete(end_);
}

BodyReader::State BodyReader::decode(char* in) noexcept {
  switch (chunks_.decode(end_, in, filled_)) {
    case ChunkedDecoder::State::kMore:
      filled_ = end_;  // everything was used up: the next bytes follow the decoded ones
      break;
    case ChunkedDecoder::State::kComplete: return complete(in);
    case ChunkedDecoder::State::kRefused: refuse(chunks_.rule()); break;
  }
  return state_;
}

bool BodyReader::skip() noexcept {
  if (state_ != State::kUnread) return state_ == State::kComplete;
  state_ = State::kMore;
  if (framing_.is_chunked) {
    chunks_ = ChunkedDecoder(std::numeric_limits<std::uint64_t>::max());
    return decode(begin_) == State::kComplete;
  }
  const auto here = static_cast<std::size_t>(filled_ - begin_);
  if (framing_.content_length > here) return false;
  end_ = begin_ + framing_.content_length;
  complete(end_);
  return true;
}

// The body so far goes to a buffer of our own that holds capacity_bytes. False: there is no memory
// for it, and the body is refused.
bool BodyReader::move_to(std::size_t capacity_bytes) noexcept {
  const auto used = static_cast<std::size_t>(filled_ - begin_);
  const auto decoded = static_cast<std::size_t>(end_ - begin_);
  const std::size_t growth = capacity_bytes + kPaddingBytes - buffer_bytes();
  if (!memory_.take(growth)) return refuse(Rule::kMemoryFull), false;
  auto* larger = static_cast<char*>(std::realloc(buffer_, capacity_bytes + kPaddingBytes));
  if (larger == nullptr) {
    memory_.give_back(growth);
    return refuse(Rule::kOutOfMemory), false;
  }
  if (buffer_ == nullptr) std::memcpy(larger, begin_, used);
  std::memset(larger + capacity_bytes, 0, kPaddingBytes);
  buffer_ = begin_ = larger;
  end_ = begin_ + decoded;
  filled_ = begin_ + used;
  capacity_ = begin_ + capacity_bytes;
  return true;
}

std::size_t BodyReader::buffer_bytes() const noexcept {
  if (buffer_ == nullptr) return 0;
  return static_cast<std::size_t>(capacity_ - buffer_) + kPaddingBytes;
}

void BodyReader::free_buffer() noexcept {
  memory_.give_back(buffer_bytes());
  std::free(buffer_);
}

}  // namespace hookhost::http
