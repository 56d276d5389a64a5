// SPDX-License-Identifier: Apache-2.0
#include "payload/cursor.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "payload/number.h"

namespace hookhost::payload {
namespace {

// The first reference token of an RFC 6901 pointer, not decoded; takes it and its slash off.
std::string_view take_token(std::string_view& pointer) noexcept {
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  const std::string_view token = pointer.substr(0, end);
  pointer.remove_prefix(end);
  return token;
}

// RFC 6901, section 3: '~' stands before '0' or '1' only.
bool is_token(std::string_view token) noexcept {
  for (std::size_t at = token.find('~'); at != std::string_view::npos;
       at = token.find('~', at + 1)) {
    if (at + 1 == token.size() || (token[at + 1] != '0' && token[at + 1] != '1')) return false;
  }
  return true;
}

// Whether a valid token, decoded, is the key.
bool names(std::string_view token, std::string_view key) noexcept {
  std::size_t i = 0;
  for (const char c : key) {
    if (i == token.size()) return false;
    char expected = token[i++];
    if (expected == '~') expected = token[i++] == '0' ? '~' : '/';
    if (expected != c) return false;
  }
  return i == token.size();
}

}  // namespace

NodeId Cursor::get(NodeId object, std::string_view key) const noexcept {
  if (type(object) != NodeType::kObject) return kNoNode;
  NodeId last = kNoNode;
  for (NodeId child = first(object); child != kNoNode; child = next(child)) {
    if (key_of(*find(child)) == key) last = child;
  }
  return last;
}

NodeId Cursor::at(NodeId array, std::size_t index) const noexcept {
  if (type(array) != NodeType::kArray) return kNoNode;
  NodeId child = first(array);
  for (; child != kNoNode && index != 0; --index) child = next(child);
  return child;
}

NodeId Cursor::pointer(NodeId from, std::string_view rfc6901) const noexcept {
  NodeId node = find(from) == nullptr ? kNoNode : from;
  while (!rfc6901.empty()) {
    if (rfc6901.front() != '/') return kNoNode;
    const std::string_view token = take_token(rfc6901);
    if (!is_token(token)) return kNoNode;
    NodeId found = kNoNode;
    if (type(node) == NodeType::kObject) {
      for (NodeId child = first(node); child != kNoNode; child = next(child)) {
        if (names(token, key(child))) found = child;
      }
    } else if (type(node) == NodeType::kArray) {
      std::size_t index = 0;
      const char* const end = token.data() + token.size();
      const auto [stop, error] = std::from_chars(token.data(), end, index);
      const bool has_leading_zero = token.size() > 1 && token.front() == '0';
      if (error == std::errc() && stop == end && !has_leading_zero) found = at(node, index);
    }
    node = found;
  }
  return node;
}

std::size_t Cursor::size(NodeId container) const noexcept {
  std::size_t count = 0;
  for (NodeId child = first(container); child != kNoNode; child = next(child)) ++count;
  return count;
}

std::string_view Cursor::raw(NodeId node) const noexcept {
  const Node* found = find(node);
  if (found == nullptr) return {};
  SourceOfText source{.offset = found->offset, .bytes = found->bytes};
  if (found->has(kValueDecoded))
    std::memcpy(&source, document_.decoded() + found->offset - sizeof(source), sizeof(source));
  const std::size_t quotes = found->type() == NodeType::kString ? 1 : 0;
  return document_.body.substr(source.offset - quotes, source.bytes + 2 * quotes);
}

ReadError Cursor::read_bool(NodeId node, bool& out) const noexcept {
  const Node* found = find(node, NodeType::kBool);
  if (found == nullptr) return ReadError::kType;
  out = text_of(*found) == "true";
  return ReadError::kOk;
}

namespace {

// Reads a number by one of the functions of number.h.
template <class T, class Read>
ReadError read_number(std::string_view source, Read read, T& out) noexcept {
  const auto value = read(source);
  if (!value) return ReadError::kRange;
  out = *value;
  return ReadError::kOk;
}

}  // namespace

ReadError Cursor::read_i64(NodeId node, std::int64_t& out) const noexcept {
  const Node* found = find(node, NodeType::kNumber);
  return found == nullptr ? ReadError::kType : read_number(text_of(*found), to_i64, out);
}

ReadError Cursor::read_u64(NodeId node, std::uint64_t& out) const noexcept {
  const Node* found = find(node, NodeType::kNumber);
  return found == nullptr ? ReadError::kType : read_number(text_of(*found), to_u64, out);
}

ReadError Cursor::read_f64(NodeId node, double& out) const noexcept {
  const Node* found = find(node, NodeType::kNumber);
  return found == nullptr ? ReadError::kType : read_number(text_of(*found), to_f64, out);
}

}  // namespace hookhost::payload
