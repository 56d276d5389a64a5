// SPDX-License-Identifier: Apache-2.0
#include "app/config_layers.h"

#include <algorithm>

#include "base/text.h"

namespace hookhost::app {
namespace {

constexpr std::string_view kPrefix = "HOOKHOST_";

std::string key_of(std::string_view variable) {
  std::string key;
  variable.remove_prefix(kPrefix.size());
  for (std::size_t i = 0; i < variable.size(); ++i) {
    if (variable.substr(i, 2) == "__") {
      key += '.';
      ++i;
    } else {
      key += ascii_lower(variable[i]);
    }
  }
  return key;
}

}  // namespace

std::vector<ConfigNode> environment_layers(const Environment& environment) {
  std::vector<ConfigNode> layers;
  if (const auto port = find_variable(environment, "PORT"); port && !port->empty()) {
    layers.push_back(
        nested_node("listen.port", std::string(*port), {OriginKind::kEnvironment, "PORT"}));
  }
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name.size() == kPrefix.size()) continue;
    layers.push_back(nested_node(key_of(name), value, {OriginKind::kEnvironment, name}));
  }
  return layers;
}

std::vector<ConfigNode> flag_layers(const std::vector<ConfigFlag>& flags) {
  std::vector<ConfigNode> layers;
  for (const ConfigFlag& flag : flags) {
    layers.push_back(nested_node(flag.key, flag.text, {OriginKind::kFlag, flag.flag}));
  }
  return layers;
}

std::string variable_of(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

SpaceFacts read_space(const Environment& environment) {
  SpaceFacts space;
  space.is_space = !variable(environment, "SPACE_ID").empty();
  std::string_view host = variable(environment, "SPACE_HOST");
  while (host.starts_with('/')) host.remove_prefix(1);
  while (host.ends_with('/')) host.remove_suffix(1);
  space.host = host;
  return space;
}

}  // namespace hookhost::app
