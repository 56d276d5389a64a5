// SPDX-License-Identifier: Apache-2.0
//
// What the tests of payload share: bodies with padding behind them, a parser with its memory, and
// the recorded files of tests/data.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "payload/cursor.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"

namespace hookhost::payload {

// A body as the door hands it over: exactly so many bytes, then padding that holds old bytes. It is
// allocated whole, so that a read beyond the padding is seen by ASan.
class Body {
 public:
  explicit Body(std::string_view text, std::string_view behind = {})
      : bytes_(text.size() + kPaddingBytes, '7'), size_(text.size()) {
    text.copy(bytes_.data(), size_);
    behind.copy(bytes_.data() + size_, kPaddingBytes);
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool holds(std::string_view part) const {
    return part.data() >= bytes_.data() && part.data() + part.size() <= bytes_.data() + size_;
  }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

// One request's worth of memory and a parser.
class Understanding {
 public:
  Result<Document, Refusal> parse(std::string_view text) {
    bodies_.push_back(std::make_unique<Body>(text));
    return parser_.parse(bodies_.back()->view(), arena_);
  }
  Result<Document, Refusal> understand(Form form, std::string_view text,
                                       std::string_view content_type = "application/json") {
    bodies_.push_back(std::make_unique<Body>(text));
    return payload::understand(parser_, form, content_type, bodies_.back()->view(), arena_);
  }
  Document document(std::string_view text) {
    auto parsed = parse(text);
    EXPECT_TRUE(parsed.has_value()) << text.substr(0, 200);
    return parsed ? *parsed : Document{};
  }
  // The answer's body; "" when it was accepted.
  std::string refusal(Form form, std::string_view text,
                      std::string_view content_type = "application/json") {
    const auto result = understand(form, text, content_type);
    return result ? std::string() : std::string(result.error().body);
  }
  const Body& last_body() const { return *bodies_.back(); }

 private:
  Parser parser_;
  Arena arena_;
  std::vector<std::unique_ptr<Body>> bodies_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string hub_fixture(std::string_view name) {
  return read_file(std::string(HOOKHOST_TEST_DATA "/hub/").append(name));
}

}  // namespace hookhost::payload
