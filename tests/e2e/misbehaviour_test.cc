// SPDX-License-Identifier: Apache-2.0
//
// What does a handler that breaks the rules cost? Its own request, and nothing else: the same
// connection, another one and the other handlers go on, and the log says what happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <thread>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Misdeed {
  const char* handler;
  const char* logged;  // part of the log line
};
std::ostream& operator<<(std::ostream& out, const Misdeed& misdeed) {
  return out << misdeed.handler;
}

class Misbehaviour : public SharedHost<Misbehaviour, ::testing::TestWithParam<Misdeed>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("misbehaving")});
  }

 protected:
  static std::string request(std::string handler, bool is_last = false) {
    return bytes_of({"POST", "/webhooks/" + std::move(handler)}, is_last);
  }
  static void expect_others_go_on(RawClient& same) {
    if (!same.is_closed_by_peer()) {
      same.send(request("behaves"));
      EXPECT_EQ(same.read_answer().value_or(RawAnswer{}).body, "fine");
    }
    EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine");
  }
};

TEST_P(Misbehaviour, CostsItsOwnRequestOnly) {
  RawClient client(host().process().port());
  client.send(request(GetParam().handler) + request("behaves"));

  const auto answer = client.read_answer();

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body, "Internal Server Error");
  EXPECT_THAT(answer->head, Not(HasSubstr("Set-Cookie")));
  EXPECT_EQ(client.read_answer().value_or(RawAnswer{}).body, "fine") << "the same connection";
  EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine") << "another connection";
  EXPECT_TRUE(host().process().wait_for_output(GetParam().logged)) << host().output();
}

const Misdeed kMisdeeds[] = {
    {"throws", R"(thrown on purpose\\nwith \\x1b[31ma colour)"},
    {"throws_no_exception", "an exception that is not a std::exception"},
    {"throws_inline", "thrown on the loop"},
    {"throws_after_a_wait", "thrown after a wait"},
    {"splits_the_answer", R"(header \"X-Bad\": its value has a control character)"},
    {"splits_by_its_type", "control character"},
    {"writes_the_length", R"(header \"Content-Length\": the host writes it itself)"},
    {"bad_status", "status"},
    {"unknown_result", "77"},
    {"pending_without_defer", "defer"},
    {"garbage_length", "respond said -8"},
};
INSTANTIATE_TEST_SUITE_P(Handler, Misbehaviour, ::testing::ValuesIn(kMisdeeds),
                         [](const auto& row) { return std::string(row.param.handler); });

TEST_F(Misbehaviour, TheSecondOfTwoAnswersIsRefused) {
  EXPECT_EQ(host().post("/webhooks/answers_twice", "").body, R"("first")");
}

constexpr const char* kTooLate = R"({"detail":"The handler did not answer in time"})";

TEST_F(Misbehaviour, NeverCompletingIsADeadline) {
  RawClient client(host().process().port());
  client.send(request("never_completes"));

  const auto answer = client.read_answer();

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 504);
  EXPECT_EQ(answer->body, kTooLate);
  EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine");
}

TEST_F(Misbehaviour, RunningPastTheDeadlineIsADeadline) {
  const RawAnswer answer = host().post("/webhooks/runs_past_its_deadline", "");

  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.body, kTooLate);
  EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine") << "its thread is still taken";
  EXPECT_EQ(host().post("/webhooks/lets_go", "").status, 200);
  EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine") << "and now it is not";
}

TEST_F(Misbehaviour, AHungHandlerHoldsUpNobodyElse) {
  std::vector<std::thread> hung;
  for (int i = 0; i < 3; ++i) {
    hung.emplace_back(
        [] { EXPECT_EQ(host().post("/webhooks/runs_past_its_deadline", "").status, 504); });
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(host().post("/webhooks/behaves", "").body, "fine");
  for (std::thread& one : hung) one.join();
  EXPECT_EQ(host().post("/webhooks/lets_go", "").status, 200);
}

// On the author's machine the sender sees the reason too, made printable.
TEST(MisbehaviourInDevelopment, IsToldToTheSender) {
  LiveHost host({"run", plugin_file("misbehaving")});

  const RawAnswer answer = host.post("/webhooks/throws", "");

  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("Internal Server Error\n\nthrown on purpose"));
  EXPECT_EQ(answer.body.find('\x1b'), std::string::npos);
}

// ---- Libraries that cannot be loaded

TEST(BrokenPlugin, IsNamedWithItsReasonWhileTheOthersServe) {
  const test::TempDir folder;
  std::filesystem::copy(plugin_file("missing_symbol"), folder.path());
  std::filesystem::copy(plugin_file("twin_a"), folder.path());
  folder.write("text.so", "this is no library");

  LiveHost host({"serve", "--plugins", folder.path()});

  EXPECT_EQ(host.post("/webhooks/twin", "").body, R"("twin_a")");
  EXPECT_THAT(host.output(), HasSubstr("missing_symbol.so"));
  EXPECT_THAT(host.output(), HasSubstr("train_model"));
  EXPECT_THAT(host.output(), HasSubstr("text.so"));
  EXPECT_THAT(host.output(), HasSubstr(R"("plugins_refused":2)"));
  EXPECT_THAT(host.output(), HasSubstr(R"("fix":")"));
}

TEST(BrokenPlugin, IsTheOperatorsToAllowWhenOthersMayWriteIt) {
  const test::TempDir folder;
  std::filesystem::copy(plugin_file("twin_a"), folder.path());
  std::filesystem::permissions(folder / "twin_a.so", std::filesystem::perms(0666));

  LiveHost host({"serve", "--plugins", folder.path()});

  EXPECT_EQ(host.post("/webhooks/twin", "").status, 404);
  EXPECT_THAT(host.output(), HasSubstr("twin_a.so"));
  EXPECT_THAT(host.output(), HasSubstr("666"));
}

}  // namespace
}  // namespace hookhost::e2e
