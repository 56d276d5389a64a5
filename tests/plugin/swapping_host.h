// SPDX-License-Identifier: Apache-2.0
//
// A registry that serves one file of a folder, and a test that swaps it as app does.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/test_registry.h"
#include "support/rest.h"

namespace hookhost::plugin {

inline std::vector<FolderChange> settled(const std::filesystem::path& file) {
  return {{FolderChange::Kind::kSettled, file}};
}
inline std::vector<FolderChange> gone(const std::filesystem::path& file) {
  return {{FolderChange::Kind::kGone, file}};
}

inline RegistryOptions with_probation(std::chrono::milliseconds time) {
  RegistryOptions options;
  options.probation.time = time;
  return options;
}

struct SwappingHost : TestRegistry {
  explicit SwappingHost(RegistryOptions options = with_probation(std::chrono::milliseconds(0)),
                        std::string_view plugin = "sample")
      : TestRegistry(options) {
    file = add(plugin);
    EXPECT_EQ(load().loaded.size(), 1u);
    table = make_table();
  }

  // As a build does it: written beside, then renamed.
  void put(std::string_view plugin) { std::filesystem::rename(add(plugin, "new.tmp"), file); }
  void put_text(std::string_view text) {
    std::filesystem::rename(folder.write("plugins/new.tmp", text, 0644), file);
  }
  std::shared_ptr<const routing::RouteTable> make_table() {
    auto made = routing::RouteTable::build(registry->routes());
    EXPECT_TRUE(made);
    return *made;
  }
  // As app does it; the table before is returned, like one that a loop still has.
  std::shared_ptr<const routing::RouteTable> publish() {
    auto before = std::exchange(table, make_table());
    tables.push_back(before);
    registry->commit(tables);
    return before;
  }
  std::string answer(const Route& route) {
    TestAttempt attempt;
    Outcome outcome = attempt.run(*route.handler);
    std::string body = bytes_of(outcome.response);
    release_chunks(outcome.response);
    return body;
  }
  std::string answer(std::string_view path) {
    for (const Route& route : table->routes()) {
      if (route.path == path) return answer(route);
    }
    return "no such route";
  }
  std::string answer() { return answer(table->routes()[0]); }
  // Tends until nothing departs any more; what happened meanwhile.
  std::vector<PluginEvent> settle_down() {
    std::vector<PluginEvent> events;
    do {
      for (PluginEvent& event : registry->tend()) events.push_back(std::move(event));
      test::rest();
    } while (registry->is_departing());
    return events;
  }
  // A swap to that build, and nothing more.
  LoadReport swap_to(std::string_view plugin) {
    put(plugin);
    LoadReport report = registry->update(settled(file));
    publish().reset();
    return report;
  }
  // The states of its generations, "2 probation, 1 standby".
  std::string states() {
    std::string text;
    for (const GenerationStatus& one : registry->status())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", one.generation, name_of(one.state));
    return text;
  }

  std::filesystem::path file;
  std::shared_ptr<const routing::RouteTable> table;
  routing::RouteTables tables;  // that were published before
};

}  // namespace hookhost::plugin
