// SPDX-License-Identifier: Apache-2.0
//
// What does an inspection say of anybody's file?
#include "plugin/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "plugin/test_host.h"

namespace hookhost::plugin {
namespace {

using testing::StartsWith;

TEST(Inspection, KnowsTheFactsOfAPlugin) {
  const auto inspection = inspect_file(built_plugin("puppet"), "");

  ASSERT_TRUE(inspection) << inspection.error().message;
  EXPECT_EQ(inspection->bytes, std::filesystem::file_size(built_plugin("puppet")));
  EXPECT_EQ(inspection->sha256.size(), 64u);
  EXPECT_TRUE(inspection->missing.empty());
  EXPECT_TRUE(inspection->verdict);
}

TEST(Inspection, TakesTheDigestOfTheBytes) {
  const test::TempDir folder;
  const auto copy = copy_plugin("puppet", folder);
  const auto same = inspect_file(copy, "");
  const auto other = inspect_file(built_plugin("sample"), "");

  EXPECT_EQ(same->sha256, inspect_file(built_plugin("puppet"), "")->sha256);
  EXPECT_NE(same->sha256, other->sha256);
}

TEST(Inspection, RefusesATruncatedCopy) {
  const test::TempDir folder;
  const auto file = copy_plugin("puppet", folder);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);

  EXPECT_THAT(inspect_file(file, "").error().message, StartsWith("the file is not complete: "));
}

TEST(Inspection, RefusesWhatIsNoFile) {
  const test::TempDir folder;
  const auto pipe = folder / "pipe.so";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  EXPECT_EQ(inspect_file(pipe, "").error().message, "not a regular file");
  EXPECT_EQ(inspect_file(folder.path(), "").error().message, "not a regular file");
  EXPECT_EQ(inspect_file(folder / "none.so", "").error().message,
            "cannot read it: No such file or directory");
  EXPECT_THAT(inspect_file(folder.write("empty.so", ""), "").error().message,
              StartsWith("not an ELF file"));
}

}  // namespace
}  // namespace hookhost::plugin
