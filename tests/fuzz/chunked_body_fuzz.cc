// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a chunked body. The verdict, the data and what is left behind the end must not
// depend on the pieces; the data is never longer than allowed, and never longer than what came. The
// first two bytes choose the pieces, the third the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/cost_limit.h"
#include "http/chunked_body.h"

namespace {

using namespace hookhost;
using namespace hookhost::http;

struct Decoded {
  ChunkedDecoder::State state = ChunkedDecoder::State::kMore;
  Rule rule = Rule::kAccepted;
  std::string data, rest;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view bytes, std::size_t first, std::size_t then, std::size_t limit) {
  ChunkedDecoder decoder(limit);
  Decoded decoded;
  std::string buffer(bytes);
  char* out = buffer.data();
  char* in = buffer.data();
  char* const last = in + buffer.size();
  std::size_t piece = first + 1;
  while (in != last && decoded.state == ChunkedDecoder::State::kMore) {
    char* const end = in + std::min<std::size_t>(piece, static_cast<std::size_t>(last - in));
    decoded.state = decoder.decode(out, in, end);
    HOOKHOST_CHECK(out <= in && in <= end);
    HOOKHOST_CHECK(in == end || decoded.state != ChunkedDecoder::State::kMore);
    piece = then + 1;
  }
  decoded.rule = decoder.rule();
  decoded.data.assign(buffer.data(), out);
  HOOKHOST_CHECK(decoded.data.size() <= limit);
  HOOKHOST_CHECK((decoded.state == ChunkedDecoder::State::kRefused) ==
                 (decoded.rule != Rule::kAccepted));
  // Behind a refusal nothing is looked at.
  if (decoded.state != ChunkedDecoder::State::kRefused) decoded.rest.assign(in, last);
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const fuzz::CostLimit cost(size);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t limit = std::size_t{data[2]} * 16;
  const Decoded whole = decode(bytes, size, size, limit);
  HOOKHOST_CHECK(decode(bytes, 0, 0, limit) == whole);
  HOOKHOST_CHECK(decode(bytes, data[0], data[1], limit) == whole);
  return 0;
}
