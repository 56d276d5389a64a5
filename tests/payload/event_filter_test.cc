// SPDX-License-Identifier: Apache-2.0
//
// Which events does a filter let through, and what is said about one that is none?
#include "payload/event_filter.h"

#include <gmock/gmock.h>
#include <hookhost/str.h>

#include <string>

namespace hookhost::payload {
namespace {

using testing::HasSubstr;

TEST(EventFilter, WantsEverythingWhenEmpty) {
  EXPECT_TRUE(filter_matches("", "repo", "create"));
  EXPECT_TRUE(filter_matches("  ", "", ""));
  EXPECT_TRUE(filter_matches("*", "anything.at.all", "create"));
}

TEST(EventFilter, WantsTheActionOnTheVeryScope) {
  EXPECT_TRUE(filter_matches("repo.content:update", "repo.content", "update"));
  EXPECT_FALSE(filter_matches("repo.content:update", "repo.content", "delete"));
  EXPECT_FALSE(filter_matches("repo.content:update", "repo", "update"));
  EXPECT_FALSE(filter_matches("repo.content:update", "repo.contents", "update"));
  EXPECT_FALSE(filter_matches("repo.content:update", "repo.conten", "update"));
}

TEST(EventFilter, CountsANarrowerScopeAsAnUpdateN02) {
  EXPECT_TRUE(filter_matches("repo.config:update", "repo.config.dois", "create"));
  EXPECT_FALSE(filter_matches("repo.config:create", "repo.config.dois", "create"));
  EXPECT_FALSE(filter_matches("repo.config:update", "repo.configuration", "update"));
}

TEST(EventFilter, WantsAnyActionWithoutOne) {
  for (const char* filter : {"discussion", "discussion.*"}) {
    EXPECT_TRUE(filter_matches(filter, "discussion", "create")) << filter;
    EXPECT_TRUE(filter_matches(filter, "discussion.comment", "delete")) << filter;
    EXPECT_FALSE(filter_matches(filter, "discussions", "create")) << filter;
    EXPECT_FALSE(filter_matches(filter, "repo", "create")) << filter;
  }
}

TEST(EventFilter, TakesTheActionAsSentBehindAStar) {
  EXPECT_TRUE(filter_matches("discussion.*:create", "discussion.comment", "create"));
  EXPECT_TRUE(filter_matches("discussion.*:create", "discussion", "create"));
  EXPECT_FALSE(filter_matches("discussion.*:update", "discussion.comment", "create"));
  EXPECT_TRUE(filter_matches("*:delete", "repo", "delete"));
  EXPECT_FALSE(filter_matches("*:delete", "repo", "create"));
}

TEST(EventFilter, WantsWhatOneOfItsItemsWants) {
  const char* const kFilter = "repo.content:update, discussion.*\t,repo:create";
  EXPECT_TRUE(filter_matches(kFilter, "repo.content", "update"));
  EXPECT_TRUE(filter_matches(kFilter, "discussion.comment", "create"));
  EXPECT_TRUE(filter_matches(kFilter, "repo", "create"));
  EXPECT_FALSE(filter_matches(kFilter, "repo", "delete"));
}

TEST(EventFilter, AgreesWithTheSdkAboutScopeAndAction) {
  const auto str = [](const std::string& text) {
    return hookhost_str_of(text.data(), text.size());
  };
  const std::string scopes[] = {
      "repo", "repo.content", "repo.config", "repo.config.dois", "discussion", "discussion.comment",
      "x"};
  const std::string actions[] = {"create", "update", "delete", "move"};
  for (const std::string& scope : scopes) {
    for (const std::string& action : actions) {
      hookhost_event event{};
      event.scope = str(scope);
      event.action = str(action);
      for (const std::string& wanted_scope : scopes) {
        for (const std::string& wanted : actions) {
          EXPECT_EQ(filter_matches(wanted_scope + ":" + wanted, scope, action),
                    hookhost_event_is(&event, str(wanted_scope), str(wanted)) == 1)
              << wanted_scope << ":" << wanted << " for " << scope << " " << action;
        }
      }
    }
  }
}

TEST(EventFilter, IsValidWhenEachItemIs) {
  for (const char* filter : {"", "*", "*:create", "repo", "repo.*", "repo.content:update",
                             "repo.content:update,discussion.*", " repo , discussion "}) {
    EXPECT_TRUE(validate_filter(filter).has_value()) << filter;
  }
}

TEST(EventFilter, SaysWhichItemIsWrong) {
  for (const char* filter :
       {"repo.content:", "repo..content", ".repo", "repo.", "re po", "repo:a:b", "repo.*.x", "**",
        "repo:*", "repo;discussion", "r\u00e9po"}) {
    const auto status = validate_filter(filter);
    ASSERT_FALSE(status.has_value()) << filter;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(status.error().message, HasSubstr(filter));
    EXPECT_FALSE(filter_matches(filter, "repo", "create")) << filter;
  }
  for (const char* filter : {",", "repo,", ",repo", "repo,,discussion"}) {
    const auto status = validate_filter(filter);
    ASSERT_FALSE(status.has_value()) << filter;
    EXPECT_THAT(status.error().message, HasSubstr("empty"));
  }
  EXPECT_EQ(validate_filter("repo.content:update, bad scope").error().message,
            "event filter: \"bad scope\" is not scope, scope.*, scope:action or *");
  EXPECT_THAT(validate_filter("x y").error().fix, HasSubstr("repo.content:update"));
}

}  // namespace
}  // namespace hookhost::payload
