// SPDX-License-Identifier: Apache-2.0
//
// JsonWriter: the JSON that we write, compact as FastAPI's (no spaces), appended to a string. It
// places the commas and escapes the texts; the caller keeps the nesting right (a wrong one is a bug
// and stops the program). Not for the hot path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hookhost {

class JsonWriter {
 public:
  // Appends to out, which must outlive the writer.
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();

  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);  // not UTF-8: each bad byte becomes U+FFFD
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& number(double value);  // not finite: null
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already JSON

  // key() and a value at once.
  JsonWriter& member(std::string_view name, std::string_view text) {
    return key(name).string(text);
  }
  JsonWriter& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& member(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  JsonWriter& member(std::string_view name, std::uint64_t value) {
    return key(name).unsigned_integer(value);
  }
  JsonWriter& member(std::string_view name, int value) { return key(name).integer(value); }

 private:
  void before_value();
  std::string& out_;
  bool needs_comma_ = false;
  bool after_key_ = false;
  int depth_ = 0;
};

// The text as a JSON string with its quotes, appended to out.
void append_json_string(std::string& out, std::string_view text);

}  // namespace hookhost
