// SPDX-License-Identifier: Apache-2.0
//
// Cursor: walks a document by node value. Never trusts the caller: an id that is not of this
// document answers as kNoNode, since ids come back from plugins. Unescaped strings are views into
// the body. Any thread, pure. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "payload/index.h"

namespace hookhost::payload {

enum class ReadError : std::uint8_t {
  kOk,
  kType,  // not of that kind; out is untouched
  kRange  // it does not fit (i64 and u64: a fraction other than zero too); out is untouched
};

class Cursor {
 public:
  explicit Cursor(Document document) noexcept
      : document_(document),
        node_count_(document.index.empty() ? 0 : document.header().node_count) {}

  NodeType type(NodeId node) const noexcept {
    const Node* found = find(node);
    return found == nullptr ? NodeType::kNone : found->type();
  }

  // The member with that key, compared decoded; of several the last.
  NodeId get(NodeId object, std::string_view key) const noexcept;
  NodeId at(NodeId array, std::size_t index) const noexcept;
  NodeId pointer(NodeId from, std::string_view rfc6901) const noexcept;

  // Elements or members as written, repeated keys included.
  std::size_t size(NodeId container) const noexcept;
  NodeId first(NodeId container) const noexcept {
    const Node* found = find(container);
    return found != nullptr && found->has(kHasChildren) ? container + 1 : kNoNode;
  }
  NodeId next(NodeId child) const noexcept {
    const Node* found = find(child);
    return found == nullptr ? kNoNode : found->next;
  }

  // Decoded; data() == nullptr: not a member, not a string.
  std::string_view key(NodeId child) const noexcept {
    const Node* found = find(child);
    return found != nullptr && found->is_member() ? key_of(*found) : std::string_view();
  }
  std::string_view text(NodeId node) const noexcept {
    const Node* found = find(node, NodeType::kString);
    return found == nullptr ? std::string_view() : text_of(*found);
  }

  // The exact source text, a string with its quotes.
  std::string_view raw(NodeId node) const noexcept;

  ReadError read_bool(NodeId node, bool& out) const noexcept;
  ReadError read_i64(NodeId node, std::int64_t& out) const noexcept;
  ReadError read_u64(NodeId node, std::uint64_t& out) const noexcept;
  ReadError read_f64(NodeId node, double& out) const noexcept;

 private:
  const Node* find(NodeId node) const noexcept {
    // kNoNode wraps round to the largest number.
    return node - 1 < node_count_ ? document_.nodes() + (node - 1) : nullptr;
  }
  const Node* find(NodeId node, NodeType type) const noexcept {
    const Node* found = find(node);
    return found != nullptr && found->type() == type ? found : nullptr;
  }
  std::string_view key_of(const Node& node) const noexcept {
    return {(node.has(kKeyDecoded) ? document_.decoded() : document_.body.data()) + node.key_offset,
            node.key_bytes};
  }
  std::string_view text_of(const Node& node) const noexcept {
    return {(node.has(kValueDecoded) ? document_.decoded() : document_.body.data()) + node.offset,
            node.bytes};
  }

  Document document_;
  std::uint32_t node_count_;
};

}  // namespace hookhost::payload
