// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a flood of connections when the real binary has no descriptor left? Not under a
// sanitizer: UBSan looks at virtual tables through a pipe, and without a descriptor takes every
// object for a broken one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <vector>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// For processes that are started meanwhile.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{count, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

// Heads that have begun make no room. Once their time is over the rest is accepted, and others.
TEST(Descriptors, RunOutAndNobodyWhoHasSpokenIsThrownOut) {
  constexpr rlim_t kDescriptors = 128;
  constexpr int kStrangers = 250;
  const test::TempDir folder;
  const auto config = folder.write("hookhost.toml", "[limits]\nhead_timeout = \"300ms\"\n");
  const auto host = [&] {
    const FewDescriptors few(kDescriptors);
    return std::make_unique<LiveHost>(std::vector<std::string>{
        "serve", "--plugins", plugin_folder("parity"), "--config", config});
  }();
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (int i = 0; i < kStrangers; ++i) {
    strangers.push_back(std::make_unique<RawClient>(host->process().port()));
    strangers.back()->send("POST ");
  }

  EXPECT_EQ(host->post("/webhooks/r02_bool", "").body, "true");
  for (const auto& stranger : strangers) {
    const auto answer = stranger->read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
  }
  EXPECT_THAT(host->get_admin("/metrics").body, Not(HasSubstr("hookhost_accept_pauses_total 0")));
}

}  // namespace
}  // namespace hookhost::e2e
