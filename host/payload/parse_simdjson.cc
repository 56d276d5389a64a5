// SPDX-License-Identifier: Apache-2.0
//
// The only file that includes simdjson. Of simdjson it takes the first stage alone, the vectorised
// search for structural characters with the UTF-8 check; structural_walk.h is ours. simdjson's own
// second stage copies every string and refuses numbers that are legal JSON, and its On-Demand front
// end validates only what is visited.
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "payload/json_error.h"
#include "payload/parse.h"
#include "payload/structural_walk.h"

namespace hookhost::payload {
namespace {

static_assert(kPaddingBytes >= simdjson::SIMDJSON_PADDING);

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kFirstBodyBytes = 16 * 1024;  // most payloads are below 4 KiB
constexpr std::size_t kStageTwoDepth = 1;           // of simdjson's second stage, which never runs

const simdjson::implementation& implementation() noexcept {
  return *simdjson::get_active_implementation();
}

}  // namespace

struct Parser::Scratch {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> first_stage;

  Scratch() {
    require(implementation().create_dom_parser_implementation(kFirstBodyBytes, kStageTwoDepth,
                                                              first_stage));
  }

  void resize(std::size_t body_bytes) { require(first_stage->set_capacity(body_bytes)); }

  // False: no document (bad UTF-8, an open string, a control character in one, nothing at all).
  bool find_structurals(std::string_view text) {
    if (text.empty()) return false;
    if (text.size() > first_stage->capacity()) {
      const bool is_kept = text.size() <= kScratchKeptBodyBytes;
      resize(is_kept ? std::bit_ceil(text.size()) : text.size());
    }
    return first_stage->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                               simdjson::stage1_mode::regular) == simdjson::SUCCESS;
  }

  std::span<const std::uint32_t> structurals() const noexcept {
    return {first_stage->structural_indexes.get(), first_stage->n_structural_indexes};
  }

 private:
  // The one failure that is left is a lack of memory.
  static void require(simdjson::error_code code) {
    if (code != simdjson::SUCCESS) throw std::bad_alloc();
  }
};

Parser::Parser() : scratch_(std::make_unique<Scratch>()) {}
Parser::~Parser() = default;

namespace {

// The arena's block: header, room for the nodes, room for the decoded texts. Moves the texts up to
// the nodes and gives back what is left. Empty: not a document.
std::span<const std::byte> build_index(const WalkInput& input, Arena& arena) {
  const std::size_t node_bytes = nodes_max(input.structurals.size()) * sizeof(Node);
  const std::size_t room = sizeof(IndexHeader) + node_bytes + decoded_bytes_max(input);
  auto* const block = static_cast<std::byte*>(arena.allocate(room, alignof(IndexHeader)));
  auto* const nodes = reinterpret_cast<Node*>(block + sizeof(IndexHeader));
  auto* const decoded = reinterpret_cast<char*>(block + sizeof(IndexHeader) + node_bytes);

  const Walked walked = walk(input, nodes, decoded);
  if (walked.node_count == 0) {
    arena.shrink(block, room, 0);
    return {};
  }
  const std::size_t decoded_offset = sizeof(IndexHeader) + walked.node_count * sizeof(Node);
  if (walked.decoded_bytes != 0)
    std::memmove(block + decoded_offset, decoded, walked.decoded_bytes);
  new (block) IndexHeader{.node_count = walked.node_count,
                          .decoded_offset = static_cast<std::uint32_t>(decoded_offset),
                          .decoded_bytes = walked.decoded_bytes,
                          .has_hub = 0,
                          .hub = {}};
  const std::size_t used = decoded_offset + walked.decoded_bytes;
  arena.shrink(block, room, used);
  return {block, used};
}

}  // namespace

Result<Document, Refusal> Parser::parse(std::string_view body, Arena& arena) {
  if (body.size() > kDocumentBytesMax) return refuse_unreadable();
  const std::size_t base = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::string_view text = body.substr(base);

  Document document{.body = body, .index = {}};
  if (scratch_->find_structurals(text)) {
    document.index = build_index({.text = text,
                                  .base = static_cast<std::uint32_t>(base),
                                  .structurals = scratch_->structurals(),
                                  .first_backslash = std::min(text.find('\\'), text.size())},
                                 arena);
  }
  if (text.size() > kScratchKeptBodyBytes) scratch_->resize(kFirstBodyBytes);
  if (!document.index.empty()) return document;
  return refuse_json(body, simdjson::validate_utf8(text.data(), text.size()), arena);
}

std::string_view parser_instructions() noexcept { return implementation().name(); }

}  // namespace hookhost::payload
