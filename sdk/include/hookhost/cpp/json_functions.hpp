// SPDX-License-Identifier: Apache-2.0
//
// The node functions of hookhost_host over a JsonTree, for Document and the fake host of tests;
// they answer as the host's do. Not part of the SDK's promises: use Json.
#ifndef HOOKHOST_CPP_JSON_FUNCTIONS_HPP
#define HOOKHOST_CPP_JSON_FUNCTIONS_HPP

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "../plugin.h"
#include "json_tree.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

// The number in a JSON number's text as sign and magnitude. E_RANGE: a fraction other than zero, or
// beyond 64 bits.
inline hookhost_status read_integer(std::string_view text, bool& negative,
                                    std::uint64_t& magnitude) {
  negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  std::string_view exponent_text;
  if (const auto e = text.find_first_of("eE"); e != text.npos) {
    exponent_text = text.substr(e + 1);
    text = text.substr(0, e);
  }
  std::string digits(text.substr(0, text.find('.')));
  std::int64_t scale = 0;  // the value is digits * 10^scale
  if (const auto dot = text.find('.'); dot != text.npos) {
    digits += text.substr(dot + 1);
    scale -= static_cast<std::int64_t>(text.size() - dot - 1);
  }
  digits.erase(0, digits.find_first_not_of('0'));
  magnitude = 0;
  if (digits.empty()) return HOOKHOST_OK;
  if (!exponent_text.empty()) {
    if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
    std::int64_t exponent = 0;
    const auto read = std::from_chars(exponent_text.data(),
                                      exponent_text.data() + exponent_text.size(), exponent);
    constexpr std::int64_t kExponentMax = std::int64_t{1} << 40;  // longer than any text
    if (read.ec != std::errc() || exponent > kExponentMax || exponent < -kExponentMax) {
      return HOOKHOST_E_RANGE;
    }
    scale += exponent;
  }
  for (; scale < 0 && digits.back() == '0'; ++scale) digits.pop_back();
  if (scale < 0 || scale > 20 || digits.size() + static_cast<std::size_t>(scale) > 20) {
    return HOOKHOST_E_RANGE;  // 2^64 has 20 digits
  }
  digits.append(static_cast<std::size_t>(scale), '0');
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  return read.ec == std::errc() ? HOOKHOST_OK : HOOKHOST_E_RANGE;
}

// The node functions of hookhost_host over a JsonTree, which kFind gets from the call; 0 and
// foreign nodes count as missing values.
template <const JsonTree* (*kFind)(const hookhost_call*)>
struct JsonFunctions {
  static const JsonNode* node(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonTree* tree = kFind(call);
    return tree == nullptr ? nullptr : tree->find(id);
  }
  static const JsonNode* node_of(const hookhost_call* call, hookhost_node id,
                                 std::int32_t type) noexcept {
    const JsonNode* found = node(call, id);
    return found != nullptr && found->type == type ? found : nullptr;
  }

  static std::int32_t HOOKHOST_CALL type(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? HOOKHOST_NODE_NONE : found->type;
  }
  static hookhost_node HOOKHOST_CALL get(const hookhost_call* call, hookhost_node id,
                                         hookhost_str key) noexcept {
    const JsonNode* object = node_of(call, id, HOOKHOST_NODE_OBJECT);
    hookhost_node last = 0;
    for (hookhost_node child = object == nullptr ? 0 : object->first; child != 0;
         child = node(call, child)->next) {
      if (node(call, child)->key == Text(key)) last = child;
    }
    return last;
  }
  static hookhost_node HOOKHOST_CALL at(const hookhost_call* call, hookhost_node id,
                                        std::size_t index) noexcept {
    const JsonNode* array = node_of(call, id, HOOKHOST_NODE_ARRAY);
    if (array == nullptr || index >= array->children) return 0;
    hookhost_node child = array->first;
    while (index-- != 0) child = node(call, child)->next;
    return child;
  }
  static hookhost_node HOOKHOST_CALL pointer(const hookhost_call* call, hookhost_node from,
                                             hookhost_str path) noexcept {
    std::string_view rest = Text(path);
    while (from != 0 && !rest.empty()) {
      if (rest.front() != '/') return 0;
      rest.remove_prefix(1);
      const std::string_view step = rest.substr(0, rest.find('/'));
      rest.remove_prefix(step.size());
      from = type(call, from) == HOOKHOST_NODE_ARRAY ? at_step(call, from, step)
                                                     : get_step(call, from, step);
    }
    return node(call, from) == nullptr ? 0 : from;
  }
  static std::size_t HOOKHOST_CALL size(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? 0 : found->children;
  }
  static hookhost_node HOOKHOST_CALL first(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? 0 : found->first;
  }
  static hookhost_node HOOKHOST_CALL next(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? 0 : found->next;
  }
  static hookhost_str HOOKHOST_CALL key(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? hookhost_str{} : to_c(found->key);
  }
  static hookhost_str HOOKHOST_CALL str(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node_of(call, id, HOOKHOST_NODE_STRING);
    return found == nullptr ? hookhost_str{} : to_c(found->text);
  }
  static hookhost_str HOOKHOST_CALL raw(const hookhost_call* call, hookhost_node id) noexcept {
    const JsonNode* found = node(call, id);
    return found == nullptr ? hookhost_str{} : to_c(found->raw);
  }
  static hookhost_status HOOKHOST_CALL boolean(const hookhost_call* call, hookhost_node id,
                                               std::int32_t* out) noexcept {
    const JsonNode* found = node_of(call, id, HOOKHOST_NODE_BOOL);
    if (found == nullptr) return HOOKHOST_E_TYPE;
    *out = found->value ? 1 : 0;
    return HOOKHOST_OK;
  }
  static hookhost_status HOOKHOST_CALL i64(const hookhost_call* call, hookhost_node id,
                                           std::int64_t* out) noexcept {
    bool negative = false;
    std::uint64_t magnitude = 0;
    const JsonNode* found = node_of(call, id, HOOKHOST_NODE_NUMBER);
    if (found == nullptr) return HOOKHOST_E_TYPE;
    if (const auto status = integer(found, negative, magnitude); status != HOOKHOST_OK)
      return status;
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (magnitude > kMax + (negative ? 1 : 0)) return HOOKHOST_E_RANGE;
    *out =
        negative ? static_cast<std::int64_t>(0 - magnitude) : static_cast<std::int64_t>(magnitude);
    return HOOKHOST_OK;
  }
  static hookhost_status HOOKHOST_CALL u64(const hookhost_call* call, hookhost_node id,
                                           std::uint64_t* out) noexcept {
    bool negative = false;
    std::uint64_t magnitude = 0;
    const JsonNode* found = node_of(call, id, HOOKHOST_NODE_NUMBER);
    if (found == nullptr) return HOOKHOST_E_TYPE;
    if (const auto status = integer(found, negative, magnitude); status != HOOKHOST_OK)
      return status;
    if (negative && magnitude != 0) return HOOKHOST_E_RANGE;
    *out = magnitude;
    return HOOKHOST_OK;
  }
  static hookhost_status HOOKHOST_CALL f64(const hookhost_call* call, hookhost_node id,
                                           double* out) noexcept {
    const JsonNode* found = node_of(call, id, HOOKHOST_NODE_NUMBER);
    if (found == nullptr) return HOOKHOST_E_TYPE;
    double value = 0;
    const char* const begin = found->raw.data();
    const auto read = std::from_chars(begin, begin + found->raw.size(), value);
    if (read.ec == std::errc::result_out_of_range) {
      // Too small is zero, too large is an error; from_chars does not say which it was.
      const auto e = found->raw.find_first_of("eE");
      const bool tiny = e != std::string_view::npos ? found->raw.substr(e + 1).starts_with('-')
                                                    : found->raw.find("0.") <= 1;
      if (!tiny) return HOOKHOST_E_RANGE;
      value = found->raw.front() == '-' ? -0.0 : 0.0;
    }
    *out = value;
    return HOOKHOST_OK;
  }

  static constexpr void fill(hookhost_host& host) noexcept {
    host.node_type = &type;
    host.node_get = &get;
    host.node_at = &at;
    host.node_pointer = &pointer;
    host.node_size = &size;
    host.node_first = &first;
    host.node_next = &next;
    host.node_key = &key;
    host.node_str = &str;
    host.node_raw = &raw;
    host.node_bool = &boolean;
    host.node_i64 = &i64;
    host.node_u64 = &u64;
    host.node_f64 = &f64;
  }

 private:
  static hookhost_status integer(const JsonNode* number, bool& negative,
                                 std::uint64_t& magnitude) noexcept {
    try {
      return read_integer(number->raw, negative, magnitude);
    } catch (...) {
      return HOOKHOST_E_NOMEM;
    }
  }
  static hookhost_node at_step(const hookhost_call* call, hookhost_node from,
                               std::string_view step) noexcept {
    std::size_t index = 0;
    const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool good = read.ec == std::errc() && read.ptr == step.data() + step.size() &&
                      (step == "0" || step.front() != '0');
    return good ? at(call, from, index) : 0;
  }
  static hookhost_node get_step(const hookhost_call* call, hookhost_node from,
                                std::string_view step) noexcept {
    if (step.find('~') == step.npos) return get(call, from, to_c(step));
    try {
      std::string key;
      for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] != '~') {
          key += step[i];
        } else if (++i < step.size() && (step[i] == '0' || step[i] == '1')) {
          key += step[i] == '0' ? '~' : '/';
        } else {
          return 0;
        }
      }
      return get(call, from, to_c(key));
    } catch (...) {
      return 0;
    }
  }
};

}  // namespace detail

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_JSON_FUNCTIONS_HPP
