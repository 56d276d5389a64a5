// SPDX-License-Identifier: Apache-2.0
//
// Json: a cursor on one value of a JSON text; a word by value, owns nothing. It never fails: a step
// to something that is not there gives a cursor on nothing, and every question about nothing has an
// answer. Cursors on an event are for the thread that owns the call and end with it; cursors on a
// Document or on the configuration live as long as that does.
#ifndef HOOKHOST_CPP_JSON_HPP
#define HOOKHOST_CPP_JSON_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../plugin.h"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

class Json {
 public:
  enum class Type : std::int32_t {
    kNone = HOOKHOST_NODE_NONE,
    kNull = HOOKHOST_NODE_NULL,
    kBool = HOOKHOST_NODE_BOOL,
    kNumber = HOOKHOST_NODE_NUMBER,
    kString = HOOKHOST_NODE_STRING,
    kArray = HOOKHOST_NODE_ARRAY,
    kObject = HOOKHOST_NODE_OBJECT
  };

  Json() noexcept = default;  // a cursor on nothing
  Json(const hookhost_host* host, const hookhost_call* call, hookhost_node node) noexcept
      : host_(host), call_(call), node_(node) {}

  Type type() const noexcept {
    return node_ == 0 ? Type::kNone : static_cast<Type>(host_->node_type(call_, node_));
  }
  bool is_null() const noexcept { return type() == Type::kNull; }
  bool is_string() const noexcept { return type() == Type::kString; }
  bool is_number() const noexcept { return type() == Type::kNumber; }
  bool is_array() const noexcept { return type() == Type::kArray; }
  bool is_object() const noexcept { return type() == Type::kObject; }
  // There is a value here, null included.
  explicit operator bool() const noexcept { return node_ != 0; }

  // The member with that key, of several the last, or the element with that number.
  Json operator[](std::string_view key) const noexcept {
    return node_ == 0 ? Json() : at_node(host_->node_get(call_, node_, detail::to_c(key)));
  }
  Json operator[](const char* key) const noexcept { return (*this)[std::string_view(key)]; }
  template <std::integral Index>
  Json operator[](Index index) const noexcept {
    if (node_ == 0 || std::cmp_less(index, 0)) return Json();
    return at_node(host_->node_at(call_, node_, static_cast<std::size_t>(index)));
  }
  // RFC 6901: "/repo/tags/0".
  Json pointer(std::string_view path) const noexcept {
    return node_ == 0 ? Json() : at_node(host_->node_pointer(call_, node_, detail::to_c(path)));
  }

  // Members or elements as written, a key that stands twice counted twice. 0 for anything else.
  std::size_t size() const noexcept { return node_ == 0 ? 0 : host_->node_size(call_, node_); }
  // Of a member met in an iteration: its key.
  Text key() const noexcept { return node_ == 0 ? Text() : Text(host_->node_key(call_, node_)); }
  // The exact text of the value in the source.
  Text raw() const noexcept { return node_ == 0 ? Text() : Text(host_->node_raw(call_, node_)); }

  // The value as bool, a number type, std::string_view, Text or std::string; empty when it is of
  // another kind, null, not there, or does not fit T.
  template <class T>
  std::optional<T> as() const {
    if (node_ == 0) return std::nullopt;
    if constexpr (std::same_as<T, bool>) {
      return scalar<std::int32_t>(host_->node_bool, [](std::int32_t v) { return v != 0; });
    } else if constexpr (std::signed_integral<T>) {
      return fitting<T, std::int64_t>(host_->node_i64);
    } else if constexpr (std::unsigned_integral<T>) {
      return fitting<T, std::uint64_t>(host_->node_u64);
    } else if constexpr (std::floating_point<T>) {
      return scalar<double>(host_->node_f64, [](double v) { return static_cast<T>(v); });
    } else {
      static_assert(std::same_as<T, Text> || std::same_as<T, std::string_view> ||
                        std::same_as<T, std::string>,
                    "as<T>: T is bool, a number type, Text, std::string_view or std::string");
      const Text text(host_->node_str(call_, node_));
      if (!text.present()) return std::nullopt;
      return T(text);
    }
  }

  // The same, with a value for when it is empty; its type is what is asked for.
  template <class T>
  requires(!std::convertible_to<T, std::string_view>) T get_or(T otherwise)
  const { return as<T>().value_or(otherwise); }
  std::string_view get_or(const char* otherwise) const {
    return as<std::string_view>().value_or(otherwise);
  }
  std::string_view get_or(std::string_view otherwise) const {
    return as<std::string_view>().value_or(otherwise);
  }
  std::string get_or(std::string otherwise) const {
    const auto text = as<std::string_view>();
    return text ? std::string(*text) : otherwise;
  }

  // for (Json element : array), for (Json member : object) with member.key().
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Json;
    using difference_type = std::ptrdiff_t;
    using pointer = const Json*;
    using reference = Json;

    Iterator() noexcept = default;
    Json operator*() const noexcept;
    Iterator& operator++() noexcept;
    Iterator operator++(int) noexcept;
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.node_ == b.node_;
    }

   private:
    friend class Json;
    Iterator(const hookhost_host* host, const hookhost_call* call, hookhost_node node) noexcept
        : host_(host), call_(call), node_(node) {}
    const hookhost_host* host_ = nullptr;
    const hookhost_call* call_ = nullptr;
    hookhost_node node_ = 0;
  };
  Iterator begin() const noexcept {
    return node_ == 0 ? Iterator() : Iterator(host_, call_, host_->node_first(call_, node_));
  }
  Iterator end() const noexcept { return Iterator(); }

  hookhost_node node() const noexcept { return node_; }

 private:
  Json at_node(hookhost_node node) const noexcept { return Json(host_, call_, node); }

  template <class Raw, class Read, class Convert>
  auto scalar(Read read, Convert convert) const
      -> std::optional<std::invoke_result_t<Convert, Raw>> {
    Raw raw{};
    if (read(call_, node_, &raw) != HOOKHOST_OK) return std::nullopt;
    return convert(raw);
  }
  template <class T, class Raw, class Read>
  std::optional<T> fitting(Read read) const {
    Raw raw{};
    if (read(call_, node_, &raw) != HOOKHOST_OK) return std::nullopt;
    if (raw < static_cast<Raw>(std::numeric_limits<T>::min()) ||
        raw > static_cast<Raw>(std::numeric_limits<T>::max())) {
      return std::nullopt;
    }
    return static_cast<T>(raw);
  }

  const hookhost_host* host_ = nullptr;
  const hookhost_call* call_ = nullptr;
  hookhost_node node_ = 0;
};

inline Json Json::Iterator::operator*() const noexcept { return Json(host_, call_, node_); }
inline Json::Iterator& Json::Iterator::operator++() noexcept {
  node_ = host_->node_next(call_, node_);
  return *this;
}
inline Json::Iterator Json::Iterator::operator++(int) noexcept {
  const Iterator before = *this;
  ++*this;
  return before;
}

// A value of the sender's goes into an answer as it was written; nothing becomes null.
inline void write_json(JsonText& out, const Json& json) {
  const Text raw = json.raw();
  raw.empty() ? out.null() : out.raw(raw);
}

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_JSON_HPP
