// SPDX-License-Identifier: Apache-2.0
//
// Are libraries taken only from where nobody else can write, copied byte by byte under names that
// are never used again, and cleaned up after?
#include "plugin/staging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "support/temp_dir.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using testing::HasSubstr;
using testing::StartsWith;

void set_mode(const fs::path& path, unsigned mode) {
  fs::permissions(path, static_cast<fs::perms>(mode));
}
std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
std::string refusal(const fs::path& path) {
  auto opened = open_trusted(path);
  return opened ? "opened" : opened.error().message;
}

// ---- Whom to trust

TEST(OpenTrusted, OpensWhatIsOurs) {
  const TempDir folder;
  EXPECT_EQ(refusal(folder.write("a.so", "x", 0644)), "opened");
  EXPECT_EQ(refusal(folder.write("sub/b.so", "x", 0700)), "opened");  // /tmp above is sticky
}

TEST(CheckTrustedFolder, JudgesAFolderAndTheWayToIt) {
  const TempDir folder;
  fs::create_directories(folder / "a/b");
  EXPECT_TRUE(check_trusted_folder(folder / "a/b"));
  set_mode(folder / "a", 0777);
  EXPECT_THAT(check_trusted_folder(folder / "a/b").error().message,
              HasSubstr("a\" is writable by everybody"));
  EXPECT_THAT(check_trusted_folder(folder.write("file", "x")).error().message,
              HasSubstr("is a file"));
  EXPECT_EQ(check_trusted_folder(folder / "none").error().code, ErrorCode::kNotFound);
}

TEST(OpenTrusted, RefusesAFileThatOthersMayWrite) {
  const TempDir folder;
  const fs::path group = folder.write("group.so", "x", 0664);
  const fs::path all = folder.write("all.so", "x", 0646);

  EXPECT_EQ(refusal(group), "file \"" + group.string() + "\" is writable by its group (mode 0664)");
  EXPECT_EQ(refusal(all), "file \"" + all.string() + "\" is writable by everybody (mode 0646)");
  EXPECT_EQ(open_trusted(group).error().fix, "chmod go-w " + group.string());
  EXPECT_EQ(open_trusted(group).error().code, ErrorCode::kDenied);
}

TEST(OpenTrusted, RefusesAFolderOnTheWayThatOthersMayWrite) {
  const TempDir folder;
  const fs::path file = folder.write("open/deep/a.so", "x", 0644);
  set_mode(folder / "open", 0777);

  EXPECT_EQ(refusal(file),
            "folder \"" + (folder / "open").string() + "\" is writable by everybody (mode 0777)");
  set_mode(folder / "open", 01777);  // as /tmp: nobody else can replace what is ours
  EXPECT_EQ(refusal(file), "opened");
  set_mode(folder / "open", 0775);
  EXPECT_THAT(refusal(file), HasSubstr("writable by its group (mode 0775)"));
}

TEST(OpenTrusted, FollowsLinksToTheirTargetAndJudgesThat) {
  const TempDir folder;
  const fs::path file = folder.write("real/a.so", "x", 0644);
  fs::create_directories(folder / "plugins");
  fs::create_symlink("../real/a.so", folder / "plugins/relative.so");
  fs::create_symlink(file, folder / "plugins/absolute.so");
  fs::create_directory_symlink(folder / "real", folder / "through");

  EXPECT_EQ(refusal(folder / "plugins/relative.so"), "opened");
  EXPECT_EQ(refusal(folder / "plugins/absolute.so"), "opened");
  EXPECT_EQ(refusal(folder / "through/a.so"), "opened");
  set_mode(folder / "real", 0777);
  for (const char* way : {"plugins/relative.so", "plugins/absolute.so", "through/a.so"})
    EXPECT_THAT(refusal(folder / way), HasSubstr((folder / "real").string())) << way;
}

TEST(OpenTrusted, RefusesADanglingLinkALoopAndAFolder) {
  const TempDir folder;
  fs::create_symlink("nowhere.so", folder / "dangling.so");
  fs::create_symlink("loop.so", folder / "loop.so");
  fs::create_directory(folder / "folder.so");
  ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0600), 0);

  EXPECT_THAT(refusal(folder / "dangling.so"), HasSubstr("No such file"));
  EXPECT_THAT(refusal(folder / "loop.so"), HasSubstr("more than 40 links"));
  EXPECT_THAT(refusal(folder / "folder.so"), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder / "pipe.so"), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal(folder / "absent.so"), StartsWith("cannot open"));
  EXPECT_THAT(refusal(folder / "folder.so/../dangling.so/x"), HasSubstr("No such file"));
}

TEST(OpenTrusted, RefusesWhatBelongsToSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const TempDir folder;
  const fs::path file = folder.write("a.so", "x", 0644);
  ASSERT_EQ(::chown(file.c_str(), 4711, 0), 0);

  EXPECT_EQ(refusal(file),
            "file \"" + file.string() + "\" belongs to user 4711, needed is root or user 0");
}

TEST(OpenTrusted, WhatWasJudgedIsWhatIsReadWhoeverTakesItsPlace) {
  const TempDir folder;
  const fs::path file = folder.write("a.so", "judged", 0644);

  const auto opened = open_trusted(file);
  fs::rename(folder.write("b.so", "not judged", 0666), file);

  ASSERT_TRUE(opened) << opened.error().message;
  char bytes[16] = {};
  EXPECT_EQ(::read(opened->get(), bytes, sizeof bytes), 6);
  EXPECT_STREQ(bytes, "judged");
  EXPECT_THAT(refusal(file), HasSubstr("writable by everybody"));
}

// Somebody exchanges two files under one name as fast as he can; one of them is not to be trusted.
TEST(OpenTrusted, AFileThatIsExchangedMeanwhileIsTheTrustedOneOrRefused) {
  const TempDir folder;
  const fs::path trusted = folder.write("trusted", "t", 0644);
  const fs::path open_to_all = folder.write("open_to_all", "o", 0666);
  const fs::path file = folder / "a.so", next = folder / "next";
  fs::create_hard_link(trusted, file);
  std::atomic<bool> is_over{false};
  std::thread exchanger([&] {
    for (int n = 0; !is_over; ++n) {
      fs::create_hard_link(n % 2 == 0 ? open_to_all : trusted, next);
      fs::rename(next, file);
    }
  });

  int trusted_ones = 0, refused = 0;
  char content = 't';
  while (content == 't' && (trusted_ones < 10'000 || refused < 10'000)) {
    const auto opened = open_trusted(file);
    ++(opened ? trusted_ones : refused);
    if (opened && ::read(opened->get(), &content, 1) != 1) break;
  }
  is_over = true;
  exchanger.join();

  EXPECT_EQ(content, 't') << "after " << trusted_ones << " of the trusted one";
}

// ---- The copy

TEST(StageFolder, CopiesByteByByteForUsAlone) {
  const TempDir folder;
  const std::string content(300'001, 'q');
  const fs::path file = folder.write("my plugin!.so", content, 0644);
  auto stage = StageFolder::create(folder / "stage");
  ASSERT_TRUE(stage) << stage.error().message;

  const auto staged = stage->stage(file);

  ASSERT_TRUE(staged) << staged.error().message;
  EXPECT_EQ(content_of(staged->path), content);
  EXPECT_EQ(staged->bytes, content.size());
  EXPECT_EQ(fs::status(staged->path).permissions(), static_cast<fs::perms>(0500));
  EXPECT_EQ(fs::status(stage->path()).permissions(), static_cast<fs::perms>(0700));
  // python3 -c 'import hashlib; print(hashlib.sha256(b"q"*300001).hexdigest())'
  EXPECT_EQ(staged->sha256, "fe38551b4fc8859429cf8b215765adf8cd561f0f865666f172387e8730b8a62e");
  EXPECT_EQ(staged->path.filename().native(),
            "my_plugin_.1." + staged->sha256.substr(0, 8) + ".so");
}

TEST(StageFolder, NeverUsesANameTwice) {
  const TempDir folder;
  const fs::path file = folder.write("a.so", "x", 0644);
  auto stage = StageFolder::create(folder / "stage");
  std::set<fs::path> names;
  for (int i = 0; i < 20; ++i) {
    const auto staged = stage->stage(file);
    EXPECT_TRUE(names.insert(staged->path).second);
    stage->remove(*staged);
    EXPECT_FALSE(fs::exists(staged->path));
  }
}

TEST(StageFolder, ARefusedFileLeavesNothingBehind) {
  const TempDir folder;
  auto stage = StageFolder::create(folder / "stage");

  EXPECT_FALSE(stage->stage(folder.write("a.so", "x", 0666)));

  EXPECT_EQ(std::distance(fs::directory_iterator(stage->path()), {}), 1);  // its lock
}

TEST(StageFolder, GoesAtTheEnd) {
  const TempDir folder;
  fs::path path;
  {
    auto stage = StageFolder::create(folder / "stage");
    path = stage->path();
    EXPECT_TRUE(stage->stage(folder.write("a.so", "x", 0644)));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(StageFolder, TwoInOneProcessDoNotMeet) {
  const TempDir folder;
  auto first = StageFolder::create(folder / "stage");
  auto second = StageFolder::create(folder / "stage");

  EXPECT_NE(first->path(), second->path());
  EXPECT_TRUE(fs::exists(first->path()));
}

TEST(StageFolder, WhatADeadProcessLeftIsRemoved) {
  const TempDir folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto stage = StageFolder::create(folder / "stage");
    ::_exit(stage ? 0 : 1);  // no destructor
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const fs::path left = folder / "stage" / std::to_string(child);
  ASSERT_TRUE(fs::exists(left));
  fs::create_directories(folder / "stage/keep_me");

  auto stage = StageFolder::create(folder / "stage");

  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(folder / "stage/keep_me"));
}

TEST(StageFolder, OurOwnNumberFromAnEarlierLifeIsTakenOver) {
  // In a container every host has the same pid.
  const TempDir folder;
  folder.write("stage/" + std::to_string(::getpid()) + "/lock", "");
  folder.write("stage/" + std::to_string(::getpid()) + "/old.so", "");

  auto stage = StageFolder::create(folder / "stage");

  EXPECT_EQ(stage->path(), folder / "stage" / std::to_string(::getpid()));
  EXPECT_FALSE(fs::exists(stage->path() / "old.so"));
}

// Hosts and commands of one user start at the same time, and each takes leftovers away.
TEST(StageFolder, IsNotTakenAwayWhileItIsMade) {
  const test::TempDir root;
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) {
        const auto folder = StageFolder::create(root / "stage");
        if (!folder || !std::filesystem::exists(folder->path())) ++lost;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace hookhost::plugin
