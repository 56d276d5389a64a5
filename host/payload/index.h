// SPDX-License-Identifier: Apache-2.0
//
// Index: a parsed document as a flat, position-independent block of plain bytes beside the body:
// offsets, no pointers, so that a worker process can map it elsewhere. Layout: IndexHeader,
// Node[node_count], then the decoded texts of strings that hold escapes. Document: a body and its
// index, as two views. Everybody may copy one; valid as long as both. Read it with a Cursor. Hot
// path: no allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "payload/hub_fields.h"

namespace hookhost::payload {

// The numbers are those of HOOKHOST_NODE_... in the SDK.
enum class NodeType : std::uint8_t { kNone, kNull, kBool, kNumber, kString, kArray, kObject };

using NodeId = std::uint32_t;         // index of a node + 1
inline constexpr NodeId kNoNode = 0;  // "nothing"; every cursor function takes it
inline constexpr NodeId kRoot = 1;

inline constexpr std::uint8_t kKeyDecoded = 1;    // key_offset counts from the decoded texts
inline constexpr std::uint8_t kValueDecoded = 2;  // offset counts from the decoded texts, and a
                                                  // SourceOfText stands right before the text
inline constexpr std::uint8_t kHasChildren = 4;   // a container whose first child is the next node

// Nodes stand in document order: the first child of a container follows it at once.
struct Node {
  std::uint32_t key_offset;  // of the member's key without its quotes, in the body
  std::uint32_t key_bytes;   // 0 for what is no member, too: ask the parent's type
  std::uint32_t offset;  // of the value in the body: a string without its quotes, a container with
                         // its brackets
  std::uint32_t bytes;   // of the value; a decoded string: of its decoded text
  NodeId next;           // the next sibling; kNoNode: the last
  std::uint32_t packed;  // type (8 bits), flags (8), 1 in bit 16: a member of an object

  NodeType type() const noexcept { return static_cast<NodeType>(packed & 0xFF); }
  bool has(std::uint8_t flag) const noexcept { return (packed >> 8 & flag) != 0; }
  bool is_member() const noexcept { return (packed & kMember) != 0; }

  static constexpr std::uint32_t kMember = 1U << 16;
};
static_assert(sizeof(Node) == 24);

// Where a decoded string stands in the body, without its quotes. Unaligned.
struct SourceOfText {
  std::uint32_t offset;
  std::uint32_t bytes;
};

struct IndexHeader {
  std::uint32_t node_count;
  std::uint32_t decoded_offset;  // of the decoded texts, from the start of the index
  std::uint32_t decoded_bytes;
  std::uint32_t has_hub;  // 1: hub holds the fields of a Hub payload
  HubFields hub;
};

struct Document {
  std::string_view body;
  std::span<const std::byte> index;  // empty: no document

  // Only of a document that is one.
  const IndexHeader& header() const noexcept {
    return *reinterpret_cast<const IndexHeader*>(index.data());
  }
  const Node* nodes() const noexcept {
    return reinterpret_cast<const Node*>(index.data() + sizeof(IndexHeader));
  }
  const char* decoded() const noexcept {
    return reinterpret_cast<const char*>(index.data()) + header().decoded_offset;
  }
};

}  // namespace hookhost::payload
