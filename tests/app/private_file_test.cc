// SPDX-License-Identifier: Apache-2.0
//
// Is a file written whole or not at all, and readable by nobody it should not be?
#include "app/private_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using testing::HasSubstr;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

TEST(ReplaceFile, KeepsTheModeAndLeavesNothingBeside) {
  const TempDir folder;
  const fs::path file = folder.write("h.toml", "old", 0640);
  ASSERT_TRUE(replace_file(file, "new"));
  EXPECT_EQ(text_of(file), "new");
  EXPECT_EQ(mode_of(file), 0640U);
  EXPECT_FALSE(fs::exists(folder / "h.toml.new"));
}

TEST(ReplaceFile, MakesOneThatIsNotThere) {
  const TempDir folder;
  ASSERT_TRUE(replace_file(folder / "h.toml", "new"));
  EXPECT_EQ(mode_of(folder / "h.toml"), 0644U);
}

TEST(ReplaceFile, FollowsALinkInsteadOfReplacingIt) {
  const TempDir folder;
  folder.write("real.toml", "old");
  fs::create_symlink("real.toml", folder / "h.toml");
  ASSERT_TRUE(replace_file(folder / "h.toml", "new"));
  EXPECT_TRUE(fs::is_symlink(folder / "h.toml"));
  EXPECT_EQ(text_of(folder / "real.toml"), "new");
}

TEST(ReplaceFile, LeavesTheFileToWhoeverChangesIt) {
  const TempDir folder;
  const fs::path file = folder.write("h.toml", "old");
  folder.write("h.toml.new", "half");
  const Status refused = replace_file(file, "new");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().fix, HasSubstr("rm " + file.native() + ".new"));
  EXPECT_EQ(text_of(file), "old");
  EXPECT_EQ(text_of(folder / "h.toml.new"), "half");
}

TEST(KeepSecret, IsReadableByItsOwnerAlone) {
  const TempDir folder;
  const fs::path config = folder.write("h.toml", "");
  const auto kept = keep_secret(folder / "secrets", "ci", Secret("text"), config);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(*kept, folder / "secrets/ci.1");
  EXPECT_EQ(text_of(*kept), "text");
  EXPECT_EQ(mode_of(*kept), 0600U);
  EXPECT_EQ(mode_of(folder / "secrets"), 0700U);
}

TEST(KeepSecret, NeverWritesOverAnother) {
  const TempDir folder;
  ASSERT_TRUE(keep_secret(folder.path(), "ci", Secret("one"), folder / "h.toml"));
  const auto kept = keep_secret(folder.path(), "ci", Secret("two"), folder / "h.toml");
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, folder / "ci.2");
  EXPECT_EQ(text_of(folder / "ci.1"), "one");
}

}  // namespace
}  // namespace hookhost::app
