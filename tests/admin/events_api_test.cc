// SPDX-License-Identifier: Apache-2.0
//
// Does each question about events come to the journal as it was meant, and is one that makes no
// sense refused by name?
#include "admin/events_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pages/support/page_exchange.h"
#include "support/fake_journal.h"

namespace hookhost::admin {
namespace {

using namespace std::chrono_literals;
using store::State;
using test::HeaderList;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct EventsReceiver final : Receiver {
  EventsReceiver(store::Journal* journal, Executor& pool) : api(journal, pool) {}
  Task<Response> receive(Exchange& exchange) override { return api.answer(exchange); }
  EventsApi api;
};

class EventsApiTest : public testing::Test {
 protected:
  // The loop is the pool as well.
  test::Answer ask(std::string_view method, std::string_view target, HeaderList headers = {}) {
    EventsReceiver receiver(has_journal_ ? &journal_ : nullptr, loop_);
    test::FakeExchange exchange(
        loop_, {.method = std::string(method), .target = std::string(target), .headers = headers});
    exchange.start(receiver);
    loop_.run_until([&] { return exchange.is_answered(); });
    return test::copy_and_release(exchange.take());
  }
  test::Answer get(std::string_view query) {
    return ask("GET", "/api/v1/events" + std::string(query));
  }
  test::Answer post(std::string_view path) {
    return ask("POST", "/api/v1/events/" + std::string(path), {{"X-Hookhost", "1"}});
  }

  test::FakeClock clock_;
  test::FakeLoop loop_{clock_};
  test::FakeJournal journal_{clock_};
  bool has_journal_ = true;
};

constexpr std::string_view kSeven = "evt_0000000000007";

TEST_F(EventsApiTest, HasItsPathsAndNoOthers) {
  for (const std::string_view path : {"/api/v1/events", "/api/v1/events/", "/api/v1/events/x/body"})
    EXPECT_TRUE(EventsApi::has(path)) << path;
  for (const std::string_view path : {"/api/v1/event", "/api/v1/eventsx", "/api/v1/plugins"})
    EXPECT_FALSE(EventsApi::has(path)) << path;
}

TEST_F(EventsApiTest, ListsEventsWithWhatBecameOfThem) {
  journal_.rows_ = {{.id = 7,
                     .received_at = SystemTime(1'764'000'000s),
                     .route = "retrain",
                     .type = "repo.content:update",
                     .handler = "retrain",
                     .body_bytes = 12,
                     .attempts = 2,
                     .state = State::kReady,
                     .due_at = SystemTime(1'764'000'005s),
                     .error = "out of range",
                     .generation = "retrain.so gen 3"}};
  const auto answer = get("");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"events":[{"id":"evt_0000000000007","received_at":"2025-11-24T16:00:00.000Z",)"
            R"("route":"retrain","type":"repo.content:update","sender_id":"","handler":"retrain",)"
            R"("body_bytes":12,"run":0,"attempts":2,"state":"ready",)"
            R"("due_at":"2025-11-24T16:00:05.000Z","last_attempt_at":null,)"
            R"("error":"out of range","generation":"retrain.so gen 3"}],"before":null})");
  EXPECT_EQ(journal_.asked_.max, 50u);
}

TEST_F(EventsApiTest, EveryParameterReachesTheJournal) {
  get("?state=dead&failed=1&route=a%26b&type=repo&text=x%20y&since_ms=1000&until_ms=2000"
      "&before=evt_0000000000009&limit=3");
  const auto& [filter, before, max] = journal_.asked_;
  EXPECT_EQ(filter.state, State::kDead);
  EXPECT_TRUE(filter.is_failed);
  EXPECT_EQ(filter.route, "a&b");
  EXPECT_EQ(filter.type, "repo");
  EXPECT_EQ(filter.text, "x y");
  EXPECT_EQ(filter.since, SystemTime(1s));
  EXPECT_EQ(filter.until, SystemTime(2s));
  EXPECT_EQ(before, 9u);
  EXPECT_EQ(max, 3u);
}

TEST_F(EventsApiTest, AFullPageSaysWhereTheNextOneBegins) {
  journal_.rows_ = {{.id = 9}, {.id = 7}};
  EXPECT_THAT(get("?limit=2").body, HasSubstr(R"("before":"evt_0000000000007")"));
  EXPECT_THAT(get("?limit=3").body, HasSubstr(R"("before":null)"));
}

TEST_F(EventsApiTest, WhatMakesNoSenseIsRefusedByName) {
  struct Row {
    std::string_view query, words;
  };
  for (const Row& row :
       {Row{"?stat=dead", "unknown parameter; known are state, failed"},
        Row{"?state=died", "state: expected ready, running, done, dead, paused or skipped"},
        Row{"?limit=0", "limit: expected 1 to 500"}, Row{"?limit=501", "limit: expected"},
        Row{"?limit=1x", "limit: expected"}, Row{"?before=7", "before: expected the id"},
        Row{"?since_ms=-1", "since_ms: expected"}, Row{"?failed=yes", "failed: expected 1"},
        Row{"?route=%zz", "route: expected"}, Row{"?text=", "text: expected"}}) {
    const auto answer = get(row.query);
    EXPECT_EQ(answer.status, 422) << row.query;
    EXPECT_THAT(answer.body, HasSubstr(row.words)) << row.query;
  }
}

TEST_F(EventsApiTest, ShowsOneWithItsHeadAndFailedAttempts) {
  journal_.detail_ = store::EventDetail{
      .row = {.id = 7, .state = State::kDead},
      .head = "POST /webhooks/x ::1\n",
      .body = std::string("\0{", 2),
      .attempts = {{.number = 1, .took = 250ms, .error = "boom", .generation = "x.so gen 1"}}};
  const auto answer = get("/" + std::string(kSeven));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("head":"POST /webhooks/x ::1\n")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("took_s":0.25,"error":"boom")"));

  const auto body = get("/" + std::string(kSeven) + "/body");
  EXPECT_EQ(body.body, std::string("\0{", 2));
  EXPECT_EQ(body.content_type, "application/octet-stream");
}

TEST_F(EventsApiTest, ReplaysAndDropsOne) {
  journal_.detail_ = store::EventDetail{.row = {.id = 7}};
  EXPECT_EQ(post(std::string(kSeven) + "/replay").body, R"({"id":"evt_0000000000007"})");
  EXPECT_EQ(post(std::string(kSeven) + "/drop").status, 200);
  EXPECT_THAT(journal_.changes_, ElementsAre("replay 7", "drop 7"));
}

TEST_F(EventsApiTest, AChangeNeedsPostAndMayNotComeFromAnotherPage) {
  journal_.detail_ = store::EventDetail{.row = {.id = 7}};
  const std::string path = "/api/v1/events/" + std::string(kSeven) + "/replay";
  EXPECT_EQ(ask("GET", path).status, 405);
  EXPECT_EQ(ask("POST", path).status, 403);
  EXPECT_EQ(ask("POST", path, {{"X-Hookhost", "1"}, {"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_THAT(journal_.changes_, IsEmpty());
}

TEST_F(EventsApiTest, WhatIsNotThereIs404) {
  EXPECT_EQ(get("/" + std::string(kSeven)).status, 404);
  EXPECT_EQ(get("/7").status, 404);
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/" + std::string(kSeven) + "/head").status, 404);
  EXPECT_EQ(post(std::string(kSeven) + "/replay").status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/events").status, 405);
}

TEST_F(EventsApiTest, WithoutAJournalThereAreNone) {
  has_journal_ = false;
  EXPECT_EQ(get("").status, 404);
  EXPECT_THAT(get("").body, HasSubstr("keeps no journal"));
}

}  // namespace
}  // namespace hookhost::admin
