// SPDX-License-Identifier: Apache-2.0
//
// How is the sender's input echoed, and does a hostile one stay bounded? And the judge of the whole
// model: 2,600 payloads that pydantic saw (tests/data/payload/record.py).
#include "payload/validation.h"

#include <gmock/gmock.h>

#include "payload/echo.h"
#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

std::string echo(std::string_view text) {
  Understanding request;
  std::string out;
  append_echo(out, Cursor(request.document(text)), kRoot);
  return out;
}

TEST(Echo, PrintsCompactJsonAsPython) {
  EXPECT_EQ(echo(R"( { "a" : [ 1 , true , null ] , "b" : "x" } )"),
            R"({"a":[1,true,null],"b":"x"})");
  EXPECT_EQ(echo("[1.0,1e2,-0,-0.0,1E-7,1e16,123456789012345680.0,0.1]"),
            "[1.0,100.0,0,-0.0,1e-07,1e+16,1.2345678901234568e+17,0.1]");
  EXPECT_EQ(echo(R"("\u00e9\/\u0001\n\u007f")"), "\"\u00e9/\\u0001\\n\x7f\"");
}

TEST(Echo, ResolvesRepeatedKeysAsADict) {
  EXPECT_EQ(echo(R"({"a":1,"b":2,"\u0061":3,"b":4})"), R"({"a":3,"b":4})");
}

TEST(Echo, GivesJsonOf64BytesAndCutsAtOneMore) {
  const std::string fits = "[\"" + std::string(60, 'x') + "\"]";
  ASSERT_EQ(fits.size(), kEchoBytesMax);
  EXPECT_EQ(echo(fits), fits);

  const std::string longer = "[\"" + std::string(61, 'x') + "\"]";
  EXPECT_EQ(echo(longer), "\"[\\\"" + std::string(61, 'x') + "\\\"\"");
}

TEST(Echo, CutsAStringAtACharacter) {
  EXPECT_EQ(echo("\"" + std::string(64, 'x') + "\""), "\"" + std::string(64, 'x') + "\"");
  EXPECT_EQ(echo("\"" + std::string(65, 'x') + "\""), "\"" + std::string(64, 'x') + "\"");
  EXPECT_EQ(echo("\"" + std::string(63, 'x') + "\u00e9\""), "\"" + std::string(63, 'x') + "\"");
  EXPECT_EQ(echo("\"" + std::string(61, 'x') + "\U0001F917\""), "\"" + std::string(61, 'x') + "\"");
}

TEST(Echo, StaysSmallForALargeInput) {
  const std::string digits(4000, '9');
  EXPECT_EQ(echo(digits), "\"" + std::string(64, '9') + "\"");
  EXPECT_LT(echo("[" + std::string(200, '[') + std::string(200, ']') + "]").size(), 70U);
  std::string repeated = "{";
  for (int i = 0; i < 50'000; ++i) repeated += i % 2 == 0 ? "\"a\":1," : "\"b\":2,";
  EXPECT_EQ(echo(repeated + "\"c\":3}"), R"({"a":1,"b":2,"c":3})");
}

TEST(Echo, CutsBytesThatAreNoText) {
  std::string out;
  append_text_echo(out, "a\xff\"b");
  EXPECT_EQ(out, "\"a\uFFFD\\\"b\"");
}

TEST(ErrorList, EndsWithItsLimit) {
  Understanding request;
  const auto refusals = [&](std::size_t elements) {
    std::string text =
        R"({"event":{"action":"move","scope":"s"},"webhook":{"id":"w","version":3},)";
    text += R"("repo":{"id":"r","owner":{"id":"o"},"name":"n","private":true,"type":"model",)";
    text += R"("url":{"web":"w"}},"updatedRefs":[5)";
    for (std::size_t i = 1; i < elements; ++i) text += ",5";
    const std::string answer = request.refusal(Form::kHub, text + "]}");
    const Cursor cursor(request.document(answer));
    return cursor.size(cursor.get(kRoot, "detail"));
  };

  EXPECT_EQ(refusals(kErrorsMax), kErrorsMax);
  EXPECT_EQ(refusals(kErrorsMax + 1), kErrorsMax);
  EXPECT_EQ(refusals(100'000), kErrorsMax);
}

// What an accepted payload was converted to.
void expect_values(const Cursor& cases, NodeId values, const Document& document,
                   std::string_view body) {
  const HubFields& hub = document.header().hub;
  const Cursor cursor(document);
  const auto expected = [&](std::string_view key) { return cases.get(values, key); };
  const auto number = [&](std::string_view key) {
    std::int64_t value = -1;
    bool flag = false;
    if (cases.read_bool(expected(key), flag) == ReadError::kOk) return std::int64_t{flag};
    static_cast<void>(cases.read_i64(expected(key), value));
    return value;
  };
  const bool has_discussion = hub.discussion != kNoNode;
  EXPECT_EQ(has_discussion ? hub.discussion_num : -1, number("num")) << body;
  EXPECT_EQ(hub.repo_is_private, number("private")) << body;
  EXPECT_EQ(hub.discussion_is_pinned, number("pinned")) << body;
  EXPECT_EQ(has_discussion ? hub.discussion_is_pull_request : -1, number("isPullRequest")) << body;
  EXPECT_EQ(hub.comment == kNoNode ? -1 : hub.comment_is_hidden, number("hidden")) << body;
  EXPECT_EQ(cursor.text(hub.event_scope), cases.text(expected("scope"))) << body;
  EXPECT_EQ(cursor.text(hub.repo_name), cases.text(expected("name"))) << body;
  EXPECT_EQ(cursor.text(hub.repo_head_sha), cases.text(expected("head_sha"))) << body;
  EXPECT_EQ(cursor.text(hub.discussion_title), cases.text(expected("title"))) << body;
  EXPECT_EQ(cursor.text(hub.comment_content), cases.text(expected("content"))) << body;
  EXPECT_EQ(cursor.text(hub.moved_to_name), cases.text(expected("movedTo"))) << body;
  EXPECT_EQ(hub.webhook_version, 3) << body;
}

// tests/data/payload/model_verdicts.json: tables 7, 7.1 and 7.2 and rows V01 to V22 as pydantic
// 2.13.4 decided them.
TEST(ModelVerdicts, ArePydanticsOnEveryRecordedPayload) {
  Understanding recorded;
  const Cursor cases(
      recorded.document(read_file(HOOKHOST_TEST_DATA "/payload/model_verdicts.json")));
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (NodeId one = cases.first(kRoot); one != kNoNode; one = cases.next(one)) {
    const std::string_view body = cases.text(cases.get(one, "body"));
    Understanding request;
    if (const NodeId values = cases.get(one, "values"); values != kNoNode) {
      for (const Form form : {Form::kHubStrict, Form::kHub}) {
        const auto result = request.understand(form, body);
        ASSERT_TRUE(result.has_value()) << body << "\n" << result.error().body;
        expect_values(cases, values, *result, body);
      }
      ++accepted;
      continue;
    }
    const std::string_view strict = cases.text(cases.get(one, "strict"));
    const NodeId tolerant = cases.get(one, "tolerant");
    EXPECT_EQ(request.refusal(Form::kHubStrict, body), strict) << body;
    EXPECT_EQ(request.refusal(Form::kHub, body),
              tolerant == kNoNode ? strict : cases.text(tolerant))
        << body;
    ++refused;
  }
  EXPECT_GT(accepted, 200U);
  EXPECT_GT(refused, 2000U);
}

}  // namespace
}  // namespace hookhost::payload
