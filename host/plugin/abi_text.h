// SPDX-License-Identifier: Apache-2.0
//
// Small steps over the border of the ABI: texts both ways, arrays of a plugin walked by their
// stride, and calls of either side that let no exception through. Hot path: no allocation, lock or
// shared counter per request.
#pragma once

#include <hookhost/types.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace hookhost::plugin {

// Absent stays absent: data() == nullptr. A length without a pointer counts as absent.
inline std::string_view view_of(hookhost_str text) noexcept {
  return text.ptr == nullptr ? std::string_view{} : std::string_view(text.ptr, text.len);
}
inline hookhost_str str_of(std::string_view text) noexcept { return {text.data(), text.size()}; }

// What is wrong with an array of T from a plugin, or nullptr. Says nothing about the elements.
template <class T>
const char* array_problem(const hookhost_array& array) noexcept {
  if (array.count == 0) return nullptr;
  if (array.items == nullptr) return "items is NULL although count is not 0";
  if (array.stride < sizeof(T)) return "stride is smaller than the element";
  if (array.stride % alignof(T) != 0 || reinterpret_cast<std::uintptr_t>(array.items) % alignof(T))
    return "items or stride is not aligned";
  return nullptr;
}
template <class T>
const T& element_of(const hookhost_array& array, std::uint32_t index) noexcept {
  return *reinterpret_cast<const T*>(static_cast<const char*>(array.items) +
                                     std::size_t{index} * array.stride);
}

// Runs a function of ours that a plugin called: memory that is gone becomes a status.
template <class Function>
hookhost_status or_no_memory(Function function) noexcept {
  try {
    return function();
  } catch (...) {
    return HOOKHOST_E_NOMEM;  // the only exception that our own code lets out
  }
}

// Runs a function of a plugin. What it threw, although nothing may leave it; nothing: it returned.
template <class Function>
std::optional<std::string> exception_of(Function function) noexcept {
  try {
    function();
    return std::nullopt;
  } catch (const std::exception& exception) {
    return std::string("threw an exception: ") + exception.what();
  } catch (...) {
    return std::string("threw an exception");
  }
}

}  // namespace hookhost::plugin
