// SPDX-License-Identifier: Apache-2.0
//
// ConfigKey: one row of the configuration: its name, its documentation, and how a value gets in and
// out. The type of the member decides how it is read, shown and described, so a row is one line.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "app/config_value.h"

namespace hookhost::app {

template <class Target>
struct ConfigKey {
  std::string_view name;  // dotted
  std::string_view doc;   // one line, without a full stop
  Range range;
  Complaint (*set)(Target& target, const ConfigNode& node, const Range& range);
  // As TOML; empty: it is not set (and the plugin decides), or it is a part of another key.
  std::string (*show)(const Target& target, const Range& range);
  std::string_view type;  // "duration"
  // The names to choose from; nullptr: it is no choice.
  std::span<const std::string_view> (*choices)() noexcept = nullptr;
};

namespace detail {

template <class T>
struct Unwrap {
  using Type = T;
};
template <class T>
struct Unwrap<std::optional<T>> {
  using Type = T;
};

template <class T>
Complaint read_member(const ConfigNode& node, const Range& range, T& out) {
  if constexpr (std::is_enum_v<T>) {
    std::size_t position = 0;
    const Complaint complaint = read_name(node, names_of(T{}), position);
    if (!complaint) out = static_cast<T>(position);
    return complaint;
  } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
    std::int64_t value = 0;
    const Complaint complaint = read(node, range, value);
    if (!complaint) out = static_cast<T>(value);
    return complaint;
  } else {
    return read(node, range, out);
  }
}

template <class T>
Complaint read_member(const ConfigNode& node, const Range& range, std::optional<T>& out) {
  T value{};
  const Complaint complaint = read_member(node, range, value);
  if (!complaint) out = std::move(value);
  return complaint;
}

template <class T>
std::string show_member(const T& value, const Range& range) {
  if constexpr (std::is_enum_v<T>) {
    return show(std::string(names_of(value)[static_cast<std::size_t>(value)]));
  } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
    return show(static_cast<std::int64_t>(value), range);
  } else {
    return show(value);
  }
}

template <class T>
std::string show_member(const std::optional<T>& value, const Range& range) {
  return value ? show_member(*value, range) : std::string();
}

template <class T>
constexpr std::string_view type_name(bool is_bytes) {
  if constexpr (std::is_enum_v<T>) return "choice";
  if constexpr (std::same_as<T, bool>) return "boolean";
  if constexpr (std::integral<T>) return is_bytes ? "bytes" : "integer";
  if constexpr (std::same_as<T, std::chrono::milliseconds>) return "duration";
  if constexpr (std::same_as<T, std::filesystem::path>) return "path";
  if constexpr (std::same_as<T, http::ListenAddress>) return "address";
  if constexpr (std::same_as<T, IpRanges>) return "list";
  return "text";
}

template <class T>
constexpr auto choices_of() -> std::span<const std::string_view> (*)() noexcept {
  if constexpr (std::is_enum_v<T>) {
    return []() noexcept { return names_of(T{}); };
  } else {
    return nullptr;
  }
}

}  // namespace detail

// member: a lambda without captures that gives the reference to the member of a target.
template <class Target, class Member>
constexpr ConfigKey<Target> config_key(std::string_view name, std::string_view doc, Member,
                                       Range range = {}) {
  using Held = std::remove_cvref_t<std::invoke_result_t<Member, Target&>>;
  using Value = typename detail::Unwrap<Held>::Type;
  return {
      name,
      doc,
      range,
      [](Target& target, const ConfigNode& node, const Range& limits) {
        return detail::read_member(node, limits, Member{}(target));
      },
      [](const Target& target, const Range& limits) {
        return detail::show_member(Member{}(target), limits);
      },
      detail::type_name<Value>(range.is_bytes),
      detail::choices_of<Value>(),
  };
}

// The two tables (config_table.cc).
struct Config;
struct RouteOverrides;

std::span<const ConfigKey<Config>> config_keys() noexcept;
std::span<const ConfigKey<RouteOverrides>> route_keys() noexcept;

}  // namespace hookhost::app
