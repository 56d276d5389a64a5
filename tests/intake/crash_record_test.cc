// SPDX-License-Identifier: Apache-2.0
//
// Does the next process know what was running when this one ended?
#include "intake/crash_record.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "support/temp_dir.h"

namespace hookhost::intake {
namespace {

class CrashRecordTest : public testing::Test {
 protected:
  CrashRecord open() const { return CrashRecord::open(file_).value(); }

  test::TempDir folder_;
  std::filesystem::path file_ = folder_ / "running";
};

TEST_F(CrashRecordTest, WhatHasEndedIsNoSuspect) {
  {
    CrashRecord record = open();
    record.begin(7, 0);
    record.end(7, 0);
  }
  const CrashRecord record = open();
  EXPECT_FALSE(record.has_suspects());
  EXPECT_EQ(record.crashes(7, 0), 0u);
}

TEST_F(CrashRecordTest, WhatWasRunningIsASuspectAndEachEndOfTheProcessCounts) {
  open().begin(7, 1);
  {
    CrashRecord record = open();
    EXPECT_TRUE(record.has_suspects());
    EXPECT_EQ(record.crashes(7, 1), 1u);
    EXPECT_EQ(record.crashes(7, 0), 0u) << "another run";
  }
  EXPECT_EQ(open().crashes(7, 1), 1u) << "one that waits did not run again";
  open().begin(7, 1);
  EXPECT_EQ(open().crashes(7, 1), 2u);
  open().end(7, 1);
  EXPECT_FALSE(open().has_suspects());
}

TEST_F(CrashRecordTest, IsThereAfterAKill) {
  CrashRecord record = open();
  const int child = ::fork();
  if (child == 0) {
    record.begin(9, 0);
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(open().crashes(9, 0), 1u);
}

TEST_F(CrashRecordTest, MoreThanItHasPlacesForAreNotWrittenDown) {
  CrashRecord record = open();
  for (EventId id = 1; id <= CrashRecord::kPlaces + 1; ++id) record.begin(id, 0);
  const CrashRecord next = open();
  EXPECT_EQ(next.crashes(CrashRecord::kPlaces, 0), 1u);
  EXPECT_EQ(next.crashes(CrashRecord::kPlaces + 1, 0), 0u);
}

TEST_F(CrashRecordTest, AFileOfAnotherFormBeginsAnew) {
  std::ofstream(file_) << "something else";
  EXPECT_FALSE(open().has_suspects());
  open().begin(7, 0);
  std::filesystem::resize_file(file_, 100);
  EXPECT_FALSE(open().has_suspects());
}

TEST_F(CrashRecordTest, WithoutAFileNothingIsKept) {
  CrashRecord record;
  record.begin(7, 0);
  record.end(7, 0);
  EXPECT_FALSE(record.has_suspects());
  EXPECT_FALSE(CrashRecord::open(folder_ / "none" / "running"));
}

}  // namespace
}  // namespace hookhost::intake
