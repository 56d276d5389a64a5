// SPDX-License-Identifier: Apache-2.0
//
// Does a secret in a query stay out of what is printed? (seed row K06)
#include "telemetry/redact.h"

#include <gtest/gtest.h>

namespace hookhost::telemetry {
namespace {

TEST(RedactTarget, HidesTheSecretOfAQueryK06) {
  EXPECT_EQ(redact_target("/webhooks/x?secret=s3cret"), "/webhooks/x?secret=***");
  EXPECT_EQ(redact_target("http://h:1/x?a=1&secret=s&b=2"), "http://h:1/x?a=1&secret=***&b=2");
  EXPECT_EQ(redact_target("/x?secret"), "/x?secret=***");
}

TEST(RedactTarget, HidesEveryRepetitionAndEverySpelling) {
  EXPECT_EQ(redact_target("/x?secret=a&secret=b"), "/x?secret=***&secret=***");
  EXPECT_EQ(redact_target("/x?%73ecret=a&SECRET=b"), "/x?%73ecret=***&SECRET=***");
  EXPECT_EQ(redact_target("/x?%zz=a"), "/x?%zz=***");
}

TEST(RedactTarget, LeavesTheRestAlone) {
  EXPECT_EQ(redact_target("/x"), "/x");
  EXPECT_EQ(redact_target("/x?"), "/x?");
  EXPECT_EQ(redact_target("/x?a=1&&b=secret&"), "/x?a=1&&b=secret&");
}

}  // namespace
}  // namespace hookhost::telemetry
