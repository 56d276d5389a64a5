// SPDX-License-Identifier: Apache-2.0
// Are embedded files served as they are, and is a browser told the truth about its copies?
#include "pages/static_files.h"

#include <gtest/gtest.h>

#include "pages/content_security_policy.h"
#include "pages/embedded_ui.h"
#include "pages/support/page_exchange.h"

namespace hookhost::pages {
namespace {

using test::Answer;

constexpr EmbeddedFile kFiles[] = {
    {"app.js", false, "let a = 1;", "\"plain\"", "packed", "\"gzip\""},
    {"dot.svg", false, "<svg/>", "\"svg\"", {}, {}},
    {"page.html", true, "<p>", "\"page\"", "packed page", "\"page-gzip\""},
};
constexpr EmbeddedTree kTree{"/a/1234/", kFiles};
constexpr StaticPage kPages[] = {{"/page", "page.html"}, {"/icon", "dot.svg"}};

class StaticFilesTest : public testing::Test {
 protected:
  Answer ask(std::string_view method, std::string_view path, std::vector<Header> headers = {}) {
    RequestHead head;
    head.method = method;
    head.headers = headers;
    const StaticFiles::Entry* entry = files_.find(path);
    return entry == nullptr ? Answer{} : test::copy_and_release(files_.answer(*entry, head));
  }
  StaticFiles files_{kTree, kPageCsp, kPages};
};

TEST_F(StaticFilesTest, ServesAnAssetBelowTheHashForEver) {
  const Answer answer = ask("GET", "/a/1234/app.js");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "let a = 1;");
  EXPECT_EQ(answer.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.header("ETag"), "\"plain\"");
  EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
  EXPECT_EQ(answer.header("Content-Encoding"), "");
  EXPECT_EQ(answer.kind, ResponseKind::kPage);
}

TEST_F(StaticFilesTest, ServesAPageThatIsAskedForAgain) {
  const Answer answer = ask("GET", "/page");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
  EXPECT_EQ(answer.header("Content-Security-Policy"), kPageCsp);
}

TEST_F(StaticFilesTest, TakesTheBytesFromTheBinaryWithoutACopy) {
  EXPECT_EQ(ask("GET", "/a/1234/app.js").body_data, kFiles[0].bytes.data());
}

TEST_F(StaticFilesTest, SendsGzipWithAnEtagOfItsOwn) {
  const Answer answer = ask("GET", "/a/1234/app.js", {{"Accept-Encoding", "gzip, br"}});

  EXPECT_EQ(answer.body, "packed");
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(answer.header("ETag"), "\"gzip\"");
  EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
}

TEST_F(StaticFilesTest, SendsPlainBytesWhereGzipWouldNotHelp) {
  const Answer answer = ask("GET", "/icon", {{"Accept-Encoding", "gzip"}});

  EXPECT_EQ(answer.body, "<svg/>");
  EXPECT_EQ(answer.header("Content-Encoding"), "");
  EXPECT_EQ(answer.header("ETag"), "\"svg\"");
}

TEST_F(StaticFilesTest, Answers304ForTheCopyOfTheSameEncodingOnly) {
  const Answer same = ask("GET", "/page", {{"If-None-Match", "\"x\", \"page\""}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.content_type, "");
  EXPECT_EQ(same.header("ETag"), "\"page\"");
  EXPECT_EQ(same.header("Vary"), "Accept-Encoding");
  EXPECT_EQ(same.header("Cache-Control"), "no-cache");

  const Answer other =
      ask("GET", "/page", {{"If-None-Match", "\"page\""}, {"Accept-Encoding", "gzip"}});
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(ask("GET", "/page", {{"If-None-Match", "*"}}).status, 304);
}

TEST_F(StaticFilesTest, TellsHeadTheSameAsGet) {
  const Answer answer = ask("HEAD", "/page");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("ETag"), "\"page\"");
  EXPECT_EQ(answer.body, "<p>");  // the door leaves it away and keeps its length
}

TEST_F(StaticFilesTest, RefusesOtherMethods) {
  for (const std::string_view method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    const Answer answer = ask(method, "/page");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("Allow"), "GET, HEAD");
    EXPECT_EQ(answer.body, R"({"detail":"Method Not Allowed"})");
  }
}

TEST_F(StaticFilesTest, FindsNothingElse) {
  for (const std::string_view path :
       {"/a/1234/page.html", "/a/1235/app.js", "/a/1234/", "/a/1234/../app.js", "/page/", "//page",
        "/a/1234/app%2ejs", "/Page", ""}) {
    EXPECT_EQ(files_.find(path), nullptr) << path;
  }
}

TEST(EmbeddedUi, HoldsWhatThePagesName) {
  const EmbeddedTree& tree = embedded_pages_ui();

  EXPECT_EQ(tree.asset_prefix.size(), std::string_view("/a/0123456789abcdef/").size());
  for (const EmbeddedFile& file : tree.files) {
    EXPECT_FALSE(file.bytes.empty()) << file.name;
    EXPECT_NE(file.etag, file.gzip_etag) << file.name;
    EXPECT_LT(file.gzip_bytes.size(), file.bytes.size()) << file.name;
    if (!file.gzip_bytes.empty()) {
      // RFC 1952: magic number, deflate, and no flags and no time: reproducible.
      EXPECT_EQ(file.gzip_bytes.substr(0, 8), std::string_view("\x1f\x8b\x08\0\0\0\0\0", 8));
    }
    if (file.is_page) {
      EXPECT_EQ(file.bytes.find("@ASSETS@"), std::string_view::npos) << file.name;
      EXPECT_NE(file.bytes.find(tree.asset_prefix.substr(1)), std::string_view::npos) << file.name;
    }
  }
}

TEST(EmbeddedUi, FitsItsBudget) {
  constexpr std::size_t kGzipBytesMax = 40 * 1024;  // the pages without the dashboard
  std::size_t bytes = 0;
  for (const EmbeddedFile& file : embedded_pages_ui().files) bytes += file.gzip_bytes.size();
  EXPECT_LT(bytes, kGzipBytesMax);
}

}  // namespace
}  // namespace hookhost::pages
