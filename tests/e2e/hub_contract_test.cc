// SPDX-License-Identifier: Apache-2.0
//
// Does a handler see what the Hub means? Rows N01 to N06 of the Python server's page, with recorded
// events of the Hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

class HubContract : public SharedHost<HubContract, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }

 protected:
  static std::string read(const std::string& event) {
    return host().post("/webhooks/tolerant", event).body;
  }
};

TEST_P(HubContract, HoldsAsTheTableSays) { expect_answer(host(), GetParam()); }

// An event of scope:action, asked whether it is(wanted).
Row is(std::string id, std::string scope, std::string action, const std::string& wanted_scope,
       const std::string& wanted_action, bool expected) {
  return {std::move(id),
          {"POST",
           "/webhooks/is?scope=" + wanted_scope + "&action=" + wanted_action,
           {{"Content-Type", "application/json"}},
           hub_event({.action = '"' + action + '"', .scope = '"' + scope + '"'})},
          200,
          expected ? "true" : "false"};
}

const Row kScopes[] = {
    is("N01_RepoCreate", "repo", "create", "repo", "create", true),
    is("N01_RepoDelete", "repo", "delete", "repo", "delete", true),
    is("N01_RepoUpdate", "repo", "update", "repo", "update", true),
    is("N01_RepoMove", "repo", "move", "repo", "move", true),
    is("N01_ContentUpdate", "repo.content", "update", "repo.content", "update", true),
    is("N01_ConfigUpdate", "repo.config", "update", "repo.config", "update", true),
    is("N01_DiscussionCreate", "discussion", "create", "discussion", "create", true),
    is("N01_DiscussionDelete", "discussion", "delete", "discussion", "delete", true),
    is("N01_CommentCreate", "discussion.comment", "create", "discussion.comment", "create", true),
    is("N01_OtherAction", "repo", "create", "repo", "delete", false),
    is("N01_OtherScope", "repo", "update", "discussion", "update", false),
    is("N02_UnknownNarrowerScope", "repo.config.dois", "update", "repo.config", "update", true),
    is("N02_TwoStepsNarrower", "repo.config.dois", "update", "repo", "update", true),
    is("N02_NarrowerCreateIsAnUpdate", "discussion.comment", "create", "discussion", "update",
       true),
    is("N02_NarrowerCreateIsNoCreate", "discussion.comment", "create", "discussion", "create",
       false),
    is("N02_BroaderIsNotNarrower", "repo", "update", "repo.config", "update", false),
    is("N02_APrefixIsNoScope", "repository", "update", "repo", "update", false),
};
INSTANTIATE_TEST_SUITE_P(Rows, HubContract, ::testing::ValuesIn(kScopes), row_name);

TEST_F(HubContract, N03_APullRequestIsANewRef) {
  EXPECT_THAT(read(recorded_event("pr_new_ref.json")), HasSubstr(R"("refs":[{"ref":"refs/pr/)"));
}

TEST_F(HubContract, N04_NewAndDeletedRefsLackAValue) {
  const std::string refs = R"(,"updatedRefs":[{"ref":"new","oldSha":null,"newSha":"a"},)"
                           R"({"ref":"gone","oldSha":"a","newSha":null},)"
                           R"({"ref":"moved","oldSha":"a","newSha":"b"}])";

  EXPECT_EQ(read(hub_event({.rest = refs})),
            reading({.refs = R"([{"ref":"new","is_new":true,"is_deleted":false},)"
                             R"({"ref":"gone","is_new":false,"is_deleted":true},)"
                             R"({"ref":"moved","is_new":false,"is_deleted":false}])"}));
}

TEST_F(HubContract, N05_AHiddenCommentHasNoContent) {
  const std::string comment = R"(,"comment":{"id":"c","author":{"id":"a"},"url":{"web":"w"},)";

  EXPECT_EQ(read(hub_event({.rest = comment + R"("hidden":true})"})), reading({.hidden = "true"}));
  EXPECT_EQ(read(hub_event({.rest = comment + R"("hidden":false,"content":"hi"})"})),
            reading({.content = "hi", .has_content = "true"}));
}

TEST_F(HubContract, N06_TheHeadCommitComesWithRepoScopes) {
  EXPECT_THAT(read(recorded_event("dataset_push.json")),
              HasSubstr(R"("head":"c379e821c9c95d613899e8c4343e4bfee2b0c600")"));
  EXPECT_THAT(read(recorded_event("discussion_create.json")), HasSubstr(R"("head":"")"));
  EXPECT_THAT(read(recorded_event("bucket_update.json")), HasSubstr(R"("type":"bucket")"));
  EXPECT_THAT(read(recorded_event("bucket_update.json")), HasSubstr(R"("head":"")"));
}

TEST_F(HubContract, AcceptsEveryRecordedEvent) {
  for (const char* name : {"bucket_update", "comment_create", "dataset_push", "discussion_create",
                           "many_refs", "pr_new_ref", "repo_config", "repo_move"}) {
    const auto answer =
        host().post("/webhooks/tolerant", recorded_event(std::string(name) + ".json"));
    EXPECT_EQ(answer.status, 200) << name << answer.body;
  }
}

}  // namespace
}  // namespace hookhost::e2e
