// SPDX-License-Identifier: Apache-2.0
// Does --ui DIR (row U10) serve the folder, and nothing that is not in it?
#include "pages/user_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "pages/content_security_policy.h"
#include "pages/pages.h"
#include "pages/support/page_exchange.h"
#include "pages/support/routes.h"
#include "support/temp_dir.h"

namespace hookhost::pages {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::get;
using testing::HasSubstr;

class UserFolderTest : public testing::Test {
 protected:
  UserFolderTest() {
    write("index.html", "<h1>mine</h1>");
    write("app.js", "let a;");
    write("caf\xc3\xa9 x.txt", "accent");
    write("sub/index.html", "below");
    write(".env", "SECRET=1");
    write(".git/config", "[core]");
    fs::create_directories(outside() / "deep");
    std::ofstream(outside() / "secret.txt") << "outside";
  }
  fs::path root() const { return dir_.path() / "ui"; }
  fs::path outside() const { return dir_.path() / "outside"; }
  void write(const std::string& name, std::string_view text) {
    const fs::path path = root() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::shared_ptr<UserFolder> open(UserFolderOptions options = {}) {
    options.folder = root();
    auto opened = UserFolder::open(std::move(options));
    HOOKHOST_CHECK(opened.has_value());
    return *std::move(opened);
  }

  test::TempDir dir_;
};

TEST_F(UserFolderTest, ServesItsFiles) {
  const auto folder = open();

  const Answer index = get(*folder, "/");
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.body, "<h1>mine</h1>");
  EXPECT_EQ(index.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(index.header("Content-Security-Policy"), kPageCsp);
  EXPECT_EQ(index.header("Cache-Control"), "no-cache");
  EXPECT_EQ(get(*folder, "/app.js?v=2").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get(*folder, "/caf%C3%A9%20x.txt").body, "accent");
  EXPECT_EQ(test::ask(*folder, "HEAD", "/app.js").status, 200);
}

TEST_F(UserFolderTest, ServesTheIndexOfAFolderBelow) {
  const auto folder = open();

  EXPECT_EQ(get(*folder, "/sub/").body, "below");
  const Answer redirect = get(*folder, "/sub");
  EXPECT_EQ(redirect.status, 301);
  EXPECT_EQ(redirect.header("Location"), "/sub/");
  fs::create_directories(root() / "empty");
  EXPECT_EQ(get(*folder, "/empty/").status, 404);
}

TEST_F(UserFolderTest, ServesNothingOutside) {
  const auto folder = open();
  fs::create_symlink(outside() / "secret.txt", root() / "absolute.txt");
  fs::create_symlink("../outside/secret.txt", root() / "relative.txt");
  fs::create_symlink(outside(), root() / "folder");
  fs::create_symlink("/proc/self/root", root() / "magic");

  for (const std::string_view path :
       {"/../outside/secret.txt", "/%2e%2e/outside/secret.txt", "/sub/../../outside/secret.txt",
        "/sub/%2e%2e/index.html", "/..%2foutside%2fsecret.txt", "/%252e%252e/outside/secret.txt",
        "/..%5coutside%5csecret.txt", "//etc/passwd", "/sub//index.html", "/index.html%00.txt",
        "/./index.html", "/absolute.txt", "/relative.txt", "/folder/secret.txt",
        "/magic/etc/passwd", "index.html", "/app.js/", "/app.js/x"}) {
    const Answer answer = get(*folder, path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, R"({"detail":"Not Found"})") << path;
  }
}

TEST_F(UserFolderTest, FollowsALinkThatStaysInside) {
  const auto folder = open();
  fs::create_symlink("app.js", root() / "alias.js");

  EXPECT_EQ(get(*folder, "/alias.js").body, "let a;");
}

TEST_F(UserFolderTest, HidesDotFiles) {
  const auto folder = open();

  for (const std::string_view path : {"/.env", "/%2eenv", "/.git/config", "/sub/.hidden", "/."})
    EXPECT_EQ(get(*folder, path).status, 404) << path;
}

TEST_F(UserFolderTest, RefusesABadEncoding) {
  const auto folder = open();
  EXPECT_EQ(get(*folder, "/%zz").status, 400);
  EXPECT_EQ(get(*folder, "/%").status, 400);
}

TEST_F(UserFolderTest, ServesRegularFilesOnly) {
  const auto folder = open();
  ASSERT_EQ(::mkfifo((root() / "pipe").c_str(), 0600), 0);

  EXPECT_EQ(get(*folder, "/pipe").status, 404);
}

TEST_F(UserFolderTest, RefusesAFileOverTheLimit) {
  const auto folder = open({.file_bytes_max = 6});

  EXPECT_EQ(get(*folder, "/app.js").status, 200);  // 6 bytes
  EXPECT_EQ(get(*folder, "/index.html").status, 500);
}

TEST_F(UserFolderTest, ShowsAChangedFileAtOnce) {
  const auto folder = open();
  const std::string etag = get(*folder, "/app.js").header("ETag");
  EXPECT_EQ(get(*folder, "/app.js", {{"If-None-Match", etag}}).status, 304);

  write("app.js", "let b = 2;");

  const Answer changed = get(*folder, "/app.js", {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "let b = 2;");
}

TEST_F(UserFolderTest, SharesTheBytesOfAFileThatIsBeingSent) {
  const auto folder = open();
  test::PageExchange first("GET", "/app.js"), second("GET", "/app.js");
  first.exchange.start(*folder);
  second.exchange.start(*folder);
  Response one = first.finish();
  Response two = second.finish();

  EXPECT_EQ(one.chunks[0].bytes.data(), two.chunks[0].bytes.data());

  release_chunks(one);
  EXPECT_EQ(two.chunks[0].bytes, "let a;");
  release_chunks(two);
}

TEST_F(UserFolderTest, RefusesOtherMethods) {
  const auto folder = open();
  EXPECT_EQ(test::ask(*folder, "POST", "/app.js").status, 405);
  EXPECT_EQ(test::ask(*folder, "POST", "/nothing").status, 404);
}

TEST_F(UserFolderTest, TakesAnotherPolicyFromTheUser) {
  const auto folder = open({.csp = "default-src 'self'"});
  EXPECT_EQ(get(*folder, "/").header("Content-Security-Policy"), "default-src 'self'");
}

TEST_F(UserFolderTest, LetsGoOfARequestThatEndsWhileItWaits) {
  const auto folder = open();
  test::PageExchange gone("GET", "/app.js");
  gone.exchange.start(*folder);
  gone.exchange.end();
  // Another one through the same thread: what was before it is over then. The abandoned job was
  // dropped there, or is in the loop and finds that nobody waits.
  EXPECT_EQ(get(*folder, "/app.js").status, 200);
  gone.loop.run();

  EXPECT_FALSE(gone.exchange.is_answered());
  for (std::size_t i = 0; i < 2 * DiskReader::kJobsMax; ++i)
    ASSERT_EQ(get(*folder, "/app.js").status, 200);
}

TEST_F(UserFolderTest, TellsABrowserToComeBackWhenTooManyWait) {
  const auto folder = open();
  std::vector<std::unique_ptr<test::PageExchange>> waiting;
  for (std::size_t i = 0; i < DiskReader::kJobsMax; ++i) {
    waiting.push_back(std::make_unique<test::PageExchange>("GET", "/app.js"));
    waiting.back()->exchange.start(*folder);
  }

  EXPECT_EQ(get(*folder, "/app.js").status, 503);

  for (const auto& page : waiting) EXPECT_EQ(test::copy_and_release(page->finish()).status, 200);
  EXPECT_EQ(get(*folder, "/app.js").status, 200);
}

TEST_F(UserFolderTest, SaysWhyAFolderCannotBeServed) {
  const auto missing = UserFolder::open({.folder = root() / "nothing"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("ui folder \"" + (root() / "nothing").string()));

  const auto file = UserFolder::open({.folder = root() / "app.js"});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kInvalid);
}

TEST_F(UserFolderTest, StandsInThePlaceOfTheLandingPageForRowU10) {
  routing::PublishedTable published{test::table({test::route("a", "/webhooks/a")})};
  Pages pages({.version = "1", .user_folder = open()}, published);

  EXPECT_EQ(get(pages, "/").body, "<h1>mine</h1>");
  EXPECT_EQ(get(pages, "/nothing").status, 404);
  EXPECT_THAT(get(pages, "/docs").body, HasSubstr("docs.js"));
  EXPECT_THAT(get(pages, "/openapi.json").body, HasSubstr("/webhooks/a"));
  EXPECT_EQ(get(pages, "/favicon.ico").content_type, "image/svg+xml");

  write("favicon.ico", "mine");
  EXPECT_EQ(get(pages, "/favicon.ico").body, "mine");
}

}  // namespace
}  // namespace hookhost::pages
