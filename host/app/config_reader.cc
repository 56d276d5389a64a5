// SPDX-License-Identifier: Apache-2.0
#include "app/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/config_layers.h"
#include "app/secret_entry.h"
#include "base/text.h"

namespace hookhost::app {
namespace {

// Keys that people try, with what they mean instead.
struct RefusedKey {
  std::string_view key;
  std::string_view message;
  std::string_view fix;
};
constexpr RefusedKey kRefusedKeys[] = {
    {"secret", "a secret does not stand in the configuration",
     "write it to a file of mode 600 and name it: secret_file = \"/path/to/secret\""},
    {"webhook_secret", "a secret does not stand in the configuration",
     "set the variable WEBHOOK_SECRET, or secret_file = \"/path/to/secret\""},
};

constexpr std::string_view kPluginKeys[] = {"enabled", "config", "secrets"};

template <class Target>
const ConfigKey<Target>* find_key(std::span<const ConfigKey<Target>> keys, std::string_view name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

// The names that may stand below a prefix: of "limits." all its keys, of "" all sections too.
template <class Target>
std::vector<std::string_view> names_below(std::span<const ConfigKey<Target>> keys,
                                          std::string_view prefix) {
  std::set<std::string_view> names;
  for (const auto& key : keys) {
    if (!key.name.starts_with(prefix)) continue;
    const std::string_view rest = key.name.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('.')));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string_view> global_names_below(std::string_view prefix) {
  std::vector<std::string_view> names = names_below(config_keys(), prefix);
  if (prefix.empty()) names.insert(names.end(), {"route", "plugin"});
  return names;
}

template <class Target>
bool is_section(std::span<const ConfigKey<Target>> keys, std::string_view path) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
    return key.name.size() > path.size() && key.name.starts_with(path) &&
           key.name[path.size()] == '.';
  });
}

}  // namespace

void ConfigReader::apply(const ConfigNode& layer) { read_globals(layer, ""); }

void ConfigReader::read_globals(const ConfigNode& table, const std::string& prefix) {
  for (const ConfigMember& member : table.members) {
    const std::string path = prefix + member.key;
    if (path == "route") {
      read_routes(member.value);
    } else if (path == "plugin") {
      read_plugins(member.value);
    } else if (member.value.type == NodeType::kTable && is_section(config_keys(), path)) {
      read_globals(member.value, path + '.');
    } else if (const auto* key = find_key(config_keys(), path); key != nullptr) {
      set(*key, config_, member, path);
    } else if (is_section(config_keys(), path)) {
      refuse(member.value.origin,
             fmt::format("{}: expected a table, got {}", path, print_node(member.value)));
    } else {
      refuse_unknown(member, path, global_names_below(prefix));
    }
  }
}

void ConfigReader::read_routes(const ConfigNode& node) {
  if (!is_table(node, "route")) return;
  for (const ConfigMember& route : node.members) {
    const std::string prefix = "route." + route.key;
    if (!is_table(route.value, prefix)) continue;
    RouteOverrides& overrides = config_.routes[route.key];
    if (overrides.origin.name.empty()) overrides.origin = route.origin;
    read_route(route.key, overrides, route.value, "");
  }
}

void ConfigReader::read_route(const std::string& name, RouteOverrides& route,
                              const ConfigNode& table, const std::string& prefix) {
  for (const ConfigMember& member : table.members) {
    const std::string own = prefix + member.key;
    const std::string path = fmt::format("route.{}.{}", name, own);
    if (const auto* key = find_key(route_keys(), own); key != nullptr) {
      set(*key, route, member, path);
    } else if (is_section(route_keys(), own)) {
      if (is_table(member.value, path)) read_route(name, route, member.value, own + '.');
    } else {
      refuse_unknown(member, path, names_below(route_keys(), prefix));
    }
  }
}

void ConfigReader::read_plugins(const ConfigNode& node) {
  if (!is_table(node, "plugin")) return;
  for (const ConfigMember& plugin : node.members) {
    if (is_table(plugin.value, "plugin." + plugin.key)) read_plugin(plugin.key, plugin.value);
  }
}

void ConfigReader::read_plugin(const std::string& id, const ConfigNode& table) {
  plugin::PluginSettings& settings = config_.plugin_settings[id];
  for (const ConfigMember& member : table.members) {
    const std::string path = fmt::format("plugin.{}.{}", id, member.key);
    if (member.key == "enabled") {
      const Complaint complaint = read(member.value, Range{}, settings.enabled);
      if (complaint) refuse(member.value.origin, fmt::format("{}: {}", path, *complaint));
      origins_[path] = member.origin;
    } else if (member.key == "config") {
      if (!is_table(member.value, path)) continue;
      auto json = node_to_json(member.value);
      if (json) {
        settings.config_json = std::move(json).value();
        origins_[path] = member.origin;
      } else {
        refuse(json.error().origin, fmt::format("{}: {}", path, json.error().message));
      }
    } else if (member.key == "secrets") {
      read_plugin_secrets(id, member.value);
    } else {
      refuse_unknown(member, path, {std::begin(kPluginKeys), std::end(kPluginKeys)});
    }
  }
}

void ConfigReader::read_plugin_secrets(const std::string& id, const ConfigNode& node) {
  const std::string prefix = fmt::format("plugin.{}.secrets", id);
  if (!is_table(node, prefix)) return;
  for (const ConfigMember& member : node.members) {
    const std::string path = fmt::format("{}.{}", prefix, member.key);
    SecretSource source;
    if (const Complaint complaint = read_secret_entry(member.value, source)) {
      refuse(member.value.origin, fmt::format("{}: {}", path, *complaint));
      continue;
    }
    plugin_secrets_[id][member.key] = std::move(source);
    origins_[path] = member.origin;
  }
}

template <class Target>
void ConfigReader::set(const ConfigKey<Target>& key, Target& target, const ConfigMember& member,
                       const std::string& path) {
  const Complaint complaint = key.set(target, member.value, key.range);
  if (complaint) {
    refuse(member.value.origin, member.value.type == NodeType::kWritten
                                    ? *complaint  // the variable or flag is named already
                                    : fmt::format("{}: {}", path, *complaint));
    return;
  }
  // A part of an address decides about the address, where it is shown.
  const auto part = path.rfind('.');
  const bool is_part = key.show(target, key.range).empty() && part != std::string::npos;
  origins_[is_part ? path.substr(0, part) : path] = member.value.origin;
}

bool ConfigReader::is_table(const ConfigNode& node, const std::string& path) {
  if (node.type == NodeType::kTable) return true;
  refuse(node.origin, fmt::format("{}: expected a table, got {}", path, print_node(node)));
  return false;
}

void ConfigReader::refuse(const Origin& origin, std::string message, std::string fix) {
  errors_.push_back({origin, std::move(message), std::move(fix), {}});
}

void ConfigReader::refuse_unknown(const ConfigMember& member, const std::string& path,
                                  const std::vector<std::string_view>& known) {
  const std::string_view meant = nearest(member.key, known.data(), known.size());
  if (member.origin.kind == OriginKind::kEnvironment) {
    // Kubernetes sets HOOKHOST_PORT=tcp://..., HOOKHOST_SERVICE_HOST and more for a Service of our
    // name: a variable that looks like nothing of ours is somebody else's.
    if (meant.empty() || member.value.text.starts_with("tcp://")) return;
    const std::string key = path.substr(0, path.size() - member.key.size()) + std::string(meant);
    config_.warnings.push_back(
        {fmt::format("{} is not a setting; did you mean {}?", member.origin.name, variable_of(key)),
         {}});
    return;
  }
  for (const RefusedKey& row : kRefusedKeys) {
    if (member.key != row.key) continue;
    return refuse(member.origin, fmt::format("'{}': {}", path, row.message), std::string(row.fix));
  }
  refuse(member.origin,
         meant.empty() ? fmt::format("unknown key '{}'", path)
                       : fmt::format("unknown key '{}'; did you mean '{}'?", member.key, meant));
}

std::vector<EffectiveValue> ConfigReader::effective() const {
  std::vector<EffectiveValue> rows;
  const auto origin_of = [&](const std::string& key) {
    const auto found = origins_.find(key);
    return found == origins_.end() ? Origin{} : found->second;
  };
  for (const auto& key : config_keys()) {
    const std::string value = key.show(config_, key.range);
    if (value.empty()) continue;
    rows.push_back({std::string(key.name), value, origin_of(std::string(key.name))});
  }
  for (const auto& [name, overrides] : config_.routes) {
    for (const auto& key : route_keys()) {
      const std::string path = fmt::format("route.{}.{}", name, key.name);
      if (origins_.contains(path)) {
        rows.push_back({path, key.show(overrides, key.range), origin_of(path)});
      }
    }
  }
  for (const auto& [id, settings] : config_.plugin_settings) {
    const std::string prefix = "plugin." + id;
    rows.push_back({prefix + ".enabled", show(settings.enabled), origin_of(prefix + ".enabled")});
    if (origins_.contains(prefix + ".config")) {
      rows.push_back({prefix + ".config", settings.config_json, origin_of(prefix + ".config")});
    }
    const auto secrets = plugin_secrets_.find(id);
    if (secrets == plugin_secrets_.end()) continue;
    for (const auto& [name, source] : secrets->second) {
      const std::string path = fmt::format("{}.secrets.{}", prefix, name);
      rows.push_back({path, show_secret_entry(source), origin_of(path)});
    }
  }
  return rows;
}

}  // namespace hookhost::app
