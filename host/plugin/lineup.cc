// SPDX-License-Identifier: Apache-2.0
#include "plugin/lineup.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "plugin/conflict.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

Route route_of(const std::shared_ptr<Generation>& generation, std::size_t index) {
  const Manifest& manifest = generation->manifest();
  const EndpointManifest& endpoint = manifest.endpoints[index];
  Route route;
  route.name = endpoint.name;
  route.path = endpoint.path;
  route.plugin = generation->file_name();
  route.plugin_id = manifest.id;
  route.generation = generation->number();
  route.doc = endpoint.doc;
  route.events = endpoint.events;
  route.form = endpoint.form;
  route.place = endpoint.place;
  route.ack = endpoint.ack;
  route.on_failure = endpoint.on_failure;
  if (endpoint.deadline.count() != 0) route.timeout = endpoint.deadline;
  route.body_bytes_max = endpoint.body_bytes_max;
  route.concurrency_max = endpoint.concurrency_max;
  route.is_idempotent = endpoint.is_idempotent;
  route.handler = Generation::handler(generation, index);
  return route;
}

Claim claim_of(const Generation& generation) {
  Claim claim{generation.file_name(), generation.manifest().id, {}};
  for (const EndpointManifest& endpoint : generation.manifest().endpoints)
    claim.endpoints.push_back({endpoint.name, endpoint.path});
  return claim;
}

template <class Plugins, class Predicate>
auto* find_if(Plugins& plugins, Predicate predicate) noexcept {
  const auto found = std::ranges::find_if(plugins, predicate);
  return found == plugins.end() ? nullptr : &*found;
}

}  // namespace

Plugin* Lineup::of_file(const fs::path& file) noexcept {
  return find_if(plugins, [&](const Plugin& plugin) { return plugin.live.file == file; });
}

const Plugin* Lineup::of_file(const fs::path& file) const noexcept {
  return find_if(plugins, [&](const Plugin& plugin) { return plugin.live.file == file; });
}

Plugin* Lineup::of_id(std::string_view id) noexcept {
  return find_if(plugins,
                 [&](const Plugin& plugin) { return plugin.live.generation->manifest().id == id; });
}

Plugin* Lineup::live(const Generation& generation) noexcept {
  return find_if(plugins,
                 [&](const Plugin& plugin) { return plugin.live.generation.get() == &generation; });
}

Plugin* Lineup::standby(const Generation& generation) noexcept {
  return find_if(plugins, [&](const Plugin& plugin) {
    return plugin.standby && plugin.standby->generation.get() == &generation;
  });
}

void Lineup::put(Plugin plugin) {
  if (Plugin* const previous = of_file(plugin.live.file)) {
    *previous = std::move(plugin);
  } else {
    plugins.push_back(std::move(plugin));
  }
}

void Lineup::remove(const fs::path& file) {
  std::erase_if(plugins, [&](const Plugin& plugin) { return plugin.live.file == file; });
}

Status Lineup::check_conflicts(const Generation& newcomer, const fs::path& file) const {
  for (const Plugin& plugin : plugins) {
    if (plugin.live.file == file) continue;  // it takes that one's place
    if (Status fits = check_conflict(claim_of(*plugin.live.generation), claim_of(newcomer)); !fits)
      return fits;
  }
  return {};
}

bool Lineup::needs(const StagedFile& copy) const noexcept {
  return std::ranges::any_of(plugins, [&](const Plugin& plugin) {
    return plugin.kept.path == copy.path || plugin.live.staged.path == copy.path ||
           (plugin.standby && plugin.standby->staged.path == copy.path);
  });
}

std::vector<Route> Lineup::routes() const {
  std::vector<Route> routes;
  for (const Plugin& plugin : plugins) {
    for (std::size_t i = 0; i < plugin.live.generation->manifest().endpoints.size(); ++i)
      routes.push_back(route_of(plugin.live.generation, i));
  }
  return routes;
}

}  // namespace hookhost::plugin
