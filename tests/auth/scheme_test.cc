// SPDX-License-Identifier: Apache-2.0
//
// Is every scheme of the table found by its name, and does it make what it says?
#include "auth/scheme.h"

#include <gtest/gtest.h>

namespace hookhost::auth {
namespace {

TEST(Schemes, AreFoundByName) {
  const Scheme* hf = find_scheme("hf");
  ASSERT_NE(hf, nullptr);
  const std::vector credentials{Credential(Secret("s3cret"))};
  const auto made = make_authenticator(*hf, credentials, {.secret_in_query = true});

  RequestHead head;
  head.query = "secret=s3cret";
  EXPECT_EQ((*made)->judge(head, {}, {}).proof, Proof::kAccepted);
  EXPECT_EQ((*made)->facts().name, "hf");
  EXPECT_FALSE((*made)->needs_body());
  EXPECT_EQ(find_scheme("HF"), nullptr);
  EXPECT_EQ(find_scheme(""), nullptr);
}
TEST(Schemes, HaveNamesOfTheirOwn) {
  for (const Scheme& scheme : schemes()) EXPECT_EQ(find_scheme(scheme.name), &scheme);
}

}  // namespace
}  // namespace hookhost::auth
