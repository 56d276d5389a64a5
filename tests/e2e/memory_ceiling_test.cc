// SPDX-License-Identifier: Apache-2.0
//
// Does the real binary stay below the ceiling of its memory while many large bodies come at once?
// Not under a sanitizer, which keeps what was freed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMiB = 1024 * 1024;

std::size_t resident_bytes(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kName = "VmRSS:";
    if (line.starts_with(kName)) return std::stoul(line.substr(kName.size())) * 1024;
  }
  ADD_FAILURE() << "no resident size of " << pid;
  return 0;
}

// 200 bodies of 2 MiB are 400 MiB; 64 may be held.
TEST(MemoryCeiling, HoldsWhileTwoHundredClientsPushBodies) {
  constexpr std::size_t kClients = 200;
  constexpr std::size_t kBodyBytes = 2 * kMiB;
  constexpr std::size_t kCeiling = 64 * kMiB;
  const test::TempDir folder;
  const auto config = folder.write("hookhost.toml", "[limits]\nmemory_bytes_max = \"64MiB\"\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config});
  const std::size_t base = resident_bytes(host.process().pid());
  const std::string bytes =
      bytes_of({.target = "/webhooks/r02_bool", .body = std::string(kBodyBytes, ' ')});

  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(host.process().port()));
    clients.back()->send(std::string_view(bytes).substr(0, bytes.size() - 1));
  }

  EXPECT_EQ(host.post("/webhooks/r02_bool", "").body, "true") << "small ones go on";
  // What belongs to a connection besides its blocks, and the holes that the allocator keeps between
  // bodies of all sizes: 22 MiB were seen. Without the ceiling all 400 are held.
  constexpr std::size_t kSlack = kCeiling;
  EXPECT_LT(resident_bytes(host.process().pid()), base + kCeiling + kSlack);
  EXPECT_THAT(host.get_admin("/metrics").body, HasSubstr("hookhost_memory_max_bytes 67108864"));
  std::size_t refused = 0, handled = 0;
  for (const auto& client : clients) {
    client->send(" ");
    const auto answer = client->read_answer();
    if (!answer) continue;  // the reset of a body that still came overtook its 503
    if (answer->status == 503) {
      EXPECT_EQ(answer->header("Retry-After"), "1");
      ++refused;
    } else {
      ++handled;
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(handled, 0U);
  EXPECT_LT(resident_bytes(host.process().pid()), base + kCeiling + kSlack);
}

}  // namespace
}  // namespace hookhost::e2e
