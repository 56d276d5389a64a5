// SPDX-License-Identifier: Apache-2.0
//
// The reader behind Document and the fake host of tests: a JSON text checked as RFC 8259 wants it
// and kept as a flat list of nodes. Text of strings without escapes is a view into the source. No
// limit but the nesting; the caller limits the size. Not part of the SDK's promises: use Document.
#ifndef HOOKHOST_CPP_JSON_TREE_HPP
#define HOOKHOST_CPP_JSON_TREE_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plugin.h"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

struct JsonNode {
  std::int32_t type = HOOKHOST_NODE_NONE;
  bool value = false;        // of a bool
  std::string_view key;      // decoded; data() == nullptr: not a member
  std::string_view text;     // of a string, decoded
  std::string_view raw;      // the source
  std::size_t children = 0;  // number of them
  std::size_t first = 0;     // node ids: position in nodes plus 1, 0 for none
  std::size_t next = 0;
};

// A parsed text. Positions of views stay valid: text_ and decoded_ never move or grow past their
// capacity.
class JsonTree {
 public:
  static constexpr int kDepthMax = 512;

  explicit JsonTree(std::string text) : text_(std::move(text)) {
    decoded_.reserve(text_.size() + 1);  // decoding never makes a string longer
    nodes_.reserve(text_.size() / 8 + 1);
    skip_space();
    if (parse_value(0) != 0) {
      skip_space();
      if (error_.empty() && at_ != text_.size()) fail("more text after the value");
    }
    if (!error_.empty()) nodes_.clear();
  }
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  const std::string& text() const noexcept { return text_; }
  const std::string& error() const noexcept { return error_; }
  hookhost_node root() const noexcept { return nodes_.empty() ? 0 : 1; }
  const JsonNode* find(hookhost_node id) const noexcept {
    return id == 0 || id > nodes_.size() ? nullptr : &nodes_[static_cast<std::size_t>(id) - 1];
  }

 private:
  bool fail(std::string_view what) {
    if (error_.empty()) error_ = text_of("{} at byte {}", what, at_);
    return false;
  }
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool eat(char c) noexcept {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() noexcept {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  // The id of the value that starts here, 0 after a failure.
  std::size_t parse_value(int depth) {
    nodes_.emplace_back();
    const std::size_t id = nodes_.size();
    const std::size_t start = at_;
    JsonNode node;
    bool good = false;
    switch (peek()) {
      case '{': good = parse_container(depth, '}', node); break;
      case '[': good = parse_container(depth, ']', node); break;
      case '"':
        node.type = HOOKHOST_NODE_STRING;
        good = parse_string(node.text);
        break;
      case 't': good = parse_word("true", HOOKHOST_NODE_BOOL, node); break;
      case 'f': good = parse_word("false", HOOKHOST_NODE_BOOL, node); break;
      case 'n': good = parse_word("null", HOOKHOST_NODE_NULL, node); break;
      default: good = parse_number(node); break;
    }
    if (!good) return 0;
    node.raw = std::string_view(text_).substr(start, at_ - start);
    nodes_[id - 1] = node;
    return id;
  }

  bool parse_word(std::string_view word, std::int32_t type, JsonNode& node) {
    if (std::string_view(text_).substr(at_, word.size()) != word) return fail("expected a value");
    at_ += word.size();
    node.type = type;
    node.value = word == "true";
    return true;
  }

  bool digits() noexcept {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ != start;
  }
  bool parse_number(JsonNode& node) {
    node.type = HOOKHOST_NODE_NUMBER;
    eat('-');
    if (!eat('0') && !digits()) return fail("expected a value");
    if (eat('.') && !digits()) return fail("expected a digit");
    if (eat('e') || eat('E')) {
      if (!eat('+')) eat('-');
      if (!digits()) return fail("expected a digit");
    }
    return true;
  }

  bool parse_container(int depth, char close, JsonNode& node) {
    if (depth >= kDepthMax) return fail("nested too deeply");
    const bool is_object = close == '}';
    node.type = is_object ? HOOKHOST_NODE_OBJECT : HOOKHOST_NODE_ARRAY;
    ++at_;
    skip_space();
    if (eat(close)) return true;
    for (std::size_t last = 0;;) {
      std::string_view key;
      skip_space();
      if (is_object) {
        if (peek() != '"') return fail("expected a key");
        if (!parse_string(key)) return false;
        skip_space();
        if (!eat(':')) return fail("expected ':'");
        skip_space();
      }
      const std::size_t child = parse_value(depth + 1);
      if (child == 0) return false;
      nodes_[child - 1].key = key;
      (last == 0 ? node.first : nodes_[last - 1].next) = child;
      last = child;
      ++node.children;
      skip_space();
      if (eat(close)) return true;
      if (!eat(',')) return fail(is_object ? "expected ',' or '}'" : "expected ',' or ']'");
    }
  }

  bool parse_string(std::string_view& out) {
    ++at_;
    const std::size_t start = at_;
    std::size_t decoded_start = std::string::npos;  // until the first escape the source is the text
    for (;;) {
      if (at_ >= text_.size()) return fail("unterminated string");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') break;
      if (c < 0x20) return fail("control character in a string");
      if (c == '\\') {
        if (decoded_start == std::string::npos) {
          decoded_start = decoded_.size();
          decoded_.append(text_, start, at_ - start);
        }
        if (!parse_escape()) return false;
        continue;
      }
      const std::size_t length = utf8_length(std::string_view(text_).substr(at_, 4));
      if (length == 0) return fail("invalid UTF-8");
      if (decoded_start != std::string::npos) decoded_.append(text_, at_, length);
      at_ += length;
    }
    out = decoded_start == std::string::npos ? std::string_view(text_).substr(start, at_ - start)
                                             : std::string_view(decoded_).substr(decoded_start);
    ++at_;
    return true;
  }

  bool parse_hex4(unsigned& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                             : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                    : 16;
      if (digit == 16) return fail("bad \\u escape");
      out = out * 16 + digit;
    }
    return true;
  }
  bool parse_escape() {
    ++at_;
    const char c = peek();
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const auto found = kFrom.find(c); found != kFrom.npos && at_ < text_.size()) {
      decoded_ += kTo[found];
      ++at_;
      return true;
    }
    if (c != 'u') return fail("bad escape");
    ++at_;
    unsigned code = 0;
    if (!parse_hex4(code)) return false;
    if (code >= 0xDC00 && code <= 0xDFFF) return fail("half a surrogate pair");
    if (code >= 0xD800 && code <= 0xDBFF) {
      unsigned low = 0;
      if (!eat('\\') || !eat('u') || !parse_hex4(low) || low < 0xDC00 || low > 0xDFFF) {
        return fail("half a surrogate pair");
      }
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(code);
    return true;
  }
  void append_utf8(unsigned code) {
    const auto put = [&](unsigned byte) { decoded_ += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xC0 | (code >> 6));
    } else {
      if (code < 0x10000) {
        put(0xE0 | (code >> 12));
      } else {
        put(0xF0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3F));
      }
      put(0x80 | ((code >> 6) & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }

  std::string text_;
  std::string decoded_;
  std::vector<JsonNode> nodes_;
  std::string error_;
  std::size_t at_ = 0;
};

}  // namespace detail

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_JSON_TREE_HPP
