// SPDX-License-Identifier: Apache-2.0
//
// The journal on SQLite, in a file and in memory: what every journal promises (journal_suite.h),
// and what a file adds: it is still there after the process.
#include "journal_suite.h"
#include "store/sqlite_database.h"

namespace hookhost::store::test {
namespace {

struct File {
  std::filesystem::path folder() const { return dir / "journal"; }
  hookhost::test::TempDir dir;
};
struct Memory {
  std::filesystem::path folder() const { return {}; }
};

using Places = ::testing::Types<File, Memory>;
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, JournalSuite, Places);

class JournalFile : public JournalSuite<File> {};

TEST_F(JournalFile, GivesOutAgainWhatWasNotFinishedWhenTheProcessEnded) {
  keep(event_of(1));
  ASSERT_THAT(journal().claim(10), SizeIs(1));

  reopen();

  EXPECT_THAT(ids(journal().claim(10)), ElementsAre(id_of(1)));
}

TEST_F(JournalFile, RemembersWhatIsDone) {
  keep(twin_of(1, "same"));
  settle({.state = State::kDone, .attempts = 1});

  reopen();

  EXPECT_THAT(journal().claim(10), IsEmpty());
  EXPECT_EQ(append(twin_of(2, "same")).kind, Appended::Kind::kTwin);
}

TEST_F(JournalFile, RemembersAttemptsAndTheirDelay) {
  keep(event_of(1));
  settle({.state = State::kReady, .attempts = 3, .due_in = 1min, .error = "refused"});

  reopen();

  EXPECT_THAT(journal().claim(10), IsEmpty());
  clock_.advance(1min);
  const auto leases = journal().claim(10);
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].attempts, 3U);
}

TEST_F(JournalFile, DelaysNothingByAClockThatWasSetWhileTheHostWasOff) {
  NewEvent event = event_of(1);
  event.due_in = 1h;
  keep(event);

  clock_.jump(-24h * 365);
  reopen();
  EXPECT_EQ(journal().next_due(), clock_.monotonic_now() + 1h);

  clock_.jump(2 * 24h * 365);
  reopen();
  EXPECT_THAT(journal().claim(10), SizeIs(1)) << "the time off was long enough";
}

TEST_F(JournalFile, CountsWhatIsThereFromTheStart) {
  keep(event_of(1));
  settle({.state = State::kDead, .attempts = 1, .error = "gave up"});
  keep(event_of(2));

  reopen();

  EXPECT_EQ(journal().stats().dead, 1U);
  EXPECT_EQ(journal().stats().ready, 1U);
  EXPECT_GT(journal().last_id(), id_of(2));
}

// sqlite3 -readonly journal.db "SELECT * FROM overview", while the host serves.
TEST_F(JournalFile, ShowsPeopleAnOverview) {
  keep(event_of(1));

  auto database = Database::open(place_.folder() / "journal.db", Database::Access::kRead, {});
  ASSERT_TRUE(database);
  const auto line = database->text(
      "SELECT received || ' ' || route || ' ' || handler || ' ' || state FROM overview");
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(*line, "2026-09-01 12:00:00 /webhooks/train retrain.so retrain ready");
}

}  // namespace
}  // namespace hookhost::store::test
