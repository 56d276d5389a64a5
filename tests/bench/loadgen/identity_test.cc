// SPDX-License-Identifier: Apache-2.0
//
// Does the generator notice an answer of a build that may not answer any more?
#include "loadgen/identity.h"

#include <gtest/gtest.h>

namespace hookhost::bench {
namespace {

TEST(Identity, TakesLaterGenerationsAndTheSameOneAgain) {
  Identity identity;
  std::uint64_t newest = 0;
  for (const std::string_view body : {R"("a 1")", R"("a 1")", R"("b 2")", R"("a 10")"})
    identity.look(body, newest);

  EXPECT_EQ(identity.wrong(), 0u) << identity.first_wrong();
  EXPECT_EQ(identity.generations(), 3u);
  EXPECT_EQ(newest, 10u);
}

TEST(Identity, AGenerationMayNotGoBackOnAConnectionButMayLagOnAnother) {
  Identity identity;
  std::uint64_t one = 0, other = 0;
  identity.look(R"("b 2")", one);
  identity.look(R"("a 1")", other);
  EXPECT_EQ(identity.wrong(), 0u);

  identity.look(R"("a 1")", one);

  EXPECT_EQ(identity.wrong(), 1u);
  EXPECT_EQ(identity.first_wrong(), "\"a 1\" after generation 2");
}

TEST(Identity, AGenerationIsOfOneBuild) {
  Identity identity;
  std::uint64_t one = 0, other = 0;
  identity.look(R"("b 2")", one);
  identity.look(R"("a 2")", other);
  EXPECT_EQ(identity.wrong(), 1u);
}

TEST(Identity, AnAnswerWithoutAGenerationIsWrong) {
  Identity identity;
  std::uint64_t newest = 0;
  for (const std::string_view body : {"", "\"a\"", "\"a \"", "\"a x\"", "\"a 0\""})
    identity.look(body, newest);
  EXPECT_EQ(identity.wrong(), 5u);
  EXPECT_EQ(identity.generations(), 0u);
}

}  // namespace
}  // namespace hookhost::bench
