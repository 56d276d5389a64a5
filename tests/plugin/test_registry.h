// SPDX-License-Identifier: Apache-2.0
//
// A registry over a folder of the test's own, with the small probe program in the place of the
// host's binary.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <string_view>

#include "plugin/registry.h"
#include "plugin/test_host.h"

namespace hookhost::plugin {

struct TestRegistry {
  explicit TestRegistry(RegistryOptions options = {}) {
    options.stage_dir = folder / "stage";
    options.host_version = "9.9.9";
    if (options.probe.program == "/proc/self/exe") options.probe.program = HOOKHOST_TEST_PROBE;
    options.probe.arguments.clear();
    options.drain = std::chrono::milliseconds(50);
    EXPECT_TRUE(pool.start());
    registry.emplace(
        options,
        HostDependencies{clock, log, [this](Work& work) { return pool.try_post(work); },
                         [this] { pool.recycle(); }},
        [this](std::string_view id) { return settings[std::string(id)]; });
  }
  ~TestRegistry() {
    registry.reset();
    pool.stop();
  }

  std::filesystem::path add(std::string_view plugin, std::string_view as = {}) {
    std::filesystem::create_directories(plugins());
    const auto file = plugins() / (as.empty() ? fmt::format("{}.so", plugin) : std::string(as));
    std::filesystem::copy_file(built_plugin(plugin), file);
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(0700));
    return file;
  }
  std::filesystem::path plugins() const { return folder / "plugins"; }
  LoadReport load() { return registry->load_directory(plugins()); }

  // The reason why one plugin alone is refused; "loaded" when it is not.
  RefusedPlugin refusal(std::string_view plugin) {
    const LoadReport report = registry->load_file(add(plugin));
    if (report.refused.size() == 1) return report.refused.front();
    return {{}, "loaded", {}};
  }
  Outcome post(TestAttempt& attempt, std::size_t route = 0) {
    return attempt.run(*registry->routes().at(route).handler);
  }

  SystemClock clock;
  LogBook log;
  dispatch::WorkerPool pool{{4, 1024}};
  test::TempDir folder;
  std::map<std::string, PluginSettings> settings;
  std::optional<Registry> registry;
};

}  // namespace hookhost::plugin
