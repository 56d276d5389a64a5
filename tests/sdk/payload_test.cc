// SPDX-License-Identifier: Apache-2.0
//
// Does the view show everything the Hub sends, and is everything else absent instead of a crash?
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <functional>
#include <string>
#include <utility>

namespace hookhost {
namespace {

// Runs a check inside a handler, where the views are valid.
std::function<void(const Payload&, const Request&)> check;
void with_payload(const Payload& payload, const Request& request) { check(payload, request); }
void with_request(const Request& request) { check(Payload(), request); }

void on_payload(std::string body,
                std::function<void(const Payload&, const Request&)> expectations) {
  check = std::move(expectations);
  EXPECT_EQ(test::post(with_payload, std::move(body)).status, 200);
}
void on_request(test::PostOptions options, std::function<void(const Request&)> expectations) {
  check = [&](const Payload&, const Request& request) { expectations(request); };
  EXPECT_EQ(test::post(with_request, "body", std::move(options)).status, 200);
}

constexpr const char* kFull = R"({
  "event": {"action": "update", "scope": "repo.content"},
  "repo": {"type": "space", "name": "user/app", "id": "r1", "headSha": "abc", "head_sha": "old",
           "private": true, "subdomain": "user-app", "owner": {"id": "o1"}, "tags": ["a", "b\n"],
           "url": {"web": "w", "api": "p"}, "likes": 12},
  "discussion": {"id": "d1", "title": "T", "url": {"web": "dw"}, "status": "merged", "num": 19,
                 "author": {"id": "a1"}, "isPullRequest": true, "pinned": true,
                 "changes": {"base": "refs/heads/main", "mergeCommitId": "m1"}, "extra": 1},
  "comment": {"id": "c1", "author": {"id": "a2"}, "content": "hi", "hidden": false, "url": {"web": "cw"}},
  "webhook": {"id": "w1", "version": 3},
  "movedTo": {"name": "user/new", "owner": {"id": "o2"}},
  "updatedRefs": [{"ref": "refs/heads/main", "oldSha": "1", "newSha": "2"}, {"ref": "refs/tags/x", "oldSha": null, "newSha": "3"}],
  "updatedConfig": {"private": false}, "updatedFiles": [{"path": "x"}], "updatedFilesTruncated": true})";

TEST(Payload, ShowsAllTheHubSends) {
  on_payload(kFull, [](const Payload& p, const Request&) {
    EXPECT_EQ(p.event.action_code, Event::Action::kUpdate);
    EXPECT_EQ(p.repo.type_code, Repo::Type::kSpace);
    EXPECT_EQ(p.repo.name, "user/app");
    EXPECT_EQ(p.repo.head_sha, "abc");
    EXPECT_EQ(p.repo.subdomain, "user-app");
    EXPECT_EQ(p.repo.owner_id, "o1");
    EXPECT_EQ(p.repo.url.api, "p");
    EXPECT_TRUE(p.repo.is_private);
    ASSERT_EQ(p.repo.tags.size(), 2u);
    EXPECT_EQ(p.repo.tags[1], "b\n");
    EXPECT_EQ(p.repo["likes"].get_or(0), 12);
    ASSERT_TRUE(p.discussion);
    EXPECT_EQ(p.discussion.num, 19);
    EXPECT_EQ(p.discussion.status_code, Discussion::Status::kMerged);
    EXPECT_TRUE(p.discussion.is_pull_request);
    EXPECT_TRUE(p.discussion.is_pinned);
    EXPECT_EQ(p.discussion.base_ref, "refs/heads/main");
    EXPECT_EQ(p.discussion.merge_commit_id, "m1");
    EXPECT_EQ(p.discussion["extra"].get_or(0), 1);
    ASSERT_TRUE(p.comment);
    EXPECT_EQ(p.comment.content, "hi");
    EXPECT_EQ(p.comment.author_id, "a2");
    EXPECT_EQ(p.webhook.version, 3);
    ASSERT_TRUE(p.moved_to);
    EXPECT_EQ(p.moved_to.owner_id, "o2");
    ASSERT_EQ(p.updated_refs.size(), 2u);
    EXPECT_EQ(p.updated_refs[0].new_sha, "2");
    EXPECT_FALSE(p.updated_refs[1].old_sha.present());
    EXPECT_EQ(p.updated_config["private"].as<bool>(), false);
    EXPECT_EQ(p.updated_files[0]["path"].get_or(""), "x");
    EXPECT_TRUE(p.updated_files_truncated);
  });
}

TEST(Payload, IsEmptyWhereNothingWasSent) {
  on_payload(test::hub_event(), [](const Payload& p, const Request&) {
    EXPECT_FALSE(p.discussion);
    EXPECT_EQ(p.discussion.title, "");
    EXPECT_FALSE(p.comment);
    EXPECT_FALSE(p.comment.content.present());
    EXPECT_FALSE(p.comment["x"]);
    EXPECT_FALSE(p.moved_to);
    EXPECT_TRUE(p.updated_refs.empty());
    EXPECT_FALSE(p.updated_config);
    EXPECT_FALSE(p["nothing"]["here"]);
  });
}

TEST(Payload, KeepsTheTextOfUnknownValues) {
  on_payload(R"({"event":{"action":"burn","scope":"repo"},"repo":{"type":"kernel"}})",
             [](const Payload& p, const Request&) {
               EXPECT_EQ(p.event.action_code, Event::Action::kOther);
               EXPECT_EQ(p.event.action, "burn");
               EXPECT_EQ(p.repo.type_code, Repo::Type::kOther);
               EXPECT_EQ(p.repo.type, "kernel");
             });
}

TEST(Event, FollowsTheHubsNarrowingRule) {
  Event event;
  event.scope = std::string_view("repo.content");
  event.action = std::string_view("create");
  EXPECT_TRUE(event.is("repo.content", "create"));
  EXPECT_FALSE(event.is("repo.content", "update"));
  EXPECT_TRUE(event.is("repo", "update"));
  EXPECT_FALSE(event.is("repo", "create"));
  EXPECT_FALSE(event.is("rep", "update"));
  EXPECT_FALSE(event.is("repo.content.x", "update"));
}

TEST(Request, FindsHeadersInAnyCase) {
  on_request({.headers = {{"X-Thing", "1"}, {"x-thing", "2"}}, .delivery_id = "d-1"},
             [](const Request& r) {
               EXPECT_EQ(r.header("x-THING"), "1");
               EXPECT_FALSE(r.header("X-Thin").present());
               EXPECT_EQ(r.headers.size(), 2u);
               EXPECT_EQ(r.delivery_id, "d-1");
             });
}

// F09: ?dry=1
TEST(Request, DecodesItsQuery) {
  on_request(
      {.query = "dry&team=a%20b+c&team=second&bad=%zz%4&e=&na%6De=x%2By"}, [](const Request& r) {
        EXPECT_TRUE(r.query("dry").present());
        EXPECT_EQ(r.query("dry"), "");
        EXPECT_EQ(r.query("team"), "a b c");
        EXPECT_EQ(r.query("bad"), "%zz%4");
        EXPECT_TRUE(r.query("e").present());
        EXPECT_EQ(r.query("name"), "x+y");
        EXPECT_FALSE(r.query("other").present());
        EXPECT_EQ(r.target,
                  "/webhooks/function?dry&team=a%20b+c&team=second&bad=%zz%4&e=&na%6De=x%2By");
        EXPECT_EQ(r.path, "/webhooks/function");
      });
  on_request({}, [](const Request& r) {
    EXPECT_FALSE(r.query_string.present());
    EXPECT_FALSE(r.query("dry").present());
  });
}

// F04
TEST(Request, ShowsTheMessage) {
  on_request({.params = {{"team", "blue"}}, .event_id = "evt_1", .attempt = 3, .is_replayed = true},
             [](const Request& r) {
               EXPECT_EQ(r.method, "POST");
               EXPECT_EQ(r.body, "body");
               EXPECT_EQ(r.param("team"), "blue");
               EXPECT_FALSE(r.param("other").present());
               EXPECT_EQ(r.event_id, "evt_1");
               EXPECT_EQ(r.attempt, 3u);
               EXPECT_TRUE(r.is_replayed);
               EXPECT_FALSE(r.delivery_id.present());
               EXPECT_FALSE(r.json);
             });
}

}  // namespace
}  // namespace hookhost
