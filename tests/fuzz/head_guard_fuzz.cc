// SPDX-License-Identifier: Apache-2.0
//
// Feeds strangers' bytes to what stands at the door: scanner, parser, guard and body reader. They
// must not crash, must not read behind what a block promises, and must give one verdict for the
// same bytes however they are split. The first two bytes choose the split.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/cost_limit.h"
#include "http/body_reader.h"
#include "http/head_guard.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "http/limits.h"

namespace {

using namespace hookhost;
using namespace hookhost::http;

constexpr std::uint64_t kBodyBytesMax = 100'000;

struct Verdict {
  bool is_whole = false;  // a head came to its end, accepted or not
  Rule rule = Rule::kAccepted;
  std::string method, target;
  std::size_t header_count = 0;
  BodyReader::State body_state = BodyReader::State::kUnread;
  Rule body_rule = Rule::kAccepted;
  std::string body, rest;

  bool operator==(const Verdict&) const = default;
};

// Gives the bytes away in pieces of changing size.
class Splitter {
 public:
  Splitter(std::string_view bytes, std::size_t first, std::size_t then)
      : bytes_(bytes), next_(first + 1), then_(then + 1) {}
  std::string_view take(std::size_t size_max) {
    const std::string_view piece = bytes_.substr(0, std::min(next_, size_max));
    bytes_.remove_prefix(piece.size());
    next_ = then_;
    return piece;
  }
  bool is_empty() const { return bytes_.empty(); }
  std::string_view left() const { return bytes_; }

 private:
  std::string_view bytes_;
  std::size_t next_, then_;
};

void read_padding(std::string_view body) {
  volatile char sum = 0;
  for (std::size_t i = 0; i < kPaddingBytes; ++i)
    sum = static_cast<char>(sum + body.data()[body.size() + i]);
}

void read_body(const Framing& framing, std::span<char> input, char* capacity, Splitter& wire,
               Verdict& verdict) {
  static MemoryAccount memory(1024 * 1024 * 1024);
  BodyReader reader(memory);
  reader.prepare(framing, input, capacity);
  verdict.body_state = reader.start(kBodyBytesMax);
  while (verdict.body_state == BodyReader::State::kMore && !wire.is_empty()) {
    const auto space = reader.space();
    HOOKHOST_CHECK(!space.empty());
    const std::string_view piece = wire.take(space.size());
    std::memcpy(space.data(), piece.data(), piece.size());
    verdict.body_state = reader.received(piece.size());
  }
  verdict.body_rule = reader.rule();
  if (verdict.body_state != BodyReader::State::kComplete) return;
  verdict.body = reader.view();
  read_padding(reader.view());
  HOOKHOST_CHECK(reader.rest().size() <= kBlockBytes);
  verdict.rest = std::string(reader.rest().data(), reader.rest().size()) + std::string(wire.left());
}

Verdict judge(std::string_view bytes, std::size_t first, std::size_t then) {
  const Limits limits;
  Verdict verdict;
  const std::unique_ptr<char[]> block(new char[kBlockBytes + kPaddingBytes]());
  std::size_t filled = 0;
  Splitter wire(bytes, first, then);
  HeadScanner scanner;
  HeadScanner::State state = HeadScanner::State::kMore;
  do {
    const std::string_view piece = wire.take(kBlockBytes - filled);
    std::memcpy(block.get() + filled, piece.data(), piece.size());
    filled += piece.size();
    state = scanner.scan({block.get(), filled}, limits);
    HOOKHOST_CHECK(state != HeadScanner::State::kMore || filled < kBlockBytes);
  } while (state == HeadScanner::State::kMore && !wire.is_empty());
  if (state == HeadScanner::State::kMore) return verdict;
  verdict.is_whole = true;
  verdict.rule = scanner.rule();
  if (state == HeadScanner::State::kRefused) return verdict;

  std::vector<Header> headers(kHeadersMax);
  const auto raw =
      parse_head({block.get() + scanner.begin(), scanner.end() - scanner.begin()}, headers);
  if (!raw) {
    verdict.rule = raw.error();
    return verdict;
  }
  const auto framing = judge_head(*raw, limits);
  if (!framing) {
    verdict.rule = framing.error();
    return verdict;
  }
  Arena arena;
  verdict.method = raw->method;
  verdict.target = origin_form(raw->target, arena);
  verdict.header_count = raw->headers.size();
  for (const Header& header : raw->headers) {
    HOOKHOST_CHECK(is_token(header.name));
    HOOKHOST_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) ==
                   std::string_view::npos);
    HOOKHOST_CHECK(header.value.empty() || (header.value.data() > block.get() &&
                                            header.value.data() < block.get() + filled));
  }
  HOOKHOST_CHECK(verdict.target.starts_with('/'));
  read_body(*framing, {block.get() + scanner.end(), filled - scanner.end()},
            block.get() + kBlockBytes, wire, verdict);
  return verdict;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Verdict whole = judge(bytes, size, size);
  HOOKHOST_CHECK(judge(bytes, 0, 0) == whole);
  HOOKHOST_CHECK(judge(bytes, data[0], data[1]) == whole);
  return 0;
}
