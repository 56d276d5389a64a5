// SPDX-License-Identifier: Apache-2.0
//
// Environment: the process's variables as a value, so that whoever depends on them is a pure
// function and a test can be any environment. main takes the one snapshot. Any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hookhost {

using Environment = std::map<std::string, std::string, std::less<>>;

// The value; nothing when the variable is not set. Set but empty is a value.
inline std::optional<std::string_view> find_variable(const Environment& environment,
                                                     std::string_view name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return std::nullopt;
  return std::string_view(found->second);
}

// The value; "" when the variable is not set.
inline std::string_view variable(const Environment& environment, std::string_view name) {
  return find_variable(environment, name).value_or(std::string_view());
}

// A snapshot of environ ("NAME=value" strings, the last one nullptr); the first of a name counts.
inline Environment snapshot_environment(const char* const* strings) {
  Environment environment;
  for (; strings != nullptr && *strings != nullptr; ++strings) {
    const std::string_view entry(*strings);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

}  // namespace hookhost
