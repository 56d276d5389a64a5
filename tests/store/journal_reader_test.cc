// SPDX-License-Identifier: Apache-2.0
//
// Does SQLite answer from an index what would be slow from the table, and does a search end in
// time? The plan is SQLite's own word (EXPLAIN QUERY PLAN).
#include "store/journal_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "store/schema.h"
#include "support/fake_clock.h"

namespace hookhost::store {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class JournalReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(writer_) << writer_.error().message;
    ASSERT_TRUE(make_schema(*writer_, "journal"));
  }
  std::string plan(const std::string& sql) {
    auto statement = writer_->prepare("EXPLAIN QUERY PLAN " + sql);
    EXPECT_TRUE(statement) << statement.error().message;
    std::string plan;
    Rows rows = statement->query();
    for (auto row = rows.next(); row && *row; row = rows.next()) {
      plan.append(rows.text(3)).append("\n");
    }
    return plan;
  }

  Sqlite<Database> writer_ =
      Database::open("/journal-reader-test", Database::Access::kWrite, "memdb");
};

TEST_F(JournalReaderTest, FindsWhatIsDueInItsIndex) {
  const std::string due = plan(std::string(kDuePageSql));

  EXPECT_THAT(due, HasSubstr("SEARCH delivery USING INDEX delivery_due ((next_ms,event_id,run)>"));
  EXPECT_THAT(due, Not(HasSubstr("TEMP B-TREE")));
}

TEST_F(JournalReaderTest, WalksAPageAlongAnIndexAndSortsNothing) {
  struct Case {
    Filter filter;
    const char* first;
  };
  for (const auto& [filter, first] :
       {Case{{}, "SEARCH e USING INTEGER PRIMARY KEY (rowid<?)"},
        Case{{.route = "/a"}, "SEARCH e USING INDEX event_route (route=? AND id<?)"},
        Case{{.type = "t"}, "SEARCH e USING INDEX event_type (type=? AND id<?)"},
        Case{{.state = State::kDead}, "SEARCH d USING INDEX delivery_dead (event_id<?)"},
        Case{{.state = State::kDone}, "SEARCH e USING INTEGER PRIMARY KEY (rowid<?)"}}) {
    const std::string page = plan(page_sql(filter));

    EXPECT_THAT(page, HasSubstr(first));
    EXPECT_THAT(page, HasSubstr("SEARCH"));
    EXPECT_THAT(page, Not(HasSubstr("TEMP B-TREE"))) << first;
    EXPECT_THAT(page, Not(HasSubstr("SCAN d"))) << first;
  }
}

TEST_F(JournalReaderTest, WalksOnlyWhatIsReadyForThePageOfIt) {
  EXPECT_THAT(plan(page_sql({.state = State::kReady})), HasSubstr("USING INDEX delivery_due"));
}

// A clock whose every look is a minute later.
class HastyClock final : public Clock {
 public:
  SystemTime now() const noexcept override { return {}; }
  MonotonicTime monotonic_now() const noexcept override {
    return MonotonicTime(std::chrono::minutes(++looks_));
  }

 private:
  mutable std::atomic<int> looks_{0};
};

TEST_F(JournalReaderTest, EndsASearchThatTakesTooLong) {
  // The search looks at the clock every 10,000 steps of SQLite's machine.
  ASSERT_TRUE(writer_->execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
      " INSERT INTO event SELECT i, 0, 0, '', '', '', NULL, 1 FROM n;"
      "INSERT INTO body SELECT id, '', x'61' FROM event;"
      "INSERT INTO delivery SELECT id, 0, '', 2, 1, 0, NULL, '', '' FROM event;"));
  auto connection = Database::open("/journal-reader-test", Database::Access::kRead, "memdb");
  ASSERT_TRUE(connection);
  const HastyClock clock;
  auto reader =
      JournalReader::open(std::move(*connection), clock, [](std::int64_t) { return SystemTime(); });
  ASSERT_TRUE(reader);

  const auto page = (*reader)->page({.text = "nowhere"}, 0, 10);

  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE((*reader)->page({}, 0, 10)) << "the next question has its own time";
}

TEST_F(JournalReaderTest, WritesNothing) {
  auto connection = Database::open("/journal-reader-test", Database::Access::kRead, "memdb");
  ASSERT_TRUE(connection);

  EXPECT_FALSE(connection->execute("DELETE FROM event"));
}

}  // namespace
}  // namespace hookhost::store
