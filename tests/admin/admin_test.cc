// SPDX-License-Identifier: Apache-2.0
// What do a balancer, a collector and an operator read on the admin listener, and who else may not?
#include "admin/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/fake_orders.h"
#include "pages/support/page_exchange.h"

namespace hookhost::admin {
namespace {

using std::chrono::milliseconds;
using test::Answer;
using test::get;
using test::HeaderList;
using testing::HasSubstr;

class AdminTest : public testing::Test {
 protected:
  HealthSources sources() {
    return {.oldest_tick_age = [this] { return std::chrono::nanoseconds(tick_age_); },
            .endpoint_count = [this] { return endpoints_; },
            .is_draining = [this] { return is_draining_; },
            .ready_checks = {{"journal", [this] { return journal_; }}}};
  }

  milliseconds tick_age_{5};
  std::size_t endpoints_ = 1;
  bool is_draining_ = false;
  Status journal_;
  Health health_{sources()};
  FakeOrders orders_;
  test::FakeClock clock_;
  test::FakeLoop pool_{clock_};
  Admin admin_{{},
               health_,
               [] { return std::string("hookhost_build_info 1\n"); },
               orders_,
               EventsApi(nullptr, pool_),
               clock_};
};

TEST_F(AdminTest, IsAliveWhileTheLoopsTurn) {
  for (const std::string_view path : {"/healthz", "/livez", "/healthz?verbose"}) {
    const Answer answer = get(admin_, path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, R"({"status":"ok"})");
    EXPECT_EQ(answer.content_type, "application/json");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  }
}

TEST_F(AdminTest, IsNotAliveAfterASecondWithoutATick) {
  tick_age_ = milliseconds(999);
  EXPECT_EQ(get(admin_, "/healthz").status, 200);

  tick_age_ = milliseconds(1000);
  EXPECT_EQ(get(admin_, "/healthz").status, 503);
  EXPECT_EQ(get(admin_, "/livez").body, R"({"status":"stalled"})");
}

TEST_F(AdminTest, IsAliveButNotReadyWithoutAnEndpoint) {
  endpoints_ = 0;

  EXPECT_EQ(get(admin_, "/healthz").status, 200);
  const Answer answer = get(admin_, "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body,
            R"({"status":"not ready","checks":{"loops":"ok","endpoints":"no endpoint is loaded",)"
            R"("accepting":"ok","journal":"ok"}})");
}

TEST_F(AdminTest, IsReadyWhenEveryCheckIs) {
  const Answer answer = get(admin_, "/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ready","checks":{"loops":"ok","endpoints":"ok",)"
                         R"("accepting":"ok","journal":"ok"}})");
}

TEST_F(AdminTest, IsNotReadyWhileDrainingOrStalled) {
  is_draining_ = true;
  EXPECT_THAT(get(admin_, "/readyz").body, HasSubstr(R"("accepting":"the host is stopping")"));
  is_draining_ = false;
  tick_age_ = milliseconds(2000);
  EXPECT_EQ(get(admin_, "/readyz").status, 503);
}

TEST_F(AdminTest, ShowsTheReasonOfAFurtherCheck) {
  journal_ = Error{ErrorCode::kUnavailable, "disk \"full\"", ""};
  EXPECT_THAT(get(admin_, "/readyz").body, HasSubstr(R"("journal":"disk \"full\"")"));
}

TEST_F(AdminTest, GivesMetricsAsPrometheusReadsThem) {
  const Answer answer = get(admin_, "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.body, "hookhost_build_info 1\n");
}

TEST_F(AdminTest, ListsItsEndpointsOnAPage) {
  const Answer answer = get(admin_, "/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  for (const std::string_view path : {"/healthz", "/livez", "/readyz", "/metrics"})
    EXPECT_THAT(answer.body, HasSubstr(std::string(path)));
}

TEST_F(AdminTest, AnswersEverythingElseWith404) {
  for (const std::string_view path : {"/nothing", "/healthz/", "//metrics", "/api/v1/events"})
    EXPECT_EQ(get(admin_, path).status, 404) << path;
}

TEST_F(AdminTest, IsReadOnly) {
  for (const std::string_view path : {"/", "/healthz", "/livez", "/readyz", "/metrics"}) {
    const Answer answer = test::ask(admin_, "POST", path);
    EXPECT_EQ(answer.status, 405) << path;
    EXPECT_EQ(answer.header("Allow"), "GET, HEAD");
    EXPECT_EQ(test::ask(admin_, "HEAD", path).status, 200) << path;
  }
}

TEST_F(AdminTest, RefusesAForeignNameOnEveryPath) {
  for (const std::string_view path : {"/", "/healthz", "/metrics", "/nothing"}) {
    const Answer answer = get(admin_, path, {{"Host", "evil.example:7861"}});
    EXPECT_EQ(answer.status, 421) << path;
    EXPECT_EQ(answer.body, R"({"detail":"Misdirected Request"})");
    EXPECT_EQ(get(admin_, path, {{"host", "localhost:7861"}}).status,
              path == "/nothing" ? 404 : 200);
  }
}

// ---- With a token

class TokenTest : public AdminTest {
 protected:
  static HeaderList bearer(std::string token) {
    return {{"Authorization", "Bearer " + std::move(token)}};
  }
  const auth::Credential tokens_[1] = {auth::Credential(Secret("0123456789abcdef"))};
  Admin guarded_{{.hosts = {}, .tokens = tokens_},
                 health_,
                 [] { return std::string("hookhost_build_info 1\n"); },
                 orders_,
                 EventsApi(nullptr, pool_),
                 clock_};
};

TEST_F(TokenTest, EverythingButTheHealthChecksWantsIt) {
  for (const std::string_view path : {"/", "/metrics", "/api/v1/plugins"}) {
    const Answer answer = get(guarded_, path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.header("WWW-Authenticate"), R"(Bearer realm="hookhost admin")");
    EXPECT_EQ(get(guarded_, path, bearer("0123456789abcdef")).status, 200) << path;
  }
  for (const std::string_view path : {"/healthz", "/livez", "/readyz"})
    EXPECT_EQ(get(guarded_, path).status, 200) << path;
}

TEST_F(TokenTest, EventsWantItBeforeTheySayThatThereAreNone) {
  EXPECT_EQ(get(guarded_, "/api/v1/events").status, 401);
  EXPECT_EQ(get(guarded_, "/api/v1/events", bearer("0123456789abcdef")).status, 404);
}

TEST_F(TokenTest, OtherFormsOfATokenAreNone) {
  const HeaderList forms[] = {{{"Authorization", "Basic 0123456789abcdef"}},
                              {{"Authorization", "Digest 0123456789abcdef"}},
                              {{"Authorization", "0123456789abcdef"}},
                              {{"Authorization", "Bearer "}},
                              {{"Cookie", "token=0123456789abcdef"}}};
  for (const HeaderList& headers : forms) EXPECT_EQ(get(guarded_, "/metrics", headers).status, 401);
  EXPECT_EQ(get(guarded_, "/metrics?token=0123456789abcdef").status, 401);
}

TEST_F(TokenTest, WhoGuessesIsSlowedDown) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(guarded_, "/", bearer("wrong")).status, 401) << i;
  const Answer answer = get(guarded_, "/", bearer("0123456789abcdef"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  clock_.advance(milliseconds(999));
  EXPECT_EQ(get(guarded_, "/", bearer("0123456789abcdef")).status, 429);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(get(guarded_, "/", bearer("0123456789abcdef")).status, 200);
}

TEST_F(TokenTest, OneRightTokenEndsARowOfWrongOnes) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(get(guarded_, "/", bearer("wrong")).status, 401);
    EXPECT_EQ(get(guarded_, "/", bearer("0123456789abcdef")).status, 200);
  }
}

}  // namespace
}  // namespace hookhost::admin
