// SPDX-License-Identifier: Apache-2.0
//
// What does the journal say when the disk fails, at whatever write or sync: never that something is
// kept which is not, and does it take events again when the fault is gone?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "journal_suite.h"
#include "store/sqlite_database.h"
#include "support/power_cut_vfs.h"

namespace hookhost::store::test {
namespace {

using ::hookhost::test::PowerCutVfs;
using ::hookhost::test::TempDir;
using Kind = Appended::Kind;

class Fault : public ::testing::Test {
 protected:
  // Counts the faults up until one comes too late for the work; each round begins anew.
  template <class Ask>
  void at_every_place(Ask ask, unsigned places_min) {
    unsigned n = 1;
    for (;; ++n) {
      SCOPED_TRACE("n = " + std::to_string(n));
      PowerCutVfs vfs("fault", n);
      const TempDir dir;
      if (!round(vfs, dir / "journal", [&] { ask(vfs, n); }) || HasFailure()) break;
    }
    EXPECT_GT(n, places_min);
  }

 private:
  // false: the fault did not come.
  template <class Ask>
  bool round(PowerCutVfs& vfs, const std::filesystem::path& folder, Ask ask) {
    std::set<EventId> kept;
    const auto append = [&](Journal& journal, std::uint64_t number) {
      Answers answers;
      const bool is_taken = journal.append(event_of(number), answers.collect());
      journal.flush();
      const auto all = answers.all();
      EXPECT_EQ(all.size(), is_taken ? 1U : 0U);
      if (all.size() == 1 && all[0].kind == Kind::kKept) kept.insert(all[0].id);
    };
    bool has_struck = false;
    {
      auto opened = open_sqlite_journal({.folder = folder, .vfs = vfs.name()}, clock_);
      EXPECT_TRUE(opened);
      Journal& journal = **opened;
      append(journal, 1);
      const auto leases = journal.claim(1);
      EXPECT_THAT(leases, SizeIs(1));
      ask();
      if (!leases.empty()) journal.finish(leases[0], {.state = State::kDone, .attempts = 1});
      for (std::uint64_t number = 2; number <= 4; ++number) append(journal, number);
      has_struck = vfs.has_struck();

      vfs.repair();
      journal.flush();
      EXPECT_EQ(journal.stats().trouble, "");
      append(journal, 5);
      EXPECT_TRUE(kept.contains(id_of(5))) << "it takes events again";
      const auto first = journal.find(id_of(1));
      EXPECT_TRUE(first && first->row.state == State::kDone) << "the finish was not lost";
      vfs.cut();
    }
    vfs.restore_power();
    auto opened = open_sqlite_journal({.folder = folder, .vfs = vfs.name()}, clock_);
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return false;
    for (const EventId id : kept) EXPECT_TRUE((*opened)->find(id)) << "kept and gone: " << id;
    return has_struck;
  }

  hookhost::test::FakeClock clock_;
};

TEST_F(Fault, OfAFullDiskAtEveryWriteLosesNothing) {
  at_every_place([](PowerCutVfs& vfs, unsigned n) { vfs.fill_at(n); }, 20);
}

TEST_F(Fault, OfEverySyncLosesNothing) {
  at_every_place([](PowerCutVfs& vfs, unsigned n) { vfs.fail_sync(n); }, 3);
}

TEST(FullDisk, IsNamedAndRefusesEventsUntilThereIsSpace) {
  PowerCutVfs vfs("full-disk", 1);
  const TempDir dir;
  const hookhost::test::FakeClock clock;
  std::vector<std::string> troubles;
  auto opened = open_sqlite_journal({.folder = dir / "journal",
                                     .on_trouble = [&](auto text) { troubles.emplace_back(text); },
                                     .vfs = vfs.name()},
                                    clock);
  ASSERT_TRUE(opened);
  Journal& journal = **opened;
  Answers answers;
  NewEvent done = event_of(1);
  done.state = State::kDone;
  ASSERT_TRUE(journal.append(done, answers.collect()));
  journal.flush();

  vfs.fill_at(1);
  ASSERT_TRUE(journal.append(event_of(2), answers.collect()));
  journal.flush();

  EXPECT_THAT(answers.kinds(), ElementsAre(Kind::kKept, Kind::kFailed));
  EXPECT_EQ(journal.stats().trouble, "no space left on device");
  EXPECT_EQ(journal.stats().failed, 1U);
  EXPECT_FALSE(journal.append(event_of(3), answers.collect()));
  EXPECT_EQ(journal.replay(id_of(1)).error().code, ErrorCode::kUnavailable);

  vfs.repair();
  journal.flush();
  EXPECT_EQ(journal.stats().trouble, "");
  ASSERT_TRUE(journal.append(event_of(2), answers.collect()));
  journal.flush();
  EXPECT_EQ(answers.kinds().back(), Kind::kKept);
  opened->reset();
  EXPECT_THAT(troubles, ElementsAre("no space left on device", ""));
}

TEST(FullDisk, IsNotWaitedForUntilTheReserveIsUsedUp) {
  const TempDir dir;
  const hookhost::test::FakeClock clock;
  auto opened = open_sqlite_journal({.folder = dir / "journal", .disk_reserve = UINT64_MAX}, clock);
  ASSERT_TRUE(opened);

  EXPECT_FALSE((*opened)->append(event_of(1), {}));
  EXPECT_THAT((*opened)->stats().trouble, ::testing::HasSubstr("its reserve"));
}

}  // namespace
}  // namespace hookhost::store::test
