// SPDX-License-Identifier: Apache-2.0
//
// Follows CPython 3.11's Modules/_json.c step by step, because a sender may compare: where it looks
// first decides which fault it names. Offsets are in bytes here and become characters at the end.
#include "payload/json_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <iterator>
#include <string>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

constexpr std::string_view kExpectingValue = "Expecting value";
constexpr std::string_view kBadUnicodeEscape = "Invalid \\uXXXX escape";

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : text_(text) {}

  JsonError run() noexcept {
    if (document() && here() != kEnd) fail("Extra data", at_);
    if (fault_ == JsonFault::kNone && lax_reason_.empty()) return {};
    if (fault_ == JsonFault::kUnreadable) return {.fault = fault_};
    const bool is_lax = fault_ == JsonFault::kNone;
    return {.fault = JsonFault::kSyntax,
            .reason = is_lax ? lax_reason_ : reason_,
            .offset = characters_before(is_lax ? lax_offset_ : offset_)};
  }

 private:
  static constexpr int kEnd = -1;

  int at(std::size_t place) const noexcept {
    return place < text_.size() ? static_cast<unsigned char>(text_[place]) : kEnd;
  }
  int here() const noexcept { return at(at_); }
  bool has_digit(std::size_t place) const noexcept {
    return place < text_.size() && is_digit(text_[place]);
  }
  void skip_space() noexcept {
    while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') ++at_;
  }

  bool fail(std::string_view reason, std::size_t offset) noexcept {
    fault_ = JsonFault::kSyntax;
    reason_ = reason;
    offset_ = offset;
    return false;
  }
  bool give_up() noexcept {
    fault_ = JsonFault::kUnreadable;
    return false;
  }
  // Python takes it, RFC 8259 does not.
  void note_lax(std::string_view reason, std::size_t offset) noexcept {
    if (!lax_reason_.empty()) return;
    lax_reason_ = reason;
    lax_offset_ = offset;
  }

  // The value and the white space around it.
  bool document() noexcept {
    skip_space();
    for (;;) {
      if (here() == '{' || here() == '[') {
        if (depth_ == kDepthMax) return give_up();
        const bool is_object = here() == '{';
        ++at_;
        skip_space();
        if (here() == (is_object ? '}' : ']')) {
          ++at_;
        } else {
          is_object_[depth_++] = is_object;
          if (is_object && !key()) return false;
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      if (!ends()) return false;
      if (depth_ == 0) return true;
    }
  }

  // Behind a value: the ends of containers, then a comma or the end of the document.
  bool ends() noexcept {
    for (;;) {
      skip_space();
      if (depth_ == 0) return true;
      const bool is_object = is_object_[depth_ - 1];
      if (here() == (is_object ? '}' : ']')) {
        ++at_;
        --depth_;
        continue;
      }
      if (here() != ',') return fail("Expecting ',' delimiter", at_);
      ++at_;
      skip_space();
      return !is_object || key();
    }
  }

  bool key() noexcept {
    if (here() != '"') return fail("Expecting property name enclosed in double quotes", at_);
    if (!string()) return false;
    skip_space();
    if (here() != ':') return fail("Expecting ':' delimiter", at_);
    ++at_;
    skip_space();
    return true;
  }

  bool scalar() noexcept {
    if (here() == '"') return string();
    for (const std::string_view word : {"null", "true", "false"}) {
      if (take(word)) return true;
    }
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
      const std::size_t begin = at_;
      if (!take(word)) continue;
      note_lax(kExpectingValue, begin);
      return true;
    }
    return number();
  }

  bool take(std::string_view word) noexcept {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // A fraction or an exponent that is not complete is left standing, as what comes behind a number.
  bool number() noexcept {
    std::size_t place = at_;
    if (at(place) == '-') ++place;
    const std::size_t integer = place;
    if (!has_digit(place)) return fail(kExpectingValue, at_);
    if (at(place) == '0') {
      ++place;
    } else {
      while (has_digit(place)) ++place;
    }
    const std::size_t digits = place - integer;
    bool is_integer = true;
    if (at(place) == '.' && has_digit(place + 1)) {
      is_integer = false;
      ++place;
      while (has_digit(place)) ++place;
    }
    if (at(place) == 'e' || at(place) == 'E') {
      std::size_t exponent = place + 1;
      if (at(exponent) == '+' || at(exponent) == '-') ++exponent;
      if (has_digit(exponent)) {
        is_integer = false;
        while (has_digit(exponent)) ++exponent;
        place = exponent;
      }
    }
    if (is_integer && digits > kIntegerDigitsMax) return give_up();
    at_ = place;
    return true;
  }

  bool string() noexcept {
    const std::size_t begin = at_;
    for (++at_; here() != '"'; ++at_) {
      if (here() == kEnd) return fail("Unterminated string starting at", begin);
      if (here() < 0x20) return fail("Invalid control character at", at_);
      if (here() == '\\' && !escape(begin)) return false;
    }
    ++at_;
    return true;
  }

  // At a backslash; at the last character of the escape afterwards.
  bool escape(std::size_t string_begin) noexcept {
    const std::size_t backslash = at_++;
    if (here() == kEnd) return fail("Unterminated string starting at", string_begin);
    if (here() == 'u') return unicode_escape();
    if (std::string_view("\"\\/bfnrt").find(static_cast<char>(here())) == std::string_view::npos)
      return fail("Invalid \\escape", backslash);
    return true;
  }

  bool unicode_escape() noexcept {
    const std::size_t u = at_;
    const int unit = code_unit(u);
    if (unit < 0) return fail(kBadUnicodeEscape, u);
    at_ = u + 4;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    // Python looks for a second half only when a character stands behind where it would end.
    const bool has_second =
        unit < 0xDC00 && at_ + 7 < text_.size() && at(at_ + 1) == '\\' && at(at_ + 2) == 'u';
    const int second = has_second ? code_unit(at_ + 2) : 0;
    if (second < 0) return fail(kBadUnicodeEscape, at_ + 2);
    if (second >= 0xDC00 && second <= 0xDFFF) {
      at_ += 6;
    } else {
      note_lax(kBadUnicodeEscape, u);
    }
    return true;
  }

  // Of the four digits behind a 'u', or -1; the digits may not be the last characters of the text.
  int code_unit(std::size_t u) const noexcept {
    if (u + 5 >= text_.size()) return -1;
    int value = 0;
    for (std::size_t i = 1; i <= 4; ++i) {
      const int digit = hex_digit(text_[u + i]);
      if (digit < 0) return -1;
      value = value << 4 | digit;
    }
    return value;
  }

  std::size_t characters_before(std::size_t offset) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::bitset<kDepthMax> is_object_;  // of the open containers
  std::size_t depth_ = 0;
  JsonFault fault_ = JsonFault::kNone;
  std::string_view reason_;
  std::size_t offset_ = 0;
  std::string_view lax_reason_;
  std::size_t lax_offset_ = 0;
};

// json.detect_encoding of Python: byte order marks, else where the first NULs stand.
bool looks_like_utf16_or_utf32(std::string_view body) noexcept {
  for (const std::string_view mark : {std::string_view("\xFE\xFF"), std::string_view("\xFF\xFE"),
                                      std::string_view("\0\0\xFE\xFF", 4)}) {
    if (body.starts_with(mark)) return true;
  }
  if (body.size() < 4 && body.size() != 2) return false;
  return body[0] == '\0' || body[1] == '\0';
}

Refusal refuse_syntax(const JsonError& error, Arena& arena) {
  std::string body = fmt::format(
      R"({{"detail":[{{"type":"json_invalid","loc":["body",{}],"msg":"JSON decode error","input":{{}},"ctx":{{"error":)",
      error.offset);
  append_json_string(body, error.reason);
  body += "}}]}";
  return {.status = 422, .body = arena.copy(body), .rule = "json-invalid"};
}

}  // namespace

JsonError find_json_error(std::string_view text) noexcept { return Scanner(text).run(); }

Refusal refuse_unreadable() noexcept {
  return {.status = 400,
          .body = R"({"detail":"There was an error parsing the body"})",
          .rule = "json-unreadable"};
}

Refusal refuse_json(std::string_view body, bool is_utf8, Arena& arena) {
  if (looks_like_utf16_or_utf32(body)) {
    return refuse_syntax({.fault = JsonFault::kSyntax, .reason = kExpectingValue}, arena);
  }
  if (!is_utf8) return refuse_unreadable();
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  const JsonError error = find_json_error(body);
  return error.fault == JsonFault::kSyntax ? refuse_syntax(error, arena) : refuse_unreadable();
}

}  // namespace hookhost::payload
