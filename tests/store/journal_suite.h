// SPDX-License-Identifier: Apache-2.0
//
// Does a journal keep the promises of store/journal.h? One typed suite: a further journal is one
// more Place. A place opens a journal, opens it again as a host does that starts anew, and says
// whether what was kept is still there then.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "store/journal.h"
#include "store/sqlite_journal.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace hookhost::store::test {

using namespace std::chrono_literals;
using ::hookhost::test::FakeClock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Ids as EventIdSource makes them, without its clock.
constexpr EventId id_of(std::uint64_t number) { return (1'000 + number) << 23; }

inline TwinKey key_of(std::string_view text) {
  TwinKey key{};
  for (std::size_t i = 0; i < std::min(text.size(), key.size()); ++i) {
    key[i] = static_cast<std::byte>(text[i]);
  }
  return key;
}

inline NewEvent event_of(std::uint64_t number) {
  NewEvent event;
  event.id = id_of(number);
  event.received_at = FakeClock::kStart;
  event.route = "/webhooks/train";
  event.type = "repo.content:update";
  event.sender_id = "delivery-" + std::to_string(number);
  event.head = "POST /webhooks/train HTTP/1.1\n";
  event.body = R"({"number":)" + std::to_string(number) + "}";
  event.handler = "retrain.so retrain";
  return event;
}

inline NewEvent twin_of(std::uint64_t number, std::string_view key) {
  NewEvent event = event_of(number);
  event.twin_key = key_of(key);
  return event;
}

// The answers, in the order in which they came.
class Answers {
 public:
  AppendCallback collect() {
    return [this](const Appended& appended) {
      const MutexLock lock(mutex_);
      answers_.push_back(appended);
    };
  }
  std::vector<Appended> all() {
    const MutexLock lock(mutex_);
    return answers_;
  }
  std::vector<Appended::Kind> kinds() {
    std::vector<Appended::Kind> kinds;
    for (const Appended& answer : all()) kinds.push_back(answer.kind);
    return kinds;
  }

 private:
  Mutex mutex_;
  std::vector<Appended> answers_ HOOKHOST_GUARDED_BY(mutex_);
};

inline std::vector<EventId> ids(const std::vector<EventRow>& rows) {
  std::vector<EventId> ids;
  for (const EventRow& row : rows) ids.push_back(row.id);
  return ids;
}
inline std::vector<EventId> ids(const std::vector<Lease>& leases) {
  std::vector<EventId> ids;
  for (const Lease& lease : leases) ids.push_back(lease.id);
  return ids;
}

template <class Place>
class JournalSuite : public ::testing::Test {
 protected:
  // An event that is kept, or a failed test.
  void keep(NewEvent event) {
    Answers answers;
    ASSERT_TRUE(journal().append(std::move(event), answers.collect()));
    journal().flush();
    ASSERT_THAT(answers.kinds(), ElementsAre(Appended::Kind::kKept));
  }
  Appended append(NewEvent event) {
    Answers answers;
    EXPECT_TRUE(journal().append(std::move(event), answers.collect()));
    journal().flush();
    EXPECT_THAT(answers.all(), SizeIs(1));
    return answers.all().empty() ? Appended{} : answers.all().front();
  }
  // Claims the one delivery that is due, and says what became of it.
  void settle(Finish finish) {
    const auto leases = journal().claim(10);
    ASSERT_THAT(leases, SizeIs(1));
    journal().finish(leases[0], std::move(finish));
    journal().flush();
  }
  void open(Options options = {}) {
    options_ = std::move(options);
    reopen();
  }
  void reopen() {
    journal_.reset();
    options_.folder = place_.folder();
    auto opened = open_sqlite_journal(options_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
  }
  Journal& journal() {
    if (journal_ == nullptr) reopen();
    return *journal_;
  }
  EventRow row_of(EventId id) {
    const auto found = journal().find(id);
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->row : EventRow{};
  }

  Place place_;
  FakeClock clock_;
  Options options_;
  std::unique_ptr<Journal> journal_;
};

TYPED_TEST_SUITE_P(JournalSuite);

TYPED_TEST_P(JournalSuite, GivesOutWhatItKept) {
  const NewEvent sent = event_of(1);
  this->keep(sent);

  const auto leases = this->journal().claim(10);

  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].id, sent.id);
  EXPECT_EQ(leases[0].run, 0U);
  EXPECT_EQ(leases[0].attempts, 0U);
  EXPECT_EQ(leases[0].received_at, sent.received_at);
  EXPECT_EQ(leases[0].route, sent.route);
  EXPECT_EQ(leases[0].type, sent.type);
  EXPECT_EQ(leases[0].sender_id, sent.sender_id);
  EXPECT_EQ(leases[0].head, sent.head);
  EXPECT_EQ(leases[0].body, sent.body);
  EXPECT_EQ(leases[0].handler, sent.handler);
}

TYPED_TEST_P(JournalSuite, KeepsBytesOfEveryKind) {
  NewEvent sent = event_of(1);
  sent.body = std::string("\0\xff\x80'\"\n", 6);
  this->keep(sent);

  EXPECT_EQ(this->journal().claim(1).at(0).body, sent.body);
}

TYPED_TEST_P(JournalSuite, KeepsAnEventWithoutAnything) {
  NewEvent empty;
  empty.id = id_of(1);
  this->keep(empty);

  EXPECT_EQ(this->journal().claim(1).at(0).body, "");
}

TYPED_TEST_P(JournalSuite, HasNothingToGiveOutAtFirst) {
  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  EXPECT_EQ(this->journal().next_due(), std::nullopt);
  EXPECT_EQ(this->journal().last_id(), 0U);
  EXPECT_EQ(this->journal().stats().ready, 0U);
  EXPECT_EQ(this->journal().stats().trouble, "");
}

TYPED_TEST_P(JournalSuite, GivesALeaseToOneAlone) {
  this->keep(event_of(1));

  EXPECT_THAT(this->journal().claim(10), SizeIs(1));
  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  EXPECT_EQ(this->journal().next_due(), std::nullopt);
  EXPECT_EQ(this->journal().stats().ready, 1U);
}

TYPED_TEST_P(JournalSuite, KeepsManyAndGivesEachOutOnce) {
  constexpr std::uint64_t kMany = 1'500;
  Answers answers;
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    ASSERT_TRUE(this->journal().append(event_of(i), answers.collect()));
  }
  this->journal().flush();
  ASSERT_THAT(answers.all(), SizeIs(kMany));

  std::set<EventId> seen;
  for (;;) {
    const auto leases = this->journal().claim(100);
    if (leases.empty()) break;
    for (const Lease& lease : leases) {
      EXPECT_TRUE(seen.insert(lease.id).second);
      this->journal().finish(lease, {});
    }
    this->journal().flush();
  }

  EXPECT_THAT(seen, SizeIs(kMany));
  EXPECT_EQ(this->journal().stats().ready, 0U);
}

TYPED_TEST_P(JournalSuite, IsOverWithWhatIsDone) {
  this->keep(event_of(1));
  this->settle({.state = State::kDone, .attempts = 1, .generation = "7 (build 1c2f)"});

  this->clock_.advance(24h);

  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  EXPECT_EQ(this->row_of(id_of(1)).state, State::kDone);
  EXPECT_EQ(this->row_of(id_of(1)).generation, "7 (build 1c2f)");
  EXPECT_EQ(this->journal().stats().ready, 0U);
}

TYPED_TEST_P(JournalSuite, GivesOutAgainAtItsTimeAndNotBefore) {
  this->keep(event_of(1));
  this->settle({.state = State::kReady,
                .attempts = 1,
                .due_in = 5s,
                .error = "connection refused",
                .started_at = FakeClock::kStart,
                .took = 30ms});

  EXPECT_EQ(this->journal().next_due(), this->clock_.monotonic_now() + 5s);
  this->clock_.advance(4999ms);
  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  this->clock_.advance(1ms);
  const auto leases = this->journal().claim(10);

  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].attempts, 1U);
  const auto found = this->journal().find(id_of(1));
  ASSERT_TRUE(found);
  ASSERT_THAT(found->attempts, SizeIs(1));
  EXPECT_EQ(found->attempts[0].number, 1U);
  EXPECT_EQ(found->attempts[0].error, "connection refused");
  EXPECT_EQ(found->attempts[0].took, 30ms);
}

TYPED_TEST_P(JournalSuite, CountsTheDead) {
  this->keep(event_of(1));
  this->settle({.state = State::kDead, .attempts = 12, .error = "gave up"});

  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  EXPECT_EQ(this->row_of(id_of(1)).state, State::kDead);
  EXPECT_EQ(this->row_of(id_of(1)).error, "gave up");
  EXPECT_EQ(this->journal().stats().dead, 1U);
  EXPECT_EQ(this->journal().stats().ready, 0U);
}

TYPED_TEST_P(JournalSuite, CountsNoAttemptOfALeaseThatWasNotUsed) {
  this->keep(event_of(1));
  const auto leases = this->journal().claim(10);
  ASSERT_THAT(leases, SizeIs(1));

  this->journal().release(leases[0], 2s);

  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  this->clock_.advance(2s);
  const auto again = this->journal().claim(10);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].attempts, 0U);
}

TYPED_TEST_P(JournalSuite, KeepsAnEventThatIsSettledAlready) {
  NewEvent done = event_of(1);
  done.state = State::kDone;
  done.attempts = 1;
  this->keep(done);
  NewEvent later = event_of(2);
  later.attempts = 1;
  later.due_in = 1s;
  later.error = "timed out";
  this->keep(later);

  EXPECT_THAT(this->journal().claim(10), IsEmpty());
  this->clock_.advance(1s);
  const auto leases = this->journal().claim(10);

  ASSERT_THAT(ids(leases), ElementsAre(id_of(2)));
  EXPECT_EQ(leases[0].attempts, 1U);
  const auto found = this->journal().find(id_of(2));
  ASSERT_TRUE(found);
  ASSERT_THAT(found->attempts, SizeIs(1));
  EXPECT_EQ(found->attempts[0].error, "timed out");
}

TYPED_TEST_P(JournalSuite, TellsATwinWhoTheOtherOneIs) {
  this->keep(twin_of(1, "same"));

  const Appended twin = this->append(twin_of(2, "same"));

  EXPECT_EQ(twin.kind, Appended::Kind::kTwin);
  EXPECT_EQ(twin.id, id_of(1));
  EXPECT_EQ(twin.twin_state, State::kReady);
  EXPECT_EQ(this->journal().stats().twins, 1U);
  EXPECT_FALSE(this->journal().find(id_of(2)));
  EXPECT_THAT(this->journal().claim(10), SizeIs(1));
}

TYPED_TEST_P(JournalSuite, TakesOthersForNoTwins) {
  this->keep(twin_of(1, "one"));
  this->keep(twin_of(2, "another"));
  this->keep(event_of(3));
  this->keep(event_of(4));
}

TYPED_TEST_P(JournalSuite, KnowsATwinThatIsNotOnDiskYet) {
  Answers answers;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(this->journal().append(twin_of(i, "same"), answers.collect()));
  }
  this->journal().flush();

  using Kind = Appended::Kind;
  EXPECT_THAT(answers.kinds(), ElementsAre(Kind::kKept, Kind::kTwin, Kind::kTwin));
  EXPECT_EQ(answers.all()[2].id, id_of(1));
}

TYPED_TEST_P(JournalSuite, KnowsATwinAsLongAsTheWindowIs) {
  this->open({.twin_window = std::chrono::hours(1)});
  this->keep(twin_of(1, "same"));

  this->clock_.advance(1h);
  EXPECT_EQ(this->append(twin_of(2, "same")).kind, Appended::Kind::kTwin);
  this->clock_.advance(1ms);
  EXPECT_EQ(this->append(twin_of(3, "same")).kind, Appended::Kind::kKept);
  EXPECT_EQ(this->append(twin_of(4, "same")).id, id_of(3));
}

TYPED_TEST_P(JournalSuite, RevivesADeadOneForItsTwin) {
  this->keep(twin_of(1, "same"));
  this->settle({.state = State::kDead, .attempts = 12, .error = "gave up"});

  const Appended twin = this->append(twin_of(2, "same"));

  EXPECT_EQ(twin.kind, Appended::Kind::kTwin);
  EXPECT_EQ(twin.id, id_of(1));
  EXPECT_EQ(twin.twin_state, State::kDead);
  const auto leases = this->journal().claim(10);
  ASSERT_THAT(ids(leases), ElementsAre(id_of(1)));
  EXPECT_EQ(leases[0].run, 1U);
  EXPECT_EQ(leases[0].attempts, 0U);
  EXPECT_EQ(this->journal().stats().dead, 0U);
}

TYPED_TEST_P(JournalSuite, RunsNothingForTheTwinOfOneThatIsDone) {
  this->keep(twin_of(1, "same"));
  this->settle({.state = State::kDone, .attempts = 1});

  const Appended twin = this->append(twin_of(2, "same"));

  EXPECT_EQ(twin.twin_state, State::kDone);
  EXPECT_THAT(this->journal().claim(10), IsEmpty());
}

TYPED_TEST_P(JournalSuite, ReplaysAsAnotherRun) {
  this->keep(event_of(1));
  this->settle({.state = State::kDone, .attempts = 1});

  ASSERT_TRUE(this->journal().replay(id_of(1)));

  const auto leases = this->journal().claim(10);
  ASSERT_THAT(ids(leases), ElementsAre(id_of(1)));
  EXPECT_EQ(leases[0].run, 1U);
  EXPECT_EQ(leases[0].attempts, 0U);
  EXPECT_EQ(leases[0].handler, "retrain.so retrain");
}

TYPED_TEST_P(JournalSuite, ReplaysNothingThatIsReadyOrUnknown) {
  this->keep(event_of(1));

  EXPECT_EQ(this->journal().replay(id_of(1)).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(this->journal().replay(id_of(2)).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(this->journal().claim(10), SizeIs(1));
}

TYPED_TEST_P(JournalSuite, DropsADeadOneAlone) {
  this->keep(event_of(1));
  EXPECT_EQ(this->journal().drop_dead(id_of(1)).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(this->journal().drop_dead(id_of(2)).error().code, ErrorCode::kNotFound);
  this->settle({.state = State::kDead, .attempts = 1, .error = "gave up"});

  ASSERT_TRUE(this->journal().drop_dead(id_of(1)));

  EXPECT_EQ(this->row_of(id_of(1)).state, State::kSkipped);
  EXPECT_EQ(this->journal().stats().dead, 0U);
  EXPECT_EQ(this->journal().drop_dead(id_of(1)).error().code, ErrorCode::kInvalid);
}

TYPED_TEST_P(JournalSuite, RefusesWhatDoesNotFitIntoTheQueue) {
  this->open({.queue_events_max = 0});
  EXPECT_FALSE(this->journal().append(event_of(1), {}));

  this->open({.queue_bytes_max = 100});
  EXPECT_FALSE(this->journal().append(event_of(1), {}));
  EXPECT_EQ(this->journal().stats().waiting, 0U);
}

TYPED_TEST_P(JournalSuite, SaysWhenSomethingIsDueEarlier) {
  std::atomic<int> woken{0};
  this->open({.wake = [&] { ++woken; }});
  this->keep(event_of(1));
  EXPECT_EQ(woken, 1);

  NewEvent later = event_of(2);
  later.due_in = 1h;
  this->keep(later);
  EXPECT_EQ(woken, 1) << "the first one is due before it";

  const auto leases = this->journal().claim(1);
  ASSERT_THAT(leases, SizeIs(1));
  this->journal().release(leases[0], 1min);
  EXPECT_EQ(woken, 2);
  this->journal_.reset();
}

TYPED_TEST_P(JournalSuite, HasIdsBelowItsLast) {
  this->keep(event_of(7));
  this->keep(event_of(3));

  EXPECT_GT(this->journal().last_id(), id_of(7));
  EXPECT_LE(this->journal().last_id(), id_of(8));
}

TYPED_TEST_P(JournalSuite, RefusesAnIdThatIsTakenAndKeepsTheOthers) {
  this->keep(event_of(1));

  Answers answers;
  ASSERT_TRUE(this->journal().append(event_of(1), answers.collect()));
  ASSERT_TRUE(this->journal().append(event_of(2), answers.collect()));
  this->journal().flush();

  using Kind = Appended::Kind;
  EXPECT_THAT(answers.kinds(), ElementsAre(Kind::kFailed, Kind::kKept));
  EXPECT_EQ(this->journal().stats().trouble, "");
}

TYPED_TEST_P(JournalSuite, IsNotMovedByAWallClockThatJumps) {
  NewEvent event = event_of(1);
  event.due_in = 10s;
  this->keep(event);

  for (const auto jump : {-24h * 365, 2 * 24h * 365}) {
    this->clock_.jump(jump);
    this->journal().flush();
    EXPECT_EQ(this->journal().next_due(), this->clock_.monotonic_now() + 10s);
    EXPECT_EQ(this->row_of(id_of(1)).due_at, this->clock_.now() + 10s);
  }
}

TYPED_TEST_P(JournalSuite, ShowsTheNewestFirstAndPagesByKey) {
  for (std::uint64_t i = 1; i <= 5; ++i) this->keep(event_of(i));

  const auto first = this->journal().page({}, 0, 2);
  ASSERT_TRUE(first);
  EXPECT_THAT(ids(*first), ElementsAre(id_of(5), id_of(4)));
  const auto second = this->journal().page({}, id_of(4), 2);
  ASSERT_TRUE(second);
  EXPECT_THAT(ids(*second), ElementsAre(id_of(3), id_of(2)));
  const auto last = this->journal().page({}, id_of(2), 2);
  ASSERT_TRUE(last);
  EXPECT_THAT(ids(*last), ElementsAre(id_of(1)));
}

TYPED_TEST_P(JournalSuite, ShowsWhatFitsEachFilter) {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    NewEvent event = event_of(i);
    event.route = i % 2 == 0 ? "/even" : "/odd";
    event.type = i < 3 ? "first" : "second";
    event.received_at = FakeClock::kStart + std::chrono::seconds(i);
    event.state = i == 1 ? State::kDead : i == 2 ? State::kDone : State::kReady;
    event.body = "body " + std::to_string(i);
    this->keep(event);
  }
  const auto shown = [&](const Filter& filter) {
    const auto page = this->journal().page(filter, 0, 10);
    EXPECT_TRUE(page) << page.error().message;
    return page ? ids(*page) : std::vector<EventId>{};
  };
  const SystemTime start = FakeClock::kStart;

  EXPECT_THAT(shown({.route = "/even"}), ElementsAre(id_of(4), id_of(2)));
  EXPECT_THAT(shown({.type = "second"}), ElementsAre(id_of(4), id_of(3)));
  EXPECT_THAT(shown({.route = "/even", .type = "first"}), ElementsAre(id_of(2)));
  EXPECT_THAT(shown({.state = State::kDead}), ElementsAre(id_of(1)));
  EXPECT_THAT(shown({.state = State::kDone}), ElementsAre(id_of(2)));
  EXPECT_THAT(shown({.state = State::kReady}), ElementsAre(id_of(4), id_of(3)));
  EXPECT_THAT(shown({.state = State::kReady, .route = "/odd"}), ElementsAre(id_of(3)));
  EXPECT_THAT(shown({.since = start + 3s}), ElementsAre(id_of(4), id_of(3)));
  EXPECT_THAT(shown({.until = start + 3s}), ElementsAre(id_of(2), id_of(1)));
  EXPECT_THAT(shown({.text = "body 3"}), ElementsAre(id_of(3)));
  EXPECT_THAT(shown({.state = State::kDone, .text = "body"}), ElementsAre(id_of(2)));
  EXPECT_THAT(shown({.text = "nowhere"}), IsEmpty());
}

TYPED_TEST_P(JournalSuite, ShowsTheLastRunOfAnEvent) {
  this->keep(event_of(1));
  this->settle({.state = State::kDead, .attempts = 12, .error = "gave up"});
  ASSERT_TRUE(this->journal().replay(id_of(1)));
  this->settle({.state = State::kDone, .attempts = 1});

  const auto page = this->journal().page({}, 0, 10);
  ASSERT_TRUE(page);
  ASSERT_THAT(*page, SizeIs(1));
  EXPECT_EQ(page->front().run, 1U);
  EXPECT_EQ(page->front().state, State::kDone);
  const auto dead = this->journal().page({.state = State::kDead}, 0, 10);
  ASSERT_TRUE(dead);
  EXPECT_THAT(*dead, IsEmpty());
}

TYPED_TEST_P(JournalSuite, ShowsNothingOfAnUnknownEvent) {
  EXPECT_EQ(this->journal().find(id_of(1)).error().code, ErrorCode::kNotFound);
}

REGISTER_TYPED_TEST_SUITE_P(
    JournalSuite, GivesOutWhatItKept, KeepsBytesOfEveryKind, KeepsAnEventWithoutAnything,
    HasNothingToGiveOutAtFirst, GivesALeaseToOneAlone, KeepsManyAndGivesEachOutOnce,
    IsOverWithWhatIsDone, GivesOutAgainAtItsTimeAndNotBefore, CountsTheDead,
    CountsNoAttemptOfALeaseThatWasNotUsed, KeepsAnEventThatIsSettledAlready,
    TellsATwinWhoTheOtherOneIs, TakesOthersForNoTwins, KnowsATwinThatIsNotOnDiskYet,
    KnowsATwinAsLongAsTheWindowIs, RevivesADeadOneForItsTwin, RunsNothingForTheTwinOfOneThatIsDone,
    ReplaysAsAnotherRun, ReplaysNothingThatIsReadyOrUnknown, DropsADeadOneAlone,
    RefusesWhatDoesNotFitIntoTheQueue, SaysWhenSomethingIsDueEarlier, HasIdsBelowItsLast,
    RefusesAnIdThatIsTakenAndKeepsTheOthers, IsNotMovedByAWallClockThatJumps,
    ShowsTheNewestFirstAndPagesByKey, ShowsWhatFitsEachFilter, ShowsTheLastRunOfAnEvent,
    ShowsNothingOfAnUnknownEvent);

}  // namespace hookhost::store::test
