// SPDX-License-Identifier: Apache-2.0
//
// Parser: bytes to a document. The whole document is validated (RFC 8259, UTF-8), nothing is
// skipped; duplicate keys stay and the last one counts; a number is checked for its grammar only,
// its range when somebody reads it. One per loop: it keeps its scratch memory, so that a warmed-up
// parse allocates nothing. Documents do not point into the parser. Hot path: no allocation, lock or
// shared counter per request.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "model/refusal.h"
#include "payload/index.h"

namespace hookhost::payload {

inline constexpr std::size_t kPaddingBytes = 64;  // readable behind a body (simdjson's)
// Nested arrays and objects; simdjson's own limit is 1024, payloads use under 10.
inline constexpr std::size_t kDepthMax = 256;
// As Python's int(), which the seed's parser calls.
inline constexpr std::size_t kIntegerDigitsMax = 4300;
inline constexpr std::size_t kEchoBytesMax = 64;  // of a sender's input in an answer
// Keeps every offset of the largest index within 32 bits; ten times what any route takes.
inline constexpr std::size_t kDocumentBytesMax = 256 * 1024 * 1024;
// Scratch is 4 bytes per byte of the largest body so far. What a bigger body than this needed is
// given back after it, so that one giant does not stay resident in every loop.
inline constexpr std::size_t kScratchKeptBodyBytes = 1024 * 1024;

class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // body: kPaddingBytes are readable behind it, and it outlives the document. The index lies in the
  // arena. Refused as FastAPI does (seed rows V04 to V06, V08, V09, V21, tables 7.2 and 8.1): 422
  // json_invalid with the character offset and Python's reason; 400 for bad UTF-8, depth and
  // integers of more than 4300 digits. A BOM is skipped. An empty body is refused like white space:
  // understand() handles it before (V01). Throws std::bad_alloc only.
  Result<Document, Refusal> parse(std::string_view body, Arena& arena);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

// Which instruction set the parser runs on: "haswell", "icelake", "westmere", "arm64", "fallback".
std::string_view parser_instructions() noexcept;

}  // namespace hookhost::payload
