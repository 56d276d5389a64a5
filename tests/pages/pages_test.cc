// SPDX-License-Identifier: Apache-2.0
// Request in, response out: which path gives which page?
#include "pages/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "pages/content_security_policy.h"
#include "pages/support/page_exchange.h"
#include "pages/support/routes.h"

namespace hookhost::pages {
namespace {

using test::Answer;
using test::get;
using test::route;
using test::table;
using testing::HasSubstr;
using testing::Not;

class PagesTest : public testing::Test {
 protected:
  routing::PublishedTable published_{table({route("a", "/webhooks/a")})};
  Pages pages_{{.version = "0.1.0"}, published_};
};

TEST_F(PagesTest, ServesTheLandingPage) {
  const Answer answer = get(pages_, "/");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(answer.kind, ResponseKind::kPage);
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
  EXPECT_EQ(answer.header("Content-Security-Policy"), kPageCsp);
  EXPECT_THAT(answer.body, HasSubstr("/webhooks/a"));
}

TEST_F(PagesTest, ServesOpenApiWithoutASecretForRowH04AndA08) {
  const Answer answer = get(pages_, "/openapi.json?x=1");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_THAT(answer.body, HasSubstr("\"/webhooks/a\":{\"post\""));
}

TEST_F(PagesTest, ServesDocsForRowH05AndNoRedoc) {
  EXPECT_EQ(get(pages_, "/docs").status, 200);
  EXPECT_EQ(get(pages_, "/docs/").status, 307);
  EXPECT_EQ(get(pages_, "/docs/").header("Location"), "/docs");
  const Answer redoc = get(pages_, "/redoc");
  EXPECT_EQ(redoc.status, 404);
  EXPECT_EQ(redoc.body, R"({"detail":"Not Found"})");
}

TEST_F(PagesTest, ServesTheAssetsThatDocsNames) {
  const std::string docs = get(pages_, "/docs").body;
  const std::size_t start = docs.find("a/", docs.find("stylesheet"));
  const std::string asset = "/" + docs.substr(start, docs.find('"', start) - start);

  EXPECT_EQ(get(pages_, asset).status, 200) << asset;
  EXPECT_EQ(get(pages_, "/favicon.ico").content_type, "image/svg+xml");
}

TEST_F(PagesTest, AnswersEverythingElseWith404ForRowH01) {
  for (const std::string_view path :
       {"/nothing", "/webhooks", "/DOCS", "//docs", "/docs%2f", "/../etc/passwd", "/%2e%2e/x", "*",
        "/index.html", "/a/", "/openapi.json/", "/hub_schemas.json"}) {
    const Answer answer = get(pages_, path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, R"({"detail":"Not Found"})");
    EXPECT_EQ(answer.content_type, "application/json");
  }
  EXPECT_EQ(test::ask(pages_, "POST", "/nothing").status, 404);
}

TEST_F(PagesTest, RefusesOtherMethods) {
  for (const std::string_view path : {"/", "/docs", "/openapi.json"}) {
    const Answer answer = test::ask(pages_, "POST", path);
    EXPECT_EQ(answer.status, 405) << path;
    EXPECT_EQ(answer.header("Allow"), "GET, HEAD");
    EXPECT_EQ(test::ask(pages_, "HEAD", path).status, 200) << path;
  }
}

TEST_F(PagesTest, Answers304UntilTheTableChanges) {
  for (const std::string_view path : {"/", "/openapi.json"}) {
    const std::string etag = get(pages_, path).header("ETag");
    const Answer same = get(pages_, path, {{"If-None-Match", etag}});
    EXPECT_EQ(same.status, 304) << path;
    EXPECT_EQ(same.header("ETag"), etag);
    EXPECT_EQ(same.body, "");
  }

  const std::string etag = get(pages_, "/openapi.json").header("ETag");
  published_.publish(table({route("b", "/webhooks/b")}));

  const Answer changed = get(pages_, "/openapi.json", {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_THAT(changed.body, HasSubstr("/webhooks/b"));
  EXPECT_THAT(changed.body, Not(HasSubstr("/webhooks/a")));
}

TEST_F(PagesTest, BuildsOncePerTableAndSharesTheBytes) {
  EXPECT_EQ(get(pages_, "/openapi.json").body_data, get(pages_, "/openapi.json").body_data);
}

TEST_F(PagesTest, DoesNotKeepATableThatServesNoMore) {
  auto first = table({route("first", "/webhooks/first")});
  const std::weak_ptr<const routing::RouteTable> watched = first;
  published_.publish(std::move(first));
  EXPECT_THAT(get(pages_, "/").body, HasSubstr("/webhooks/first"));

  published_.publish(table({}));

  EXPECT_TRUE(watched.expired());
}

TEST_F(PagesTest, KeepsTheBytesOfAnAnswerThatIsStillBeingWritten) {
  test::PageExchange page("GET", "/openapi.json");
  page.exchange.start(pages_);
  const Response response = page.finish();

  published_.publish(table({}));
  get(pages_, "/openapi.json");

  EXPECT_THAT(test::copy_and_release(response).body, HasSubstr("/webhooks/a"));
}

TEST_F(PagesTest, ServesManyLoopsWhileTablesChange) {
  constexpr int kLoops = 3;
  constexpr int kTables = 200;
  std::atomic<bool> is_over = false;
  std::vector<std::thread> loops;
  for (int i = 0; i < kLoops; ++i) {
    loops.emplace_back([&] {
      while (!is_over) {
        const std::string body = get(pages_, "/openapi.json").body;
        ASSERT_THAT(body, HasSubstr("\"/webhooks/"));
        ASSERT_TRUE(body.ends_with("}"));
      }
    });
  }

  for (int i = 0; i < kTables; ++i)
    published_.publish(table({route("r", "/webhooks/r" + std::to_string(i))}));

  is_over = true;
  for (std::thread& loop : loops) loop.join();
  EXPECT_THAT(get(pages_, "/").body, HasSubstr("/webhooks/r199"));
}

TEST_F(PagesTest, LetsASpaceShowItInItsFrameForRowU07) {
  Pages pages({.version = "1", .on_space = true}, published_);

  for (const std::string_view path : {"/", "/docs"}) {
    EXPECT_EQ(get(pages, path).header("Content-Security-Policy"), kSpacePageCsp) << path;
    EXPECT_THAT(std::string(kSpacePageCsp),
                HasSubstr("frame-ancestors 'self' https://huggingface.co"));
  }
  EXPECT_THAT(get(pages, "/").body, HasSubstr("running on a Space"));
  EXPECT_THAT(std::string(kPageCsp), HasSubstr("frame-ancestors 'none'"));
}

}  // namespace
}  // namespace hookhost::pages
