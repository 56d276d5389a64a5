// SPDX-License-Identifier: Apache-2.0
//
// Is a head that was kept the head that came, without what lets anybody in?
#include "store/event_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "auth/scheme.h"

namespace hookhost::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::array kHeaders = {Header{"Host", "hooks.example"}, Header{"X-Empty", ""},
                             Header{"X-Colons", "a: b: c"}, Header{"Webhook-Id", "17"}};

RequestHead sent() {
  RequestHead head;
  head.method = "POST";
  head.target = "/webhooks/train?dry=1&secret=open-sesame";
  head.path = "/webhooks/train";
  head.query = "dry=1&secret=open-sesame";
  head.headers = kHeaders;
  head.remote_address = "[::1]:4711";
  return head;
}

TEST(EventHead, ReadsAsARequest) {
  EXPECT_EQ(write_head(sent()),
            "POST /webhooks/train?dry=1&secret=*** HTTP/1.1\n"
            ":client: [::1]:4711\n"
            "Host: hooks.example\n"
            "X-Empty: \n"
            "X-Colons: a: b: c\n"
            "Webhook-Id: 17\n");
}

TEST(EventHead, ComesBackAsItWas) {
  const auto read = EventHead::read(write_head(sent()));

  ASSERT_TRUE(read);
  const RequestHead& head = (*read)->head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/webhooks/train?dry=1&secret=***");
  EXPECT_EQ(head.path, "/webhooks/train");
  EXPECT_EQ(head.query, "dry=1&secret=***");
  EXPECT_EQ(head.remote_address, "[::1]:4711");
  ASSERT_EQ(head.headers.size(), kHeaders.size());
  for (std::size_t i = 0; i < kHeaders.size(); ++i) {
    EXPECT_EQ(head.headers[i].name, kHeaders[i].name);
    EXPECT_EQ(head.headers[i].value, kHeaders[i].value);
  }
}

TEST(EventHead, TellsNoQueryFromAnEmptyOne) {
  RequestHead head = sent();
  head.target = head.path;
  const auto without = EventHead::read(write_head(head));
  head.target = "/webhooks/train?";
  const auto empty = EventHead::read(write_head(head));

  ASSERT_TRUE(without && empty);
  EXPECT_EQ((*without)->head().query.data(), nullptr);
  EXPECT_NE((*empty)->head().query.data(), nullptr);
}

TEST(EventHead, LeavesOutTheProofOfEveryScheme) {
  unsigned proofs = 0;
  for (const auth::Scheme& scheme : auth::schemes()) {
    std::vector<std::string_view> headers;
    if (scheme.token != nullptr) headers.push_back(scheme.token->header);
    if (scheme.signature != nullptr) {
      for (const auth::ProofHeaders& names : scheme.signature->headers) {
        headers.push_back(names.signature);
      }
    }
    for (const std::string_view header : headers) {
      EXPECT_TRUE(is_credential(header)) << scheme.name << ": " << header;
      ++proofs;
    }
  }
  EXPECT_GT(proofs, 10U);
}

TEST(EventHead, LeavesOutCredentialsInAnyCase) {
  const std::array headers = {Header{"AUTHORIZATION", "Bearer open-sesame"},
                              Header{"Cookie", "id=open-sesame"},
                              Header{"proxy-authorization", "open-sesame"},
                              Header{"X-Webhook-Secret", "open-sesame"},
                              Header{"X-Gitlab-Token", "open-sesame"},
                              Header{"X-Api-Key", "open-sesame"},
                              Header{"X-Proof", "open-sesame"},
                              Header{"X-Kept", "yes"}};
  RequestHead head = sent();
  head.headers = headers;

  const std::string text = write_head(head, "x-proof");

  EXPECT_THAT(text, Not(HasSubstr("open-sesame")));
  EXPECT_THAT(text, HasSubstr("X-Kept: yes\n"));
  EXPECT_THAT(write_head(head), HasSubstr("X-Proof: open-sesame\n")) << "unless it is named";
}

TEST(EventHead, IsRefusedWhenItIsDamaged) {
  for (const char* text :
       {"", "\n", "POST", "POST / HTTP/1.1", " / HTTP/1.1\n", "POST  HTTP/1.1\n", "POST /\n",
        "POST / HTTP/1.1\nno colon\n", "POST / HTTP/1.1\n: no name\n", "POST / HTTP/1.1\nCut: o",
        "POST / HTTP/1.1\n\nA: b\n"}) {
    EXPECT_FALSE(EventHead::read(text)) << text;
  }
  EXPECT_TRUE(EventHead::read("POST / HTTP/1.1\n"));
}

// Under the address sanitizer: no view leaves the text.
TEST(EventHead, SurvivesAnyBytes) {
  std::mt19937 random(4711);
  const std::string whole = write_head(sent());
  unsigned read_again = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    std::string text = whole;
    for (unsigned left = 1 + random() % 4; left > 0; --left) {
      text[random() % text.size()] = static_cast<char>("\n: /\0\xff"[random() % 6]);
    }
    if (random() % 2 == 0) text.resize(random() % (text.size() + 1));
    const auto read = EventHead::read(text);
    if (!read) continue;
    std::size_t bytes = 0;
    for (const Header& header : (*read)->head().headers) {
      bytes += header.name.size() + header.value.size();
    }
    EXPECT_LE(bytes, text.size());
    EXPECT_TRUE(EventHead::read(write_head((*read)->head())));
    ++read_again;
  }
  EXPECT_GT(read_again, 1'000U);
}

}  // namespace
}  // namespace hookhost::store
