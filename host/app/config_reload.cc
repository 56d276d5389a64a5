// SPDX-License-Identifier: Apache-2.0
#include "app/config_reload.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace hookhost::app {
namespace {

// Beginnings of keys, as `config --effective` names them.
constexpr std::string_view kTakenOver[] = {
    "route",         "plugin.",   "plugin ", "secret", "insecure_open", "limits.body_bytes_max",
    "swap.interval", "swap.batch"};

bool keeps_tls(const Config& running, const Config& read) {
  return running.tls.is_on() == read.tls.is_on();
}

bool is_taken_over(std::string_view key, const Config& running, const Config& read) {
  if (key.starts_with("tls.")) return keeps_tls(running, read);
  return std::ranges::any_of(kTakenOver,
                             [&](std::string_view begin) { return key.starts_with(begin); });
}

bool is_same(const plugin::PluginSettings& a, const plugin::PluginSettings& b) {
  return a.enabled == b.enabled && a.config_json == b.config_json && plugin::has_same_secrets(a, b);
}

std::vector<std::string> changed_plugins(const Config& running, const Config& read) {
  std::set<std::string> ids;
  for (const auto* config : {&running, &read}) {
    for (const auto& [id, settings] : config->plugin_settings) ids.insert(id);
  }
  std::vector<std::string> changed;
  for (const std::string& id : ids) {
    if (!is_same(running.settings_of(id), read.settings_of(id))) changed.push_back(id);
  }
  return changed;
}

std::vector<std::string> waiting_keys(const Config& running, const Config& read) {
  std::vector<std::string> keys;
  for (const EffectiveValue& now : read.effective) {
    if (is_taken_over(now.key, running, read)) continue;
    const auto before = std::ranges::find(running.effective, now.key, &EffectiveValue::key);
    if (before == running.effective.end() || before->value != now.value) keys.push_back(now.key);
  }
  return keys;
}

}  // namespace

ConfigReload reload_config(const Config& running, Config read) {
  ConfigReload reload{running, changed_plugins(running, read), waiting_keys(running, read)};
  Config& config = reload.config;
  config.file = std::move(read.file);
  config.routes = std::move(read.routes);
  config.plugin_settings = std::move(read.plugin_settings);
  config.secrets = std::move(read.secrets);
  config.secret_in_query = read.secret_in_query;
  config.insecure_open = read.insecure_open;
  config.body_bytes_max = read.body_bytes_max;
  config.swap_interval = read.swap_interval;
  config.swap_batch = read.swap_batch;
  if (keeps_tls(running, read)) config.tls = std::move(read.tls);
  return reload;
}

}  // namespace hookhost::app
