// SPDX-License-Identifier: Apache-2.0
//
// One function per part of the grammar; data is moved in whole pieces, everything else goes byte by
// byte through the steps that the header draws.
#include "http/chunked_body.h"

#include <algorithm>
#include <cstring>

#include "http/head_guard.h"
#include "http/limits.h"

namespace hookhost::http {
namespace {

// Value of a hexadecimal digit, or -1.
constexpr int hex_digit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// HTAB, SP, VCHAR, obs-text: what an extension or a trailer's value may hold.
constexpr bool is_text(unsigned char c) { return (c >= ' ' && c != 0x7f) || c == '\t'; }

constexpr std::uint8_t kDigitsMax = 16;  // 64 bits

}  // namespace

ChunkedDecoder::State ChunkedDecoder::decode(char*& out, char*& in, char* end) noexcept {
  while (in != end && state_ == State::kMore) {
    if (step_ != Step::kData) {
      take(static_cast<unsigned char>(*in++));
      continue;
    }
    const auto here = static_cast<std::size_t>(end - in);
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(left_, here));
    if (out != in) std::memmove(out, in, bytes);
    out += bytes;
    in += bytes;
    left_ -= bytes;
    if (left_ == 0) step_ = Step::kDataCr;
  }
  return state_;
}

void ChunkedDecoder::take(unsigned char byte) noexcept {
  switch (step_) {
    case Step::kSize: return take_size(byte);
    case Step::kExtension:
      if (byte == '\r') {
        step_ = Step::kSizeLf;
        return;
      }
      if (++extension_bytes_ > kChunkExtensionBytesMax) return refuse(Rule::kChunkExtension);
      if (!is_text(byte)) refuse(Rule::kChunk);
      return;
    case Step::kSizeLf:
      if (byte != '\n') return refuse(Rule::kChunk);
      return size_is_known();
    case Step::kData: return;  // decode() has it
    case Step::kDataCr:
      step_ = Step::kDataLf;
      if (byte != '\r') refuse(Rule::kChunk);
      return;
    case Step::kDataLf:
      step_ = Step::kSize;
      if (byte != '\n') refuse(Rule::kChunk);
      return;
    case Step::kLastLf:
      if (byte != '\n') return refuse(Rule::kChunk);
      state_ = State::kComplete;
      return;
    default: return take_trailer(byte);
  }
}

void ChunkedDecoder::take_size(unsigned char byte) noexcept {
  if (const int digit = hex_digit(byte); digit >= 0) {
    if (++digits_ > kDigitsMax) return refuse(Rule::kChunk);
    left_ = left_ << 4 | static_cast<unsigned>(digit);
    return;
  }
  if (digits_ == 0) return refuse(Rule::kChunk);
  if (byte == '\r') {
    step_ = Step::kSizeLf;
  } else if (byte == ';') {
    step_ = Step::kExtension;
  } else {
    refuse(Rule::kChunk);  // blanks before ';' are "bad white space": nobody sends them
  }
}

void ChunkedDecoder::size_is_known() noexcept {
  digits_ = 0;
  if (left_ == 0) {
    step_ = Step::kTrailerStart;
    return;
  }
  if (left_ > body_bytes_max_ - body_bytes_) return refuse(Rule::kBodyTooLarge);
  body_bytes_ += left_;
  step_ = Step::kData;
}

void ChunkedDecoder::take_trailer(unsigned char byte) noexcept {
  if (step_ == Step::kTrailerStart && byte == '\r') {
    step_ = Step::kLastLf;
    return;
  }
  if (++trailer_bytes_ > kTrailerBytesMax) return refuse(Rule::kTrailer);
  const char c = static_cast<char>(byte);
  switch (step_) {
    case Step::kTrailerStart:
      step_ = Step::kTrailerName;
      if (!is_token({&c, 1})) refuse(Rule::kChunk);
      return;
    case Step::kTrailerName:
      if (byte == ':') {
        step_ = Step::kTrailerValue;
      } else if (!is_token({&c, 1})) {
        refuse(Rule::kChunk);
      }
      return;
    case Step::kTrailerValue:
      if (byte == '\r') {
        step_ = Step::kTrailerLf;
      } else if (!is_text(byte)) {
        refuse(Rule::kChunk);
      }
      return;
    default:  // kTrailerLf
      step_ = Step::kTrailerStart;
      if (byte != '\n') refuse(Rule::kChunk);
      return;
  }
}

}  // namespace hookhost::http
