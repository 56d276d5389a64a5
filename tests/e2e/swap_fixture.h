// SPDX-License-Identifier: Apache-2.0
//
// A host that serves the plugin `identity` from a folder of the test's own, and what a test does to
// that folder. Every answer names the build and the generation that gave it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "support/identity_watch.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {

// The libraries of a plugin's file that are in the host's memory: "/identity.2.so" and the like,
// one for each build.
inline std::set<std::string> mapped_builds(LiveHost& host, std::string_view file_stem) {
  std::ifstream maps("/proc/" + std::to_string(host.process().pid()) + "/maps");
  const std::string begin = '/' + std::string(file_stem) + '.';
  std::set<std::string> builds;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t name = line.rfind('/');
    if (name != line.npos && line.compare(name, begin.size(), begin) == 0)
      builds.insert(line.substr(name));
  }
  return builds;
}

class SwapFixture : public ::testing::Test {
 protected:
  SwapFixture() {
    install("identity_a");
    config_ = folder_.write("hookhost.toml", "[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\n");
    host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  }
  std::string plugins() const { return folder_ / "plugins"; }
  std::filesystem::path file() const { return folder_ / "plugins/identity.so"; }

  // As `install` does it: a new file, then a rename.
  void install(std::string_view build) { install_file(plugin_file(build)); }
  void install_file(const std::filesystem::path& from) {
    std::filesystem::rename(copy_beside(from), file());
  }
  // The disk may take its time for the bytes: whoever removes the file before has this ready first,
  // or the host finds the plugin gone.
  std::filesystem::path copy_beside(const std::filesystem::path& from) {
    std::filesystem::create_directories(plugins());
    const std::filesystem::path unnamed = folder_ / "plugins/identity.so.tmp";
    std::filesystem::copy_file(from, unnamed, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(unnamed, std::filesystem::perms::owner_all);
    return unnamed;
  }
  // As `cp` does it: in place.
  static void copy_in_place(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::ifstream bytes(from, std::ios::binary);
    std::ofstream(to, std::ios::binary | std::ios::trunc) << bytes.rdbuf();
  }
  std::string answer(std::string target = "/webhooks/on_loop") {
    return host_->post(std::move(target), "{}").body;
  }
  // Asks until that build answers, or until something has failed; else the test's own limit is the
  // limit.
  void wait_for(std::string_view build) {
    while (!HasFailure() && !answer().starts_with('"' + std::string(build) + ' ')) test::rest();
  }
  bool wait_for_line(std::string_view text) { return host_->process().wait_for_output(text); }
  std::set<std::string> mapped() { return mapped_builds(*host_, "identity"); }

  test::TempDir folder_;
  std::filesystem::path config_;
  std::optional<LiveHost> host_;
};

// Asks one route over one kept connection, from the first answer on, for which the constructor
// waits, until stop(), and judges every answer.
class Asker {
 public:
  Asker(std::uint16_t port, std::string target, std::uint64_t newest_generation)
      : watch_(newest_generation),
        thread_([this, port, target = std::move(target)] { ask(port, target); }) {
    while (watch_.answers() == 0 && watch_.wrong().empty()) test::rest();
  }
  ~Asker() { stop(); }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  void stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  const test::IdentityWatch& watch() const { return watch_; }

 private:
  void ask(std::uint16_t port, const std::string& target) {
    RawClient client(port);
    const std::string request = bytes_of({"POST", target, {}, "{}"}, false);
    while (!is_over_ && watch_.wrong().empty()) {
      client.send(request);
      const auto answer = client.read_answer();
      if (!answer) return watch_.miss();
      watch_.look(answer->status, answer->body);
      test::rest();
    }
  }

  test::IdentityWatch watch_;
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

}  // namespace hookhost::e2e
