// SPDX-License-Identifier: Apache-2.0
//
// Is a library found where the dynamic linker would find it, and missed where it would not?
#include "plugin/needed_libraries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ElfReport needing(std::string name) {
  ElfReport report;
  report.needed = {std::move(name)};
  return report;
}

TEST(NeededLibraries, OfTheSystemAreFound) {
  EXPECT_THAT(missing_libraries(needing("libc.so.6"), "/", ""), IsEmpty());
}

TEST(NeededLibraries, ThatNobodyHasAreNamedInTheirOrder) {
  ElfReport report;
  report.needed = {"libgone.so", "libc.so.6", "libnever.so.3"};

  EXPECT_THAT(missing_libraries(report, "/", ""), ElementsAre("libgone.so", "libnever.so.3"));
}

TEST(NeededLibraries, AreNamedWhole) {
  EXPECT_THAT(missing_libraries(needing("ibc.so.6"), "/", ""), ElementsAre("ibc.so.6"));
  EXPECT_THAT(missing_libraries(needing("libc.so."), "/", ""), ElementsAre("libc.so."));
}

TEST(NeededLibraries, AreFoundBesideTheLibraryThatSaysSo) {
  const test::TempDir folder;
  folder.write("libmine.so", "");
  ElfReport report = needing("libmine.so");

  EXPECT_THAT(missing_libraries(report, folder.path(), ""), ElementsAre("libmine.so"));
  for (const char* path : {"$ORIGIN", "/nowhere:${ORIGIN}/.", "$ORIGIN:/nowhere"}) {
    report.search_path = path;
    EXPECT_THAT(missing_libraries(report, folder.path(), ""), IsEmpty()) << path;
  }
}

TEST(NeededLibraries, AreFoundInLdLibraryPath) {
  const test::TempDir folder;
  folder.write("libmine.so", "");

  EXPECT_THAT(missing_libraries(needing("libmine.so"), "/", "/nowhere:" + folder.path().native()),
              IsEmpty());
}

TEST(NeededLibraries, WithASlashAreFilesOfThatName) {
  const test::TempDir folder;
  const auto file = folder.write("libmine.so", "");

  EXPECT_THAT(missing_libraries(needing(file.native()), "/", ""), IsEmpty());
  EXPECT_THAT(missing_libraries(needing("/nowhere/libc.so.6"), "/", ""),
              ElementsAre("/nowhere/libc.so.6"));
}

}  // namespace
}  // namespace hookhost::plugin
