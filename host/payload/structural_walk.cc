// SPDX-License-Identifier: Apache-2.0
#include "payload/structural_walk.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "payload/parse.h"
#include "payload/unescape.h"

namespace hookhost::payload {
namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Nothing but white space from place to end, the next structural character: the first stage gives
// no position to what is glued to a scalar, as in `1x` or `true"`.
bool ends_here(const char* place, const char* end) noexcept {
  while (place != end && is_space(*place)) ++place;
  return place == end;
}

// Bytes of the word when it stands at place and nothing is glued to it, else 0.
std::uint32_t word_bytes(const char* place, const char* end, std::string_view word) noexcept {
  if (static_cast<std::size_t>(end - place) < word.size()) return 0;
  if (std::memcmp(place, word.data(), word.size()) != 0) return 0;
  return ends_here(place + word.size(), end) ? static_cast<std::uint32_t>(word.size()) : 0;
}

const char* skip_digits(const char* place, const char* end) noexcept {
  while (place != end && is_digit(*place)) ++place;
  return place;
}

// Bytes of the number that begins at place (RFC 8259, section 6), or 0: it is none, something is
// glued to it, or it is an integer of too many digits. Its range is judged by who reads it.
std::uint32_t number_bytes(const char* const begin, const char* end) noexcept {
  const char* place = begin;
  if (*place == '-') ++place;
  const char* const integer = place;
  place = skip_digits(place, end);
  const auto digits = static_cast<std::size_t>(place - integer);
  if (digits == 0 || (digits > 1 && *integer == '0')) return 0;
  bool is_integer = true;
  if (place != end && *place == '.') {
    const char* const fraction = ++place;
    place = skip_digits(place, end);
    if (place == fraction) return 0;
    is_integer = false;
  }
  if (place != end && (*place == 'e' || *place == 'E')) {
    ++place;
    if (place != end && (*place == '+' || *place == '-')) ++place;
    const char* const exponent = place;
    place = skip_digits(place, end);
    if (place == exponent) return 0;
    is_integer = false;
  }
  if (is_integer && digits > kIntegerDigitsMax) return 0;
  return ends_here(place, end) ? static_cast<std::uint32_t>(place - begin) : 0;
}

// One pass over the structural characters. After the constructor only run() is called.
class Walk {
 public:
  Walk(const WalkInput& input, Node* nodes, char* decoded, Node* nobody) noexcept
      : text_(input.text.data()),
        text_bytes_(input.text.size()),
        base_(input.base),
        at_(input.structurals.data()),
        end_(at_ + input.structurals.size()),
        nodes_(nodes),
        free_(nodes),
        decoded_(decoded),
        decoded_free_(decoded),
        next_backslash_(input.first_backslash),
        nobody_(nobody),
        previous_(nobody) {}

  Walked run() noexcept {
    if (!last_can_be_last() || !values()) return {};
    return {.node_count = static_cast<std::uint32_t>(free_ - nodes_),
            .decoded_bytes = static_cast<std::uint32_t>(decoded_free_ - decoded_)};
  }

 private:
  // What is remembered of a container while a deeper one is read.
  struct Frame {
    Node* container;
    Node* previous;
  };

  // A document of several structural characters ends with a bracket. Only the code that takes a
  // bracket for the end of its container steps beyond it, so nothing else looks for the end.
  bool last_can_be_last() const noexcept {
    const char last = text_[end_[-1]];
    return end_ - at_ == 1 ? last != '{' && last != '[' : last == '}' || last == ']';
  }

  // Each turn reads one value and what follows it, up to the next value. False: not a document.
  bool values() noexcept {
    for (;;) {
      Node& node = *free_++;
      previous_->next = static_cast<NodeId>(free_ - nodes_);
      previous_ = &node;
      node.next = kNoNode;
      node.key_offset = key_offset_;
      node.key_bytes = key_bytes_;
      const char c = text_[*at_];
      if (c == '"') {
        if (!string(node)) return false;
      } else if (c == '{' || c == '[') {
        if (!open(node, c)) return false;
        if (container_ == &node) continue;
      } else if (!scalar(node, c)) {
        return false;
      }
      switch (after_value()) {
        case Next::kValue: break;
        case Next::kEnd: return true;
        case Next::kWrong: return false;
      }
    }
  }

  // Ends as many containers as end here and steps over the comma behind them.
  enum class Next { kValue, kEnd, kWrong };
  Next after_value() noexcept {
    for (;;) {
      if (at_ == end_ || depth_ == 0) return at_ == end_ && depth_ == 0 ? Next::kEnd : Next::kWrong;
      const char c = text_[*at_];
      if (c == ',') {
        ++at_;
        return !in_object_ || key() ? Next::kValue : Next::kWrong;
      }
      if (c != (in_object_ ? '}' : ']')) return Next::kWrong;
      container_->bytes = *at_ + 1 + base_ - container_->offset;
      ++at_;
      --depth_;
      container_ = frames_[depth_].container;
      previous_ = frames_[depth_].previous;
      in_object_ = container_ != nullptr && container_->type() == NodeType::kObject;
      member_ = in_object_ ? Node::kMember : 0;
    }
  }

  // An empty container is whole afterwards; else it is the current one and its first value is next.
  bool open(Node& node, char bracket) noexcept {
    if (depth_ == kDepthMax) return false;
    const bool is_object = bracket == '{';
    node.offset = *at_ + base_;
    const NodeType type = is_object ? NodeType::kObject : NodeType::kArray;
    ++at_;
    if (text_[*at_] == (is_object ? '}' : ']')) {
      set(node, type, 0);
      node.bytes = *at_ + 1 + base_ - node.offset;
      ++at_;
      return true;
    }
    set(node, type, kHasChildren);
    frames_[depth_++] = {container_, previous_};
    container_ = &node;
    previous_ = nobody_;
    in_object_ = is_object;
    key_offset_ = key_bytes_ = key_flag_ = 0;
    member_ = is_object ? Node::kMember : 0;
    return !is_object || key();
  }

  // A key, its colon and nothing else.
  bool key() noexcept {
    if (text_[at_[0]] != '"' || text_[at_[1]] != ':') return false;
    const std::uint32_t begin = at_[0] + 1;
    const std::uint32_t end = closing_quote();
    at_ += 2;
    key_flag_ = 0;
    key_offset_ = begin + base_;
    key_bytes_ = end - begin;
    return !has_escape(end) || decode_key(begin, end);
  }

  bool string(Node& node) noexcept {
    const std::uint32_t begin = *at_ + 1;
    const std::uint32_t end = closing_quote();
    ++at_;
    node.offset = begin + base_;
    node.bytes = end - begin;
    set(node, NodeType::kString, 0);
    return !has_escape(end) || decode_value(node, begin, end);
  }

  bool scalar(Node& node, char c) noexcept {
    const char* const begin = text_ + at_[0];
    const char* const end = text_ + at_[1];
    node.offset = at_[0] + base_;
    ++at_;
    switch (c) {
      case 't':
        set(node, NodeType::kBool, 0);
        node.bytes = word_bytes(begin, end, "true");
        break;
      case 'f':
        set(node, NodeType::kBool, 0);
        node.bytes = word_bytes(begin, end, "false");
        break;
      case 'n':
        set(node, NodeType::kNull, 0);
        node.bytes = word_bytes(begin, end, "null");
        break;
      default:
        if (c != '-' && !is_digit(c)) return false;
        set(node, NodeType::kNumber, 0);
        node.bytes = number_bytes(begin, end);
    }
    return node.bytes != 0;
  }

  void set(Node& node, NodeType type, std::uint32_t flags) noexcept {
    node.packed = static_cast<std::uint32_t>(type) | (flags | key_flag_) << 8 | member_;
  }

  // Of the string that opens at *at_: between its closing quote and the next structural character
  // stands white space only.
  std::uint32_t closing_quote() const noexcept {
    std::uint32_t end = at_[1] - 1;
    while (text_[end] != '"') --end;
    return end;
  }

  // Whether a backslash stands before end. Strings are asked in order, and a backslash outside one
  // ends the walk, so it belongs to the string that ends there.
  bool has_escape(std::uint32_t end) const noexcept { return next_backslash_ < end; }

  void find_backslash_from(std::uint32_t place) noexcept {
    const void* found = std::memchr(text_ + place, '\\', text_bytes_ - place);
    next_backslash_ = found == nullptr
                          ? text_bytes_
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text_);
  }

  bool decode_key(std::uint32_t begin, std::uint32_t end) noexcept {
    char* const stop = unescape({text_ + begin, end - begin}, decoded_free_);
    if (stop == nullptr) return false;
    key_flag_ = kKeyDecoded;
    key_offset_ = static_cast<std::uint32_t>(decoded_free_ - decoded_);
    key_bytes_ = static_cast<std::uint32_t>(stop - decoded_free_);
    decoded_free_ = stop;
    find_backslash_from(end);
    return true;
  }

  bool decode_value(Node& node, std::uint32_t begin, std::uint32_t end) noexcept {
    const SourceOfText source{.offset = begin + base_, .bytes = end - begin};
    std::memcpy(decoded_free_, &source, sizeof(source));
    char* const place = decoded_free_ + sizeof(source);
    char* const stop = unescape({text_ + begin, end - begin}, place);
    if (stop == nullptr) return false;
    node.offset = static_cast<std::uint32_t>(place - decoded_);
    node.bytes = static_cast<std::uint32_t>(stop - place);
    set(node, NodeType::kString, kValueDecoded);
    decoded_free_ = stop;
    find_backslash_from(end);
    return true;
  }

  const char* const text_;
  const std::size_t text_bytes_;
  const std::uint32_t base_;
  const std::uint32_t* at_;  // the structural character that is looked at
  const std::uint32_t* const end_;
  Node* const nodes_;
  Node* free_;
  char* const decoded_;
  char* decoded_free_;
  std::size_t next_backslash_;

  Node* container_ = nullptr;  // that is being read
  Node* const nobody_;  // stands in for a sibling before the first value; outside this object, so
                        // that a write through it is no reason to reload the members
  Node* previous_;      // the sibling before the next value
  std::size_t depth_ = 0;
  bool in_object_ = false;
  std::uint32_t key_offset_ = 0, key_bytes_ = 0, key_flag_ = 0, member_ = 0;  // of the next value
  std::array<Frame, kDepthMax> frames_;  // of the containers around the current one
};

}  // namespace

std::size_t nodes_max(std::size_t structurals) noexcept {
  return std::min(structurals, structurals / 2 + 1 + kDepthMax);
}

std::size_t decoded_bytes_max(const WalkInput& input) noexcept {
  if (input.first_backslash == input.text.size()) return 0;
  return input.text.size() + input.structurals.size() * sizeof(SourceOfText);
}

Walked walk(const WalkInput& input, Node* nodes, char* decoded) noexcept {
  Node nobody;
  return Walk(input, nodes, decoded, &nobody).run();
}

}  // namespace hookhost::payload
