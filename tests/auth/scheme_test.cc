// SPDX-License-Identifier: Apache-2.0
//
// Is every scheme of the table found by its name, and does it make what it says?
#include "auth/scheme.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

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
// What tells a sender's repeat from an event of its own.
TEST(Schemes, KnowWhereTheirSendersPutTheIdOfADelivery) {
  struct Row {
    std::string_view scheme, secret, header, in_body;
  };
  constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
  for (const Row& row : {Row{"hf", kKey, "Webhook-Id", ""},
                         {"github", kKey, "X-GitHub-Delivery", ""},
                         {"github-sha1", kKey, "X-GitHub-Delivery", ""},
                         {"standard-webhooks", kKey, "Webhook-Id", ""},
                         {"stripe", kKey, "", "/id"},
                         {"slack", kKey, "", "/event_id"},
                         {"shopify", kKey, "X-Shopify-Webhook-Id", ""},
                         {"gitlab", kKey, "Idempotency-Key", ""},
                         {"bitbucket", kKey, "X-Request-UUID", ""},
                         {"bitbucket", kKey, "X-Request-Id", ""},
                         {"gitea", kKey, "X-Gitea-Delivery", ""},
                         {"forgejo", kKey, "X-Forgejo-Delivery", ""},
                         {"bearer", kKey, "", ""},
                         {"basic", "ci:pass", "", ""}}) {
    const std::vector credentials{Credential(Secret(std::string(row.secret)))};
    const auto made = make_authenticator(*find_scheme(row.scheme), credentials).value();
    const std::array<Header, 1> headers{
        Header{row.header.empty() ? "Webhook-Id" : row.header, "7"}};
    RequestHead head;
    head.headers = headers;
    EXPECT_EQ(made->delivery_id(head), row.header.empty() ? "" : "7") << row.scheme;
    EXPECT_EQ(made->facts().delivery_id_in_body, row.in_body) << row.scheme;
  }
}

}  // namespace
}  // namespace hookhost::auth
