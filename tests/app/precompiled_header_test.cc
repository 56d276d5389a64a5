// SPDX-License-Identifier: Apache-2.0
//
// Is the header in the cache taken by those whom it fits, and by nobody else; and does whoever has
// no cache go without? No compiler runs: the test writes the file.
#include "app/precompiled_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;

class PrecompiledHeaderTest : public ::testing::Test {
 protected:
  PrecompiledHeaderTest() { folder_.write("include/hookhost/hookhost.hpp", "// 1"); }

  Compiler compiler_{.program = {"g++"}, .version = "g++ 12"};
  PrecompiledHeader open() const { return {compiler_, sdk_, environment_}; }
  // As the command does it.
  static void make(PrecompiledHeader& header) {
    const auto command = header.begin();
    ASSERT_TRUE(command);
    std::ofstream(command->back()) << "compiled";
    header.end(true);
  }
  std::size_t entries() const {
    std::error_code ignored;
    const fs::directory_iterator cache(folder_ / "cache/hookhost", ignored);
    return static_cast<std::size_t>(std::distance(begin(cache), end(cache)));
  }

  test::TempDir folder_;
  Sdk sdk_{folder_ / "include", {}};
  Environment environment_{{"XDG_CACHE_HOME", folder_ / "cache"}};
};

TEST_F(PrecompiledHeaderTest, IsThereForThoseWhoComeLater) {
  PrecompiledHeader first = open();
  EXPECT_TRUE(first.is_wanted());
  EXPECT_TRUE(first.folder().empty());

  make(first);

  EXPECT_FALSE(first.is_wanted());
  EXPECT_TRUE(fs::exists(first.folder() / "hookhost/hookhost.hpp.gch"));
  const PrecompiledHeader second = open();
  EXPECT_FALSE(second.is_wanted());
  EXPECT_EQ(second.folder(), first.folder());
}

TEST_F(PrecompiledHeaderTest, IsReadableByUsOnly) {
  PrecompiledHeader header = open();
  make(header);

  EXPECT_EQ(fs::status(folder_ / "cache/hookhost").permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(header.folder()).permissions(), fs::perms::owner_all);
}

TEST_F(PrecompiledHeaderTest, FitsOneCompilerWithItsFlagsAndOneSdk) {
  PrecompiledHeader first = open();
  make(first);

  compiler_.flags = {"-O3"};
  EXPECT_TRUE(open().is_wanted());
  compiler_.flags = {};
  compiler_.version = "g++ 13";
  EXPECT_TRUE(open().is_wanted());
  compiler_.version = "g++ 12";
  EXPECT_FALSE(open().is_wanted());
  folder_.write("include/hookhost/cpp/new.hpp", "// 2");
  EXPECT_TRUE(open().is_wanted());
}

TEST_F(PrecompiledHeaderTest, IsNothingForClang) {
  compiler_.version = "clang version 14";
  EXPECT_FALSE(open().is_wanted());
  EXPECT_TRUE(open().folder().empty());
}

TEST_F(PrecompiledHeaderTest, OfAFailedCommandIsNotTriedAgain) {
  PrecompiledHeader header = open();
  ASSERT_TRUE(header.begin());
  header.end(false);

  EXPECT_FALSE(header.is_wanted());
  EXPECT_TRUE(header.folder().empty());
  EXPECT_EQ(entries(), 0u);
}

TEST_F(PrecompiledHeaderTest, MayBeginAgainAndLeavesNothingWhenItIsGivenUp) {
  {
    PrecompiledHeader header = open();
    const auto given_up = header.begin();
    std::ofstream(given_up->back()) << "half";
    EXPECT_TRUE(header.begin());
    EXPECT_FALSE(fs::exists(given_up->back()));
    EXPECT_EQ(entries(), 1u);
  }
  EXPECT_EQ(entries(), 0u);
}

TEST_F(PrecompiledHeaderTest, OfWhoeverComesSecondIsTheFirstOnes) {
  PrecompiledHeader second = open();
  const auto command = second.begin();
  ASSERT_TRUE(command);
  std::ofstream(command->back()) << "compiled";
  fs::path scratch = fs::path(command->back()).parent_path().parent_path();
  const fs::path published = scratch.parent_path() / scratch.stem();
  fs::create_directories(published / "hookhost");
  std::ofstream(published / "hookhost/hookhost.hpp.gch") << "the first one's";

  second.end(true);

  EXPECT_EQ(second.folder(), published);
  std::string text;
  std::getline(std::ifstream(published / "hookhost/hookhost.hpp.gch"), text);
  EXPECT_EQ(text, "the first one's");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(PrecompiledHeaderTest, ThatOthersMayWriteIsNotTakenAndNotReplaced) {
  PrecompiledHeader first = open();
  make(first);
  fs::permissions(first.folder(), fs::perms::all);

  EXPECT_TRUE(open().folder().empty());
  EXPECT_FALSE(open().is_wanted());
}

TEST_F(PrecompiledHeaderTest, IsNotWantedWhereNothingCanBeWritten) {
  folder_.write("file", "no folder");
  environment_ = {{"XDG_CACHE_HOME", folder_ / "file"}};
  PrecompiledHeader header = open();

  EXPECT_FALSE(header.begin());
  EXPECT_FALSE(header.is_wanted());
}

TEST_F(PrecompiledHeaderTest, IsBelowTheHomeWhenNoCacheIsNamed) {
  for (const char* unset : {"", "relative"}) {
    environment_ = {{"XDG_CACHE_HOME", unset}, {"HOME", folder_.path()}};
    PrecompiledHeader header = open();
    EXPECT_THAT(*header.begin(), Contains(::testing::StartsWith(folder_ / ".cache/hookhost/")));
  }
  environment_ = {};
  EXPECT_FALSE(open().is_wanted());
}

TEST_F(PrecompiledHeaderTest, ReplacesTheOldestBeyondTheLimit) {
  for (std::size_t n = 0; n <= kPrecompiledHeadersMax; ++n) {
    compiler_.version = "g++ " + std::to_string(n);
    PrecompiledHeader header = open();
    make(header);
    // A file system's clock may not have moved meanwhile.
    const auto age = std::chrono::hours(kPrecompiledHeadersMax + 1 - n);
    fs::last_write_time(header.folder(), fs::last_write_time(header.folder()) - age);
  }

  EXPECT_EQ(entries(), kPrecompiledHeadersMax);
  EXPECT_FALSE(open().is_wanted());  // the newest
  compiler_.version = "g++ 0";
  EXPECT_TRUE(open().is_wanted());
}

}  // namespace
}  // namespace hookhost::app
