// SPDX-License-Identifier: Apache-2.0
//
// Is what was acknowledged still there after the power was cut, whatever the disk was doing? The
// whole test: HOOKHOST_CUTS=1000 build/dev/tests/store/store_test --gtest_filter='PowerCut.*'
#include "support/power_cut_vfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <latch>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journal_suite.h"
#include "store/sqlite_database.h"

namespace hookhost::store::test {
namespace {

using ::hookhost::test::PowerCutVfs;
using ::hookhost::test::TempDir;

unsigned cuts(unsigned usual) {
  const char* wanted = std::getenv("HOOKHOST_CUTS");
  return wanted == nullptr ? usual : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

std::uint64_t seed() {
  const char* wanted = std::getenv("HOOKHOST_SEED");
  return wanted == nullptr ? std::random_device()() : std::strtoull(wanted, nullptr, 10);
}

struct Loss {
  std::size_t lost = 0, acknowledged = 0, struck = 0;
};

// Rounds of appends and finishes on one journal, each ended by a power cut somewhere in it.
class CutRounds {
 public:
  CutRounds(PowerCutVfs& vfs, std::uint64_t seed) : vfs_(vfs), random_(seed) {}

  Loss run(unsigned rounds) {
    for (unsigned i = 0; i < rounds && !::testing::Test::HasFailure(); ++i) {
      // A look reads the whole journal: it must not grow for ever.
      if (i % kRoundsOfADisk == 0) {
        dir_.emplace();
        acknowledged_.clear();
      }
      work();
      vfs_.cut();
      vfs_.restore_power();
      look();
    }
    return loss_;
  }

 private:
  void work() {
    auto opened = open_sqlite_journal({.folder = folder(), .vfs = vfs_.name()}, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    Journal& journal = **opened;
    vfs_.cut_at(1 + static_cast<unsigned>(random_() % 250));
    Answers answers;
    constexpr unsigned kBursts = 6;
    for (unsigned burst = 0; burst < kBursts; ++burst) {
      if (random_() % 2 == 0) {
        append_some(journal, answers);
      } else {
        append_one_group(journal, answers);
      }
      for (const Lease& lease : journal.claim(random_() % 4)) {
        journal.finish(lease, {.state = State::kDone, .attempts = 1});
      }
    }
    journal.flush();
    opened->reset();
    loss_.struck += vfs_.has_struck() ? 1 : 0;
    for (const Appended& answer : answers.all()) {
      if (answer.kind != Appended::Kind::kKept) continue;
      acknowledged_.insert(answer.id);
      ++loss_.acknowledged;
    }
  }

  std::vector<EventId> append_some(Journal& journal, Answers& answers) {
    std::vector<EventId> taken;
    for (auto left = 1 + random_() % 8; left > 0; --left) {
      NewEvent event = event_of(++number_);
      event.twin_key = key_of(std::to_string(number_));
      event.body.resize(random_() % 3000, 'x');
      const EventId id = event.id;
      if (journal.append(std::move(event), answers.collect())) taken.push_back(id);
    }
    return taken;
  }

  // While the callback of an event before them holds the journal's thread, they gather.
  void append_one_group(Journal& journal, Answers& answers) {
    std::latch is_held(1), may_go(1);
    const auto hold = [&, collect = answers.collect()](const Appended& appended) {
      collect(appended);
      is_held.count_down();
      may_go.wait();
    };
    if (!journal.append(event_of(++number_), hold)) return;
    is_held.wait();
    groups_.push_back(append_some(journal, answers));
    may_go.count_down();
    journal.flush();
  }

  // The file as another program would see it.
  void look() {
    auto database = Database::open(folder() / "journal.db", Database::Access::kWrite, {});
    ASSERT_TRUE(database) << database.error().message;
    const auto check = database->text("PRAGMA quick_check");
    ASSERT_TRUE(check) << check.error().message;
    ASSERT_EQ(*check, "ok");
    // A group is there or not: no event of it alone, and none without its other rows.
    for (const char* half :
         {"SELECT count(*) FROM event LEFT JOIN body ON event_id = id WHERE event_id IS NULL",
          "SELECT count(*) FROM event e LEFT JOIN delivery d ON d.event_id = e.id"
          " WHERE d.event_id IS NULL",
          "SELECT count(*) FROM event e LEFT JOIN dedup d ON d.twin_key = e.twin_key"
          " WHERE e.twin_key IS NOT NULL AND d.event_id IS NOT e.id"}) {
      const auto count = database->integer(half);
      ASSERT_TRUE(count) << count.error().message;
      EXPECT_EQ(*count, 0) << half;
    }
    auto statement = database->prepare("SELECT id FROM event");
    ASSERT_TRUE(statement);
    std::set<EventId> left;
    Rows rows = statement->query();
    for (auto row = rows.next(); row && *row; row = rows.next()) {
      left.insert(static_cast<EventId>(rows.integer(0)));
    }
    for (const std::vector<EventId>& group : groups_) {
      const auto there =
          std::count_if(group.begin(), group.end(), [&](EventId id) { return left.contains(id); });
      EXPECT_TRUE(there == 0 || there == std::ssize(group)) << there << " of " << group.size();
    }
    groups_.clear();
    for (auto it = acknowledged_.begin(); it != acknowledged_.end();) {
      const bool is_lost = !left.contains(*it);
      loss_.lost += is_lost ? 1 : 0;
      it = is_lost ? acknowledged_.erase(it) : std::next(it);
    }
  }

  std::filesystem::path folder() const { return *dir_ / "journal"; }

  static constexpr unsigned kRoundsOfADisk = 25;
  std::optional<TempDir> dir_;
  hookhost::test::FakeClock clock_;
  PowerCutVfs& vfs_;
  std::mt19937_64 random_;
  std::uint64_t number_ = 0;
  std::set<EventId> acknowledged_;
  std::vector<std::vector<EventId>> groups_;  // of the last round
  Loss loss_;
};

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HOOKHOST_SEED=" + std::to_string(used));
  PowerCutVfs vfs("power-cut", used);

  const Loss loss = CutRounds(vfs, used).run(cuts(200));

  EXPECT_EQ(loss.lost, 0U);
  EXPECT_GT(loss.acknowledged, 4 * cuts(200));
  EXPECT_GT(loss.struck, cuts(200) / 3) << "many cuts come while the disk is written";
}

// The test above could see it: without FULL, events are lost.
TEST(PowerCut, LosesEventsOnADiskThatIsDeafToFull) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HOOKHOST_SEED=" + std::to_string(used));
  PowerCutVfs vfs("power-cut-deaf", used);
  vfs.ignore_full();

  const Loss loss = CutRounds(vfs, used).run(40);

  EXPECT_GT(loss.lost, 0U);
}

}  // namespace
}  // namespace hookhost::store::test
