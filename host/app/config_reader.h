// SPDX-License-Identifier: Apache-2.0
//
// ConfigReader: applies trees to a Config, one layer after the other, by the tables of keys.
// Everything that is wrong is collected; nothing stops at the first error. Pure; one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/config_key.h"

namespace hookhost::app {

class ConfigReader {
 public:
  explicit ConfigReader(Config& config) : config_(config) {}

  void apply(const ConfigNode& layer);

  ConfigErrors take_errors() { return std::move(errors_); }

  // The rows for `config --effective`, from what was applied.
  std::vector<EffectiveValue> effective() const;

  // Marks a value that neither a layer nor the default decided.
  void set_origin(std::string key, Origin origin) { origins_[std::move(key)] = std::move(origin); }

  // [plugin.<id>.secrets] as sources; they are read elsewhere.
  using PluginSecrets = std::map<std::string, std::map<std::string, SecretSource>>;
  const PluginSecrets& plugin_secrets() const noexcept { return plugin_secrets_; }

 private:
  void read_globals(const ConfigNode& table, const std::string& prefix);
  void read_routes(const ConfigNode& node);
  // prefix: of the keys in this table, "" or "hmac."
  void read_route(const std::string& name, RouteOverrides& route, const ConfigNode& table,
                  const std::string& prefix);
  void read_plugins(const ConfigNode& node);
  void read_plugin(const std::string& id, const ConfigNode& table);
  void read_plugin_secrets(const std::string& id, const ConfigNode& node);

  template <class Target>
  void set(const ConfigKey<Target>& key, Target& target, const ConfigMember& member,
           const std::string& path);
  bool is_table(const ConfigNode& node, const std::string& path);
  void refuse(const Origin& origin, std::string message, std::string fix = {});
  void refuse_unknown(const ConfigMember& member, const std::string& path,
                      const std::vector<std::string_view>& known);

  Config& config_;
  ConfigErrors errors_;
  std::map<std::string, Origin> origins_;  // by the whole key: "route.retrain.timeout"
  PluginSecrets plugin_secrets_;
};

}  // namespace hookhost::app
