// SPDX-License-Identifier: Apache-2.0
#include "payload/echo.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

#include "base/json_writer.h"
#include "payload/number.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

// The first bytes_max bytes of a UTF-8 text, less what would cut a character.
std::string_view cut(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  while (bytes_max != 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80)
    --bytes_max;
  return text.substr(0, bytes_max);
}

// As Python's repr(float), which json.dumps prints: the shortest text that reads back, with a point
// or an exponent.
std::string print_float(std::string_view source) {
  const auto value = to_f64(source);
  if (!value) return std::string(source);  // Python prints no JSON for infinity
  std::string text = fmt::format("{}", *value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// Prints compact JSON until it holds more than the limit. Recursion ends with the limit: each level
// prints a bracket.
class CompactPrinter {
 public:
  explicit CompactPrinter(const Cursor& cursor) : cursor_(cursor) {}

  std::string_view print(NodeId node) {
    value(node);
    return json_;
  }

 private:
  bool is_full() const noexcept { return json_.size() > kEchoBytesMax; }

  void value(NodeId node) {
    switch (cursor_.type(node)) {
      case NodeType::kObject: object(node); break;
      case NodeType::kArray: array(node); break;
      case NodeType::kString: text(cursor_.text(node)); break;
      case NodeType::kNumber: number(cursor_.raw(node)); break;
      default: json_ += cursor_.raw(node);
    }
  }

  // A text is escaped only as far as it can count; it is longer then than any limit.
  void text(std::string_view text) { append_json_string(json_, cut(text, kEchoBytesMax + 1)); }

  void number(std::string_view source) {
    if (!is_integer_literal(source)) {
      json_ += print_float(source);
    } else {
      json_ += source == "-0" ? source.substr(1) : source.substr(0, kEchoBytesMax + 1);
    }
  }

  void array(NodeId node) {
    json_ += '[';
    for (NodeId child = cursor_.first(node); child != kNoNode && !is_full();
         child = cursor_.next(child)) {
      if (child != cursor_.first(node)) json_ += ',';
      value(child);
    }
    json_ += ']';
  }

  // As a Python dict: a repeated key stands where it stood first and has the last value. So few
  // members fit the limit that those which were printed can be searched one by one.
  void object(NodeId node) {
    std::array<std::string_view, kEchoBytesMax> printed;
    std::size_t count = 0;
    json_ += '{';
    for (NodeId child = cursor_.first(node); child != kNoNode && !is_full();
         child = cursor_.next(child)) {
      const std::string_view key = cursor_.key(child);
      bool is_repeated = false;
      for (std::size_t i = 0; i < count && !is_repeated; ++i) is_repeated = printed[i] == key;
      if (is_repeated) continue;
      if (count != 0) json_ += ',';
      printed[count++] = key;
      text(key);
      json_ += ':';
      value(cursor_.get(node, key));
    }
    json_ += '}';
  }

  const Cursor& cursor_;
  std::string json_;
};

}  // namespace

void append_text_echo(std::string& out, std::string_view text) {
  append_json_string(out, cut(text, kEchoBytesMax));
}

void append_echo(std::string& out, const Cursor& cursor, NodeId node) {
  if (cursor.type(node) == NodeType::kString) return append_text_echo(out, cursor.text(node));
  CompactPrinter printer(cursor);
  const std::string_view json = printer.print(node);
  if (json.size() <= kEchoBytesMax) {
    out += json;
  } else {
    append_text_echo(out, json);
  }
}

}  // namespace hookhost::payload
