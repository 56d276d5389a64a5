// SPDX-License-Identifier: Apache-2.0
//
// What does everybody get, whatever the handler? Rows H01 to H08 of the Python server's table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Answers : public SharedHost<Answers, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }
};

TEST_P(Answers, AreThoseOfTheTable) { expect_answer(host(), GetParam()); }

Row wrong_method(std::string id, std::string method) {
  const bool is_head = method == "HEAD";
  return {std::move(id),
          {std::move(method), "/webhooks/implicit"},
          405,
          is_head ? "" : R"({"detail":"Method Not Allowed"})",
          {{"Content-Type", "application/json"}, {"Allow", "POST"}}};
}

const Row kAnswerRows[] = {
    {"H01_UnknownPath", {"POST", "/nowhere"}, 404, R"({"detail":"Not Found"})"},
    {"H01_UnknownWebhook", {"POST", "/webhooks/nowhere"}, 404, R"({"detail":"Not Found"})"},
    {"H01_UnknownPage", {"GET", "/nowhere"}, 404, R"({"detail":"Not Found"})"},
    wrong_method("H02_Get", "GET"),
    wrong_method("H02_Put", "PUT"),
    wrong_method("H02_Head", "HEAD"),
    wrong_method("H02_Options", "OPTIONS"),
    wrong_method("H02_Delete", "DELETE"),
    {"H03_HandlerRaises",
     {"POST", "/webhooks/raises"},
     500,
     "Internal Server Error",
     {{"Content-Type", "text/plain; charset=utf-8"}}},
    {"H03_HandlerRaisesAndWouldRetry",  // this host keeps no journal, so it answers as `fail`
     {"POST", "/webhooks/raises_and_retries"},
     500,
     "Internal Server Error",
     {{"Content-Type", "text/plain; charset=utf-8"}}},
    {"H05_NoRedoc", {"GET", "/redoc"}, 404, R"({"detail":"Not Found"})"},
    {"H06_JsonIsCompact",
     {"POST", "/webhooks/f06_json", {{"Content-Type", "application/json"}}, R"({"a":1})"},
     200,
     R"({"a":1})"},
    {"H07_AtTheLimit", {"POST", "/webhooks/small_body", {}, std::string(1000, 'x')}, 200, "1000"},
    {"H07_BeyondTheLimit",
     {"POST", "/webhooks/small_body", {}, std::string(1001, 'x')},
     413,
     R"({"detail":"Content Too Large"})"},
    {"H08_HandlersAnswer",
     {"POST", "/webhooks/r05_response"},
     418,
     "short and stout",
     {{"Content-Security-Policy", "sandbox; default-src 'none'"},
      {"X-Content-Type-Options", "nosniff"}}},
    {"H08_RefusalsAnswer",
     {"POST", "/webhooks/nowhere"},
     404,
     R"({"detail":"Not Found"})",
     {{"Content-Security-Policy", "sandbox; default-src 'none'"},
      {"X-Content-Type-Options", "nosniff"}}},
};
INSTANTIATE_TEST_SUITE_P(Rows, Answers, ::testing::ValuesIn(kAnswerRows), row_name);

// 413 comes from the announced length alone: not a byte of the body is sent.
TEST_F(Answers, H07_RefuseAnAnnouncedLengthAtOnce) {
  RawClient client(host().process().port());
  client.send(
      "POST /webhooks/implicit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Content-Length: 99999999999\r\n\r\n");

  const auto answer = client.read_answer();

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(client.is_closed_by_peer());
}

// The seed returned 62.9 MB for 20 MB.
TEST_F(Answers, H07_EchoAtMost64BytesOfInput) {
  const std::string large = R"({"x":")" + std::string(100'000, 'x') + R"("})";

  const RawAnswer answer = host().post("/webhooks/implicit", large);

  EXPECT_EQ(answer.status, 422);
  EXPECT_LT(answer.body.size(), 1000u);
  EXPECT_THAT(answer.body, Not(HasSubstr(std::string(65, 'x'))));
}

// ---- /openapi.json and /docs

TEST_F(Answers, H04_DescribeEveryWebhook) {
  const RawAnswer answer = host().get("/openapi.json");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_THAT(answer.body,
              ::testing::StartsWith(R"({"openapi":"3.1.0","info":{"title":"hookhost")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("/webhooks/implicit":{"post":)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("operationId":"implicit_webhooks_implicit_post")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("operationId":"p02_two_webhooks_p02_b_post")"));
  for (const char* status : {"200", "413", "422", "503"}) {
    EXPECT_THAT(answer.body, HasSubstr('"' + std::string(status) + R"(":{"description")"));
  }
  EXPECT_THAT(answer.body, Not(HasSubstr(R"("401")"))) << "no secret is set";
}

TEST(AnswersWithASecret, H04_NameTheSecurityScheme) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  const RawAnswer answer = host.get("/openapi.json");

  EXPECT_EQ(answer.status, 200) << "it needs no secret";
  EXPECT_THAT(answer.body, HasSubstr(R"("401":{"description")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("403":{"description")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("in":"header")"));
  expect_no_secret(answer.body);
}

TEST_F(Answers, H05_DocsWorkOffline) {
  const RawAnswer answer = host().get("/docs");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(answer.header("Content-Security-Policy")),
              HasSubstr("default-src 'none'"));
  EXPECT_THAT(answer.body, Not(HasSubstr("https://cdn")));
}

}  // namespace
}  // namespace hookhost::e2e
