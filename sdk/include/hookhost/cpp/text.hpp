// SPDX-License-Identifier: Apache-2.0
//
// Text that crosses: Text, a view that knows "absent" from "empty"; JsonText, a JSON text being
// written, which allocates nothing up to 256 bytes; Value, anything that can be written as JSON,
// for the length of an expression; Format, a text with {} whose number is checked when it is
// compiled.
#ifndef HOOKHOST_CPP_TEXT_HPP
#define HOOKHOST_CPP_TEXT_HPP

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../types.h"
#include "namespace.hpp"

HOOKHOST_NAMESPACE_BEGIN

// UTF-8 text of the host. Does not own: valid until the call completes. Absent text is empty as
// well, so reading a field that was not sent is never an error.
class Text : public std::string_view {
 public:
  constexpr Text() noexcept = default;
  constexpr Text(hookhost_str text) noexcept : std::string_view(text.ptr, text.len) {}
  constexpr Text(std::string_view text) noexcept : std::string_view(text) {}

  // False when the field was not sent or was null. An empty text that was sent is present.
  constexpr bool present() const noexcept { return data() != nullptr; }
  // A copy that may be kept.
  std::string str() const { return std::string(*this); }
};

namespace detail {

constexpr hookhost_str to_c(std::string_view text) noexcept { return {text.data(), text.size()}; }

// Bytes, the first kInline of them without an allocation.
template <std::size_t kInline>
class Buffer {
 public:
  Buffer() noexcept {}
  Buffer(Buffer&& other) noexcept : size_(other.size_), large_(std::move(other.large_)) {
    if (large_.empty()) std::memcpy(inline_, other.inline_, size_);
    other.size_ = 0;
    other.large_.clear();
  }
  Buffer(const Buffer& other) : size_(other.size_), large_(other.large_) {
    if (large_.empty()) std::memcpy(inline_, other.inline_, size_);
  }
  Buffer& operator=(Buffer other) noexcept {
    large_ = std::move(other.large_);
    size_ = other.size_;
    if (large_.empty()) std::memcpy(inline_, other.inline_, size_);
    return *this;
  }

  void append(std::string_view text) {
    if (text.empty()) return;
    if (is_small() && text.size() <= kInline - size_) {
      std::memcpy(inline_ + size_, text.data(), text.size());
      size_ += text.size();
      return;
    }
    if (is_small()) {
      large_.reserve(2 * (size_ + text.size()));
      large_.assign(inline_, size_);
    }
    large_.append(text);
    size_ = large_.size();
  }
  void append(char c) { append(std::string_view(&c, 1)); }

  // Takes the string over when it does not fit inline; nothing may have been appended.
  void adopt(std::string&& text) {
    if (text.size() <= kInline) return append(text);
    size_ = text.size();
    large_ = std::move(text);
  }

  bool is_small() const noexcept { return large_.empty(); }
  std::size_t size() const noexcept { return size_; }
  std::string_view view() const noexcept {
    return is_small() ? std::string_view(inline_, size_) : std::string_view(large_);
  }
  // The string of a buffer that is not small.
  std::string take_large() noexcept { return std::move(large_); }

 private:
  std::size_t size_ = 0;
  std::string large_;  // not empty: holds everything
  char inline_[kInline];
};

// Length of the UTF-8 sequence at the start of text (RFC 3629), 0 when it is not one.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t from, std::size_t count) {
    for (std::size_t i = from; i < from + count; ++i) {
      if ((byte(i) & 0xC0u) != 0x80u) return false;
    }
    return true;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1, 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong form
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;  // no surrogate
    return byte(1) >= low && byte(1) <= high && tail(2, 1) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;  // U+10FFFF
    return byte(1) >= low && byte(1) <= high && tail(2, 2) ? 4 : 0;
  }
  return 0;
}

}  // namespace detail

// A JSON text being written. Everything that goes in through value() comes out as valid JSON.
class JsonText {
 public:
  static constexpr std::size_t kInlineBytes = 256;  // an answer of a sentence or a small object

  // Appends as it is: punctuation, or JSON that is already valid.
  void raw(std::string_view json) { bytes_.append(json); }

  // Appends the inside of a JSON string. Bytes that are not UTF-8 become U+FFFD, since an answer
  // must be valid JSON whatever the handler read.
  void escaped(std::string_view text) {
    std::size_t clean = 0;  // start of the bytes that go as they are
    std::size_t i = 0;
    while (i < text.size()) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        ++i;
        continue;
      }
      const std::size_t length = c >= 0x80 ? detail::utf8_length(text.substr(i)) : 0;
      if (length != 0) {
        i += length;
        continue;
      }
      bytes_.append(text.substr(clean, i - clean));
      escape(c);
      clean = ++i;
    }
    bytes_.append(text.substr(clean));
  }
  void string(std::string_view text) {
    bytes_.append('"');
    escaped(text);
    bytes_.append('"');
  }
  void boolean(bool value) { bytes_.append(value ? "true" : "false"); }
  template <std::integral T>
  void number(T value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    bytes_.append(std::string_view(digits, static_cast<std::size_t>(end.ptr - digits)));
  }
  // Shortest form that reads back as the same number; NaN and infinities, which JSON lacks, are
  // null.
  void number(double value) {
    if (!std::isfinite(value)) return bytes_.append("null");
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    const std::string_view text(digits, static_cast<std::size_t>(end.ptr - digits));
    bytes_.append(text);
    if (text.find_first_of(".e") == text.npos)
      bytes_.append(".0");  // 5.0 stays a float, as in Python
  }
  void null() { bytes_.append("null"); }

  // Any writable value; see Value.
  template <class T>
  void value(const T& value);

  std::string_view view() const noexcept { return bytes_.view(); }
  detail::Buffer<kInlineBytes>& bytes() noexcept { return bytes_; }

 private:
  void escape(unsigned char c) {
    switch (c) {
      case '"': return bytes_.append("\\\"");
      case '\\': return bytes_.append("\\\\");
      case '\n': return bytes_.append("\\n");
      case '\r': return bytes_.append("\\r");
      case '\t': return bytes_.append("\\t");
      case '\b': return bytes_.append("\\b");
      case '\f': return bytes_.append("\\f");
      default: break;
    }
    if (c >= 0x80) return bytes_.append("\xEF\xBF\xBD");
    constexpr char kHex[] = "0123456789abcdef";
    const char code[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    bytes_.append(std::string_view(code, sizeof code));
  }

  detail::Buffer<kInlineBytes> bytes_;
};

inline void write_json(JsonText& out, const JsonText& json) { out.raw(json.view()); }

namespace detail {

template <class T>
concept StringLike = std::convertible_to<const T&, std::string_view> &&
    !std::same_as<std::remove_cvref_t<T>, std::nullptr_t>;
template <class T>
concept Scalar = std::same_as<T, std::nullptr_t> || std::is_arithmetic_v<T> || StringLike<T>;
template <class T>
concept HasWriter = requires(JsonText& out, const T& value) {
  write_json(out, value);
};
template <class T>
concept OptionalLike = requires(const T& value) {
  { value.has_value() } -> std::convertible_to<bool>;
  *value;
};
template <class T>
concept Range = requires(const T& range) {
  std::begin(range);
  std::end(range);
};
template <class T>
concept MapLike = Range<T> && requires {
  typename T::mapped_type;
  requires StringLike<typename T::key_type>;
};

}  // namespace detail

// What can be an answer, a member of one, or fill a {}: null, bool, numbers, text, optional,
// ranges, maps with text keys, Json, Object, Array, and every type with a function next to it:
//   void write_json(hookhost::JsonText& out, const Job& job) { out.value(job.id); }
template <class T>
concept Writable =
    detail::Scalar<T> || detail::HasWriter<T> || detail::OptionalLike<T> || detail::Range<T>;

template <class T>
void JsonText::value(const T& value) {
  if constexpr (detail::HasWriter<T>) {
    write_json(*this, value);
  } else if constexpr (std::same_as<T, std::nullptr_t>) {
    null();
  } else if constexpr (std::same_as<T, bool>) {
    boolean(value);
  } else if constexpr (std::same_as<T, char>) {
    string(std::string_view(&value, 1));
  } else if constexpr (std::integral<T>) {
    number(value);
  } else if constexpr (std::floating_point<T>) {
    number(static_cast<double>(value));
  } else if constexpr (detail::StringLike<T>) {
    string(static_cast<std::string_view>(value));
  } else if constexpr (detail::OptionalLike<T>) {
    value.has_value() ? this->value(*value) : null();
  } else if constexpr (detail::MapLike<T>) {
    char separator = '{';
    for (const auto& [key, element] : value) {
      bytes_.append(std::exchange(separator, ','));
      string(std::string_view(key));
      bytes_.append(':');
      this->value(element);
    }
    bytes_.append(separator == '{' ? std::string_view("{}") : std::string_view("}"));
  } else {
    static_assert(detail::Range<T>,
                  "this type cannot be written as JSON: give it a write_json(JsonText&, const T&)");
    char separator = '[';
    for (const auto& element : value) {
      bytes_.append(std::exchange(separator, ','));
      this->value(element);
    }
    bytes_.append(separator == '[' ? std::string_view("[]") : std::string_view("]"));
  }
}

// Anything writable, by reference. For arguments only: it must not outlive the expression that made
// it.
class Value {
 public:
  template <class T>
  requires(Writable<T> && !std::same_as<T, Value>) Value(const T& value)
  noexcept : what_(&value), json_(&write<T>), text_(&write_text<T>) {}
  template <std::size_t N>
  Value(const char (&literal)[N]) noexcept
      : what_(literal), json_(&write_literal), text_(&write_literal_text) {}

  void append_json(JsonText& out) const { json_(out, what_); }
  // As it stands in a sentence: text without quotes, everything else as JSON. inside: what is
  // written stands inside a JSON string.
  void append_text(JsonText& out, bool inside) const { text_(out, what_, inside); }

 private:
  template <class T>
  static void write(JsonText& out, const void* what) {
    out.value(*static_cast<const T*>(what));
  }
  template <class T>
  static void write_text(JsonText& out, const void* what, bool inside) {
    if constexpr (std::same_as<T, char>) {
      append(out, std::string_view(static_cast<const char*>(what), 1), inside);
    } else if constexpr (detail::StringLike<T>) {
      append(out, static_cast<std::string_view>(*static_cast<const T*>(what)), inside);
    } else if constexpr (std::is_arithmetic_v<T>) {
      out.value(*static_cast<const T*>(what));
    } else {
      JsonText json;
      json.value(*static_cast<const T*>(what));
      append(out, json.view(), inside);
    }
  }
  static void write_literal(JsonText& out, const void* what) {
    out.string(static_cast<const char*>(what));
  }
  static void write_literal_text(JsonText& out, const void* what, bool inside) {
    append(out, static_cast<const char*>(what), inside);
  }
  static void append(JsonText& out, std::string_view text, bool inside) {
    inside ? out.escaped(text) : out.raw(text);
  }

  const void* what_;
  void (*json_)(JsonText&, const void*);
  void (*text_)(JsonText&, const void*, bool);
};

// One member of an object: {"team", team}.
struct Member {
  std::string_view key;
  Value value;
};

// A JSON object that is put together in steps; owns its text.
class Object {
 public:
  Object() { text_.raw("{"); }
  Object(std::initializer_list<Member> members) : Object() {
    for (const Member& member : members) add(member.key, member.value);
  }
  Object& add(std::string_view key, const Value& value) {
    if (text_.view().size() > 1) text_.raw(",");
    text_.string(key);
    text_.raw(":");
    value.append_json(text_);
    return *this;
  }
  friend void write_json(JsonText& out, const Object& object) {
    out.raw(object.text_.view());
    out.raw("}");
  }

 private:
  JsonText text_;  // without the closing brace
};

// A JSON array, likewise.
class Array {
 public:
  Array() { text_.raw("["); }
  Array(std::initializer_list<Value> values) : Array() {
    for (const Value& value : values) add(value);
  }
  Array& add(const Value& value) {
    if (text_.view().size() > 1) text_.raw(",");
    value.append_json(text_);
    return *this;
  }
  friend void write_json(JsonText& out, const Array& array) {
    out.raw(array.text_.view());
    out.raw("]");
  }

 private:
  JsonText text_;
};

namespace detail {

// Not constexpr on purpose: being named in the compiler's message is what they are for.
inline void the_numbers_of_placeholders_and_of_arguments_differ() {}
inline void only_empty_braces_are_placeholders_and_double_braces_are_braces() {}

// The number of {} in a text; {{ and }} stand for braces.
consteval std::size_t count_placeholders(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool has_next = i + 1 < text.size();
    if (text[i] == '{') {
      if (has_next && text[i + 1] == '}') {
        ++count;
      } else if (!has_next || text[i + 1] != '{') {
        only_empty_braces_are_placeholders_and_double_braces_are_braces();
      }
      ++i;
    } else if (text[i] == '}') {
      if (!has_next || text[i + 1] != '}') {
        only_empty_braces_are_placeholders_and_double_braces_are_braces();
      }
      ++i;
    }
  }
  return count;
}

// Writes a checked text with its arguments. inside: what is written stands inside a JSON string.
inline void format(JsonText& out, std::string_view text, std::initializer_list<Value> arguments,
                   bool inside) {
  const Value* next = arguments.begin();
  std::size_t done = 0;
  const auto flush = [&](std::size_t to) {
    const auto piece = text.substr(done, to - done);
    inside ? out.escaped(piece) : out.raw(piece);
  };
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '{' && text[i] != '}') continue;
    const bool is_placeholder = text[i] == '{' && text[i + 1] == '}';
    flush(is_placeholder ? i : i + 1);
    if (is_placeholder) (next++)->append_text(out, inside);
    done = ++i + 1;
  }
  flush(text.size());
}

}  // namespace detail

// A text literal with one {} for each of the arguments; anything else does not compile.
template <class... Arguments>
class Format {
 public:
  template <std::size_t N>
  consteval Format(const char (&literal)[N]) : text_(literal, N - 1) {
    if (detail::count_placeholders(text_) != sizeof...(Arguments)) {
      detail::the_numbers_of_placeholders_and_of_arguments_differ();
    }
  }
  constexpr std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};
template <class... Arguments>
using FormatOf = Format<std::type_identity_t<Arguments>...>;

// A plain text: text_of("{} of {}", 1, 2).
template <Writable... Arguments>
std::string text_of(FormatOf<Arguments...> text, const Arguments&... arguments) {
  JsonText out;
  detail::format(out, text.text(), {Value(arguments)...}, false);
  return std::string(out.view());
}

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_TEXT_HPP
