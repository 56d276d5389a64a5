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
  const auto made = hf->make({Credential(Secret("s3cret"))}, {.secret_in_query = true});

  RequestHead head;
  head.query = "secret=s3cret";
  EXPECT_EQ((*made)->judge(head, {}, {}), Proof::kAccepted);
  EXPECT_EQ((*made)->scheme(), "hf");
  EXPECT_EQ((*made)->delivery_id_header(), "Webhook-Id");
  EXPECT_FALSE((*made)->needs_body());
  EXPECT_EQ(find_scheme("HF"), nullptr);
  EXPECT_EQ(find_scheme(""), nullptr);
}
TEST(Schemes, HaveNamesOfTheirOwn) {
  for (const Scheme& scheme : schemes()) EXPECT_EQ(find_scheme(scheme.name), &scheme);
}

}  // namespace
}  // namespace hookhost::auth
