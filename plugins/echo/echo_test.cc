// SPDX-License-Identifier: Apache-2.0
//
// Does echo answer with what it got, byte by byte?
#include <gtest/gtest.h>
#include <hookhost/hookhost.h>

#include <hookhost/testing/fake_host.hpp>
#include <string>

namespace {

TEST(Echo, AnswersWithTheDocumentThatItGot) {
  hookhost::test::Host host(hookhost_entry_v1(HOOKHOST_ABI_MINOR));
  const std::string document = R"({"a": [1, 2.50, "é\n"], "a": null })";

  const auto response = host.post("echo", document);

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, document);
}

TEST(Echo, AnswersEachRequestWithItsOwn) {
  hookhost::test::Host host(hookhost_entry_v1(HOOKHOST_ABI_MINOR));

  EXPECT_EQ(host.post("echo", "1").body, "1");
  EXPECT_EQ(host.post("echo", R"("two")").body, R"("two")");
}

}  // namespace
