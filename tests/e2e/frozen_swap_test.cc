// SPDX-License-Identifier: Apache-2.0
//
// Is a plugin that was compiled at an earlier release loaded, swapped for a build of today and
// back, and unloaded? What each route of it answers is asked in tests/sdk/frozen_test.cc.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "e2e/swap_fixture.h"

namespace hookhost::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

namespace fs = std::filesystem;

// The release, and the plugin of it.
using FrozenPlugin = std::tuple<std::string, std::string>;

class FrozenSwap : public ::testing::TestWithParam<FrozenPlugin> {
 protected:
  FrozenSwap() {
    install(frozen());
    const auto config = folder_.write(
        "hookhost.toml", "[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\nprobation = \"0s\"\n");
    host_.emplace(
        std::vector<std::string>{"serve", "--plugins", folder_ / "plugins", "--config", config});
  }
  const std::string& release() const { return std::get<0>(GetParam()); }
  const std::string& name() const { return std::get<1>(GetParam()); }
  fs::path frozen() const {
    return fs::path(FROZEN_RELEASES) / release() / "x86_64" / (name() + ".so");
  }
  fs::path fresh() const { return fs::path(FROZEN_FRESH) / ("sdk_" + name() + ".so"); }

  void install(const fs::path& build) {
    fs::create_directories(folder_ / "plugins");
    const fs::path unnamed = folder_ / "plugins/new.tmp";
    fs::copy_file(build, unnamed);
    fs::permissions(unnamed, fs::perms::owner_all);
    fs::rename(unnamed, folder_ / "plugins" / (name() + ".so"));
  }
  // That generation is live, and what it replaced is no longer in memory.
  void expect_swap_to(std::uint64_t generation) {
    ASSERT_TRUE(host_->process().wait_for_output(
        fmt::format(R"("msg":"plugin live","plugin":"{}.so","generation":{},"replaces":{},)",
                    name(), generation, generation - 1)));
    while (!HasFailure() && mapped_builds(*host_, name()).size() != 1) expect_it_works();
    EXPECT_THAT(mapped_builds(*host_, name()),
                ElementsAre(StartsWith(fmt::format("/{}.{}.", name(), generation))));
  }
  void expect_it_works() {
    const RawAnswer echo = host_->post(fmt::format("/webhooks/{}_echo", name()), "bytes");
    EXPECT_EQ(echo.body, "bytes");
    EXPECT_THAT(echo.header("X-Build"), StartsWith(name()));
  }

  test::TempDir folder_;
  std::optional<LiveHost> host_;
};

TEST_P(FrozenSwap, IsSwappedForABuildOfTodayAndBack) {
  expect_it_works();

  install(fresh());
  expect_swap_to(2);
  expect_it_works();

  install(frozen());
  expect_swap_to(3);
  expect_it_works();
}

std::vector<std::string> releases() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(FROZEN_RELEASES)) {
    if (entry.is_directory()) found.push_back(entry.path().filename());
  }
  return found;
}

// "Abi1x0InCpp"
std::string name_of(const ::testing::TestParamInfo<FrozenPlugin>& test) {
  const auto& [release, plugin] = test.param;
  return "Abi" + release.substr(0, 1) + 'x' + release.substr(2) +
         (plugin == "frozen_c" ? "InC" : "InCpp");
}

INSTANTIATE_TEST_SUITE_P(Releases, FrozenSwap,
                         ::testing::Combine(::testing::ValuesIn(releases()),
                                            ::testing::Values("frozen_c", "frozen_cpp")),
                         name_of);

}  // namespace
}  // namespace hookhost::e2e
