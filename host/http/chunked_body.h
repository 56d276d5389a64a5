// SPDX-License-Identifier: Apache-2.0
//
// ChunkedDecoder: takes the chunks of a body apart (RFC 9112 7.1), byte by byte if need be, and
// moves their data to the front of the same bytes. Extensions and trailers are checked, limited and
// dropped. Pure; the same verdict for any split. Not Beast's: 345 asserts when the last chunk
// arrives byte by byte, merges trailers into the headers and buffers extensions without limit. Hot
// path: no allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/rules.h"

namespace hookhost::http {

class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { kMore, kComplete, kRefused };

  explicit ChunkedDecoder(std::uint64_t body_bytes_max = 0) noexcept
      : body_bytes_max_(body_bytes_max) {}

  // Decodes [in, end). The data goes to out, which is in or before it; out advances by what was
  // written, in by what was used up: everything with kMore, up to the end of the body with
  // kComplete. A chunk that would pass body_bytes_max is refused when its size is known.
  State decode(char*& out, char*& in, char* end) noexcept;

  Rule rule() const noexcept { return rule_; }

 private:
  //        size digits        ext          data            data end
  //   Size ----------> SizeLf -----------> Data ---------> DataCr -> DataLf --+
  //    ^ |  ';' or blank ^                                                    |
  //    | +--> Extension -+        size 0                                      |
  //    |                 SizeLf ----------> TrailerStart ... -> LastLf -> done|
  //    +----------------------------------------------------------------------+
  enum class Step : std::uint8_t {
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kLastLf,
  };

  void take(unsigned char byte) noexcept;
  void take_size(unsigned char byte) noexcept;
  void take_trailer(unsigned char byte) noexcept;
  void size_is_known() noexcept;
  void refuse(Rule rule) noexcept {
    rule_ = rule;
    state_ = State::kRefused;
  }

  std::uint64_t body_bytes_max_;
  std::uint64_t body_bytes_ = 0;  // of the chunks announced so far
  std::uint64_t left_ = 0;        // of this chunk; its size while the digits come
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::uint8_t digits_ = 0;
  Step step_ = Step::kSize;
  State state_ = State::kMore;
  Rule rule_ = Rule::kAccepted;
};

}  // namespace hookhost::http
