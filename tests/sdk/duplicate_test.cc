// SPDX-License-Identifier: Apache-2.0
//
// Is a plugin refused, with a sentence, whose two files register the same name? (Within one file it
// does not compile: see compile_fail/.)
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <stdexcept>

namespace hookhost {
namespace {

TEST(Duplicate, NameIsRefusedByTheHost) {
  try {
    test::Host host;
    FAIL();
  } catch (const std::runtime_error& refusal) {
    EXPECT_STREQ(refusal.what(), "endpoint \"same_name\" is registered twice");
  }
}

TEST(Duplicate, NameIsRefusedByThePluginItself) {
  EXPECT_THROW(detail::check_registrations(), std::logic_error);
}

TEST(Duplicate, StateIsRefused) {
  struct One {};
  struct Two {};
  const detail::RegisteredState one(&detail::kStateOperations<One>);
  const detail::RegisteredState two(&detail::kStateOperations<Two>);
  try {
    detail::check_registrations();
    FAIL();
  } catch (const std::logic_error& refusal) {
    EXPECT_STREQ(refusal.what(), "HOOKHOST_STATE stands twice in this plugin");
  }
}

}  // namespace
}  // namespace hookhost
