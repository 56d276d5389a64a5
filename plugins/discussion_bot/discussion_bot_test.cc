// SPDX-License-Identifier: Apache-2.0
//
// Does the bot answer each comment once, never itself, and tell the Hub's trouble from the Hub's
// no? Against a fake Hub on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <hookhost/testing/fake_host.hpp>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_server.h"

using namespace hookhost;
using hookhost::test::FakeServer;
using test::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char* kPath = "discussion_bot";
constexpr const char* kCommentTarget = "/api/models/user/repo/discussions/1/comment";
constexpr const char* kWhoTarget = "/api/whoami-v2";
constexpr const char* kToken = "hf_secretToken";
constexpr const char* kBotId = "bot-id";

const FakeServer::Answer kWho{"GET", kWhoTarget, 200, R"({"type":"user","id":"bot-id"})"};

FakeServer::Answer comment_answer(int status) { return {"POST", kCommentTarget, status, "{}"}; }

std::string comment_event(std::string content = "Is this right?", std::string author = "someone") {
  return test::hub_event({.action = "create",
                          .scope = "discussion.comment",
                          .comment = std::move(content),
                          .comment_author = std::move(author)});
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

class DiscussionBot : public testing::Test {
 protected:
  DiscussionBot() { ::setenv("no_proxy", "*", 1); }  // the fake Hub is on loopback

  test::HostOptions options(const Object& config = {}) {
    Object all = config;
    all.add("endpoint", hub_url());
    JsonText text;
    text.value(all);
    return {.config = std::string(text.view()), .secrets = {{"token", kToken}}};
  }
  void script(std::vector<FakeServer::Answer> answers) {
    hub_ = std::make_unique<FakeServer>(std::move(answers));
  }
  FakeServer& hub() { return *hub_; }
  std::string hub_url() const { return hub_->url() + "/"; }
  static const hookhost_plugin* plugin() { return hookhost_entry_v1(HOOKHOST_ABI_MINOR); }

 private:
  std::unique_ptr<FakeServer> hub_ = std::make_unique<FakeServer>();
};

TEST_F(DiscussionBot, RepliesToACommentWithItsToken) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options({{"reply", "Thanks, \"you\"!"}}));

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"replied_to":"comment-id"})");
  ASSERT_EQ(hub().count("POST", kCommentTarget), 1u);
  const auto request = hub().requests().back();
  EXPECT_EQ(request.body, R"({"comment":"Thanks, \"you\"!"})");
  EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + kToken);
  EXPECT_EQ(request.header("content-type"), "application/json");
}

TEST_F(DiscussionBot, RepliesOnceWhenTheEventComesTwice) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options());

  host.post(kPath, comment_event());
  const auto second = host.post(kPath, comment_event());

  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, R"({"already_answered":"comment-id"})");
  EXPECT_EQ(hub().count("POST", kCommentTarget), 1u);
}

TEST_F(DiscussionBot, AsksOnceWhoseTokenItIs) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options());

  host.post(kPath, comment_event());
  host.post(kPath, replaced(comment_event(), "comment-id", "comment-2"));

  EXPECT_EQ(hub().count("GET", kWhoTarget), 1u);
  EXPECT_EQ(hub().count("POST", kCommentTarget), 2u);
}

TEST_F(DiscussionBot, DoesNotAskWhenTheUserIsConfigured) {
  script({comment_answer(201)});
  test::Host host(plugin(), options({{"user_id", kBotId}}));

  EXPECT_EQ(host.post(kPath, comment_event()).status, 200);

  EXPECT_EQ(hub().count("GET", kWhoTarget), 0u);
}

TEST_F(DiscussionBot, NeverAnswersItself) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event("Thanks!", kBotId));

  EXPECT_EQ(answer.outcome, Outcome::kSkipped);
  EXPECT_EQ(hub().count("POST", kCommentTarget), 0u);
}

TEST_F(DiscussionBot, LeavesHiddenCommentsAlone) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options());

  const std::string hidden = replaced(comment_event(), R"("hidden":false)", R"("hidden":true)");
  const auto answer = host.post(kPath, hidden);

  EXPECT_EQ(answer.outcome, Outcome::kSkipped);
  EXPECT_THAT(hub().requests(), IsEmpty());
}

TEST_F(DiscussionBot, LeavesAnEventWithoutACommentAlone) {
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, test::hub_event({.scope = "discussion"}));

  EXPECT_EQ(answer.outcome, Outcome::kSkipped);
  EXPECT_THAT(hub().requests(), IsEmpty());
}

TEST_F(DiscussionBot, AnswersOnlyWhoMentionsItWhenSoConfigured) {
  script({kWho, comment_answer(201)});
  test::Host host(plugin(), options({{"mention", "@my-bot"}}));

  EXPECT_EQ(host.post(kPath, comment_event("Hello, @my-bo")).outcome, Outcome::kSkipped);
  EXPECT_EQ(host.post(kPath, comment_event("Hello, @my-bot!")).status, 200);

  EXPECT_EQ(hub().count("POST", kCommentTarget), 1u);
}

TEST_F(DiscussionBot, SaysWhatItWouldReplyWithoutAToken) {
  auto without = options();
  without.secrets.clear();
  test::Host host(plugin(), without);

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"({"would_reply":"Thanks for your comment!)"));
  EXPECT_THAT(hub().requests(), IsEmpty());
}

TEST_F(DiscussionBot, TriesAgainWhenTheHubIsBusy) {
  script({kWho, comment_answer(429), comment_answer(503), comment_answer(201)});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.body, R"({"replied_to":"comment-id"})");
  EXPECT_EQ(hub().count("POST", kCommentTarget), 3u);
}

TEST_F(DiscussionBot, LetsTheHostTryAgainAfterThreeTries) {
  script({kWho, comment_answer(500)});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.outcome, Outcome::kRetry);
  EXPECT_EQ(answer.retry_after, std::chrono::seconds(30));
  EXPECT_EQ(answer.error, "the Hub answered 500");
  EXPECT_EQ(hub().count("POST", kCommentTarget), 3u);
}

TEST_F(DiscussionBot, RepliesInTheNextAttemptWhenTheFirstFailed) {
  script(
      {kWho, comment_answer(500), comment_answer(500), comment_answer(500), comment_answer(201)});
  test::Host host(plugin(), options());

  ASSERT_EQ(host.post(kPath, comment_event()).outcome, Outcome::kRetry);

  EXPECT_EQ(host.post(kPath, comment_event()).body, R"({"replied_to":"comment-id"})");
}

TEST_F(DiscussionBot, GivesUpForGoodWhenTheHubSaysNo) {
  for (const int status : {401, 403, 404}) {
    script({kWho, comment_answer(status)});
    test::Host host(plugin(), options());

    const auto answer = host.post(kPath, comment_event());

    EXPECT_EQ(answer.outcome, Outcome::kDead) << status;
    EXPECT_EQ(answer.error, "the Hub answered " + std::to_string(status));
    EXPECT_EQ(hub().count("POST", kCommentTarget), 1u);
  }
}

TEST_F(DiscussionBot, GivesUpForGoodWhenTheTokenIsRefused) {
  script({{"GET", kWhoTarget, 401, R"({"error":"Invalid username or password."})"}});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.outcome, Outcome::kDead);
  EXPECT_EQ(hub().count("POST", kCommentTarget), 0u);
}

TEST_F(DiscussionBot, GivesUpForGoodWhenNobodySaysWhoItIs) {
  script({{"GET", kWhoTarget, 200, R"({"name":"no id here"})"}});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.outcome, Outcome::kDead);
  EXPECT_THAT(answer.error, HasSubstr("configure user_id"));
}

TEST_F(DiscussionBot, LetsTheHostTryAgainWhenNobodyListens) {
  std::string gone;
  {
    const FakeServer closed;
    gone = closed.url();
  }
  const std::string config = R"({"endpoint":")" + gone + R"(","user_id":"bot-id"})";
  test::Host host(plugin(), {.config = config, .secrets = {{"token", kToken}}});

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.outcome, Outcome::kRetry);
  EXPECT_THAT(answer.error, HasSubstr("the Hub did not answer"));
}

TEST_F(DiscussionBot, TakesNoNameThatLeadsElsewhere) {
  for (const char* name : {"user/../../api/repos", "user/repo?x=", "user/re po", ""}) {
    test::Host host(plugin(), options());

    const auto answer = host.post(kPath, test::hub_event({.action = "create",
                                                          .scope = "discussion.comment",
                                                          .repo_name = name,
                                                          .comment = "hello"}));

    EXPECT_EQ(answer.outcome, Outcome::kDead) << name;
    EXPECT_THAT(hub().requests(), IsEmpty());
  }
}

TEST_F(DiscussionBot, NeverLogsItsToken) {
  script({{"GET", kWhoTarget, 500, "{}"}});
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, comment_event());

  EXPECT_EQ(answer.error.find(kToken), std::string::npos);
  EXPECT_FALSE(host.has_logged(kToken));
}

TEST_F(DiscussionBot, UnderstandsItsFixture) {
  std::ifstream file(FIXTURES "/comment_create.json");
  const std::string body(std::istreambuf_iterator<char>(file), {});
  auto without = options();
  without.secrets.clear();
  test::Host host(plugin(), without);

  EXPECT_THAT(host.post(kPath, body).body, HasSubstr("would_reply"));
}

}  // namespace
