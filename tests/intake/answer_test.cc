// SPDX-License-Identifier: Apache-2.0
//
// Does every refusal and every outcome have its one answer?
#include "intake/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using enum OutcomeKind;

std::string header(const Response& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return std::string(header.value);
  }
  return "";
}
Response answer(Outcome outcome, bool is_detail_shown, Arena& arena) {
  return to_response(outcome, is_detail_shown, arena);
}

TEST(Answer, WritesARefusalWithWhatBelongsToIt) {
  Arena arena;
  const Response response = to_response(Refusal{.status = 503,
                                                .body = "{}",
                                                .rule = "full",
                                                .allow = "POST",
                                                .retry_after_s = 120,
                                                .close = true},
                                        arena);

  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(header(response, "Allow"), "POST");
  EXPECT_EQ(header(response, "Retry-After"), "120");
  EXPECT_TRUE(response.close);
  EXPECT_EQ(response.kind, ResponseKind::kWebhook);
}
TEST(Answer, WritesNoHeaderThatSaysNothing) {
  Arena arena;
  EXPECT_TRUE(to_response(Refusal{.status = 404, .body = "{}", .rule = "route-unknown"}, arena)
                  .headers.empty());
}

TEST(Answer, IsNullForNothingR01) {
  Arena arena;
  EXPECT_EQ(answer({.kind = kHandled}, false, arena).body, "null");
}
TEST(Answer, LeavesAnEmptyResponseEmptyWhenItWasMeantSo) {
  Arena arena;
  Outcome outcome{.kind = kHandled};
  outcome.response.status = 201;
  EXPECT_EQ(answer(outcome, false, arena).body, "");
  outcome.response = {.content_type = "text/plain"};
  EXPECT_EQ(answer(outcome, false, arena).body, "");
  const Chunk chunk{.bytes = "42"};
  outcome.response = {.chunks = {&chunk, 1}};
  EXPECT_EQ(answer(outcome, false, arena).body, "");
}

TEST(Answer, GivesUpTheResponseOfAFailure) {
  Arena arena;
  static int released;
  released = 0;
  const Chunk chunk{"text", [](void*) { ++released; }, nullptr};
  for (const OutcomeKind kind : {kSkipped, kFailed, kDead, kTimedOut, kCancelled, kOverloaded}) {
    Outcome outcome{.kind = kind};
    outcome.response.chunks = {&chunk, 1};
    const Response response = to_response(outcome, false, arena);
    EXPECT_TRUE(response.chunks.empty());
  }
  EXPECT_EQ(released, 6);
}
TEST(Answer, PassesAHandlersWishForARetryOn) {
  Arena arena;
  EXPECT_EQ(header(answer({.kind = kFailed, .retry_after = 1500ms}, false, arena), "Retry-After"),
            "2");
  EXPECT_EQ(header(answer({.kind = kFailed}, false, arena), "Retry-After"), "");
  EXPECT_EQ(header(answer({.kind = kDead, .retry_after = 1s}, false, arena), "Retry-After"), "");
}
TEST(Answer, ShowsTheDetailOfAFailureInDevelopmentOnly) {
  Arena arena;
  const Outcome failed{.kind = kFailed, .detail = "no\x1b token"};
  EXPECT_EQ(answer(failed, false, arena).body, "Internal Server Error");
  EXPECT_EQ(answer(failed, true, arena).body, "Internal Server Error\n\nno\\x1b token\n");
  EXPECT_EQ(answer({.kind = kFailed}, true, arena).body, "Internal Server Error");
  EXPECT_EQ(answer({.kind = kSkipped, .detail = "x"}, true, arena).body, "");
}
TEST(Answer, HasNo2xxForWhatWasNotHandled) {
  Arena arena;
  for (const OutcomeKind kind : {kFailed, kDead, kTimedOut, kCancelled, kOverloaded})
    EXPECT_GE(answer({.kind = kind}, false, arena).status, 500);
}
TEST(Answer, TellsEachOutcomeApart) {
  EXPECT_EQ(to_result(kHandled), telemetry::Result::kHandled);
  EXPECT_EQ(to_result(kSkipped), telemetry::Result::kSkipped);
  EXPECT_EQ(to_result(kFailed), telemetry::Result::kFailed);
  EXPECT_EQ(to_result(kDead), telemetry::Result::kDead);
  EXPECT_EQ(to_result(kTimedOut), telemetry::Result::kTimedOut);
  EXPECT_EQ(to_result(kCancelled), telemetry::Result::kCancelled);
  EXPECT_EQ(to_result(kOverloaded), telemetry::Result::kOverloaded);
}

}  // namespace
}  // namespace hookhost::intake
