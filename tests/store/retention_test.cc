// SPDX-License-Identifier: Apache-2.0
//
// What does the journal throw away, when, and what never?
#include "store/retention.h"

#include "journal_suite.h"

namespace hookhost::store::test {
namespace {

struct File {
  std::filesystem::path folder() const { return dir / "journal"; }
  hookhost::test::TempDir dir;
};

class Retention : public JournalSuite<File> {
 protected:
  static NewEvent done(std::uint64_t number) {
    NewEvent event = event_of(number);
    event.state = State::kDone;
    return event;
  }
  bool has(std::uint64_t number) { return journal().find(id_of(number)).has_value(); }
  // Time for retention to look at everything.
  void rest(std::chrono::nanoseconds time) {
    clock_.advance(time);
    journal().flush();
  }
};

TEST_F(Retention, DeletesWhatIsDoneAfterItsTimeAndNotBefore) {
  NewEvent twin = twin_of(1, "same");
  twin.state = State::kDone;
  keep(twin);
  keep(done(2));

  rest(24h * 7);
  EXPECT_TRUE(has(1));
  rest(1min);

  EXPECT_FALSE(has(1));
  EXPECT_EQ(journal().stats().purged, 1U);
  EXPECT_EQ(append(twin_of(3, "same")).kind, Appended::Kind::kKept) << "its twin key went too";
}

TEST_F(Retention, KeepsTheNewestSoThatIdsGoOn) {
  keep(done(1));
  rest(24h * 365);
  rest(1min);
  reopen();

  EXPECT_TRUE(has(1));
  EXPECT_GT(journal().last_id(), id_of(1));
}

TEST_F(Retention, KeepsTheDeadLonger) {
  NewEvent dead = event_of(1);
  dead.state = State::kDead;
  keep(dead);
  keep(done(2));

  rest(24h * 30);
  EXPECT_TRUE(has(1));
  rest(1min);

  EXPECT_FALSE(has(1));
  EXPECT_EQ(journal().stats().dead, 0U);
}

TEST_F(Retention, NeverDeletesWhatIsReady) {
  keep(event_of(1));
  keep(done(2));

  rest(24h * 365);
  rest(24h * 365);

  EXPECT_TRUE(has(1));
  EXPECT_THAT(journal().claim(10), SizeIs(1));
}

TEST_F(Retention, DeletesTheOldestFirstWhenBodiesAreTooMany) {
  options_.bytes_max = 10'000;
  for (std::uint64_t i = 1; i <= 8; ++i) {
    NewEvent event = done(i);
    event.body.assign(2'000, 'x');
    keep(event);
  }
  rest(0s);

  EXPECT_FALSE(has(1));
  EXPECT_FALSE(has(3));
  EXPECT_TRUE(has(4));
  EXPECT_TRUE(has(8));
}

TEST_F(Retention, TakesNoEventWhenNothingMayGo) {
  options_.bytes_max = 1'000;
  NewEvent large = event_of(1);
  large.body.assign(2'000, 'x');
  keep(large);
  keep(event_of(2));
  rest(1min);

  EXPECT_FALSE(journal().append(event_of(3), {}));
  EXPECT_THAT(journal().stats().trouble, ::testing::HasSubstr("the journal is full"));

  for (const Lease& lease : journal().claim(10)) journal().finish(lease, {});
  rest(1min);
  rest(1min);
  EXPECT_FALSE(has(1));
  EXPECT_EQ(journal().stats().trouble, "");
}

TEST_F(Retention, DeletesNothingBecauseTheClockJumped) {
  keep(done(1));
  keep(done(2));

  for (const auto jump : {24h * 365, -2 * 24h * 365, 24h * 365}) {
    clock_.jump(jump);
    rest(1min);
    reopen();
    rest(1min);
    EXPECT_TRUE(has(1));
  }
}

}  // namespace
}  // namespace hookhost::store::test
