// SPDX-License-Identifier: Apache-2.0
//
// ResponseReader: finds the end of one HTTP/1.1 response after another in the bytes of one
// connection, by Content-Length or chunks as RFC 9112 6.3 says, and keeps no more of the body than
// its beginning. It is as strict as the generator needs: bytes behind the end, or a response
// without a length, are errors of the server, since one request is in flight at a time. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hookhost::bench {

class ResponseReader {
 public:
  enum class State { kMore, kDone, kBroken };

  // Takes the next bytes of the connection. kDone: the response is complete, and the next call
  // begins the next one. kBroken: not a response that this reader understands, or bytes behind its
  // end.
  State take(std::string_view bytes);

  // Of the last complete response.
  int status() const noexcept { return status_; }
  bool closes() const noexcept { return closes_; }
  std::string_view body() const noexcept { return body_; }  // at most kBodyBytesKept of it

  // Begins anew, for a new connection.
  void reset() noexcept;

 private:
  enum class Phase { kHead, kBody, kChunkSize, kChunk, kChunkEnd, kTrailer };

  bool take_head(std::string_view& bytes);
  bool read_field(std::string_view line);
  State take_chunks(std::string_view bytes);
  State finish(std::string_view rest);
  void keep(std::string_view part);

  static constexpr std::size_t kHeadBytesMax = 64 * 1024;
  static constexpr std::size_t kBodyBytesKept = 64;  // the name of a build

  Phase phase_ = Phase::kHead;
  std::string head_;  // what arrived of a head, or of a line of the chunked form, so far
  std::string body_;
  std::uint64_t left_ = 0;
  int status_ = 0;
  bool closes_ = false;
  bool has_length_ = false;
  bool is_chunked_ = false;
};

}  // namespace hookhost::bench
