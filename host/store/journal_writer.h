// SPDX-License-Identifier: Apache-2.0
//
// JournalWriter: the journal's thread and the bounded queue before it. Takes everything that waits,
// writes it in one transaction, and tells what became of it when that is on disk; meanwhile the
// next group collects. No timer, no linger.
//
//   taking --a write failed--> in trouble --a write is on disk again--> taking
//
// In trouble every event is refused, those that wait included; what became of leases waits, and
// retention goes on, since it makes room. After a failed sync the database is opened anew and its
// log emptied: what the failed sync dropped must not be believed because the next one says yes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/due_schedule.h"
#include "store/journal.h"
#include "store/journal_tables.h"
#include "store/journal_time.h"
#include "store/retention.h"
#include "store/sqlite_journal.h"

namespace hookhost::store {

class JournalWriter {
 public:
  // Where the tables come from: called at the start and after each failed write.
  using Open = std::function<Result<JournalTables>()>;
  // Space that is free; nullopt: nobody knows.
  using FreeBytes = std::function<std::optional<std::uint64_t>()>;

  // Opens the tables and starts the thread. clock outlives it.
  static Result<std::unique_ptr<JournalWriter>> start(const Options& options, const Clock& clock,
                                                      Open open, FreeBytes free_bytes);
  // Writes what waits, and ends the thread.
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  // As Journal says.
  bool append(NewEvent event, AppendCallback done);
  std::vector<DueKey> take(std::size_t max);
  std::optional<MonotonicTime> next_due() const;
  void finish(EventId id, std::uint32_t run, Finish finish);
  void release(EventId id, std::uint32_t run, std::chrono::milliseconds due_in);
  Status replay(EventId id) { return carry_out({Order::Kind::kReplay, id}); }
  Status drop_dead(EventId id) { return carry_out({Order::Kind::kDropDead, id}); }
  void flush();
  EventId last_id() const;
  Stats stats() const;

  // When a due time of the database is, by the wall clock as it stands now.
  SystemTime wall_time(std::int64_t journal_ms) const noexcept;

 private:
  struct Waiting {
    NewEvent event;
    AppendCallback done;
  };
  struct Finished {
    EventId id;
    std::uint32_t run;
    Finish finish;
  };
  struct Order {
    enum class Kind { kReplay, kDropDead };
    Kind kind;
    EventId id;
  };
  struct Ordered {
    Order order;
    Status* outcome;  // of the caller, who waits for is_done
    bool* is_done;
  };
  struct Group {
    std::vector<Waiting> events = {};
    std::vector<Finished> finishes = {};
    std::vector<Ordered> orders = {};
    std::uint64_t pass = 0;
  };
  struct Answers {
    std::vector<Appended> events = {};
    std::vector<Status> orders = {};
    Committed committed = {};
    std::chrono::microseconds commit{0};
    bool is_written = false;  // there was something to write
  };

  JournalWriter(const Options& options, const Clock& clock, Open open, FreeBytes free_bytes,
                JournalTables tables);

  Status carry_out(Order order);
  void wake() const;
  static std::size_t size_of(const NewEvent& event) noexcept;

  // Of the thread alone.
  void serve();
  std::optional<Group> take_group();
  void settle(Group group);
  Sqlite<Answers> write(const Group& group);
  void publish(Group& group, Answers& answers);
  void give_up(Group& group);
  void refuse_events(Group& group);
  void answer(std::vector<Waiting>& events, const std::vector<Appended>& answers);
  void load_due();
  void keep_log_short();
  bool is_taking() const;
  void set_trouble(const std::string& trouble);
  void stumble(const SqliteError& error);
  void recover();
  void look_at_disk();

  const Options options_;
  const Clock& clock_;
  const Open open_;
  const FreeBytes free_bytes_;

  // Of the thread alone.
  std::optional<JournalTables> tables_;
  const JournalTime time_;
  Tally counted_;  // of the last commit
  Retention retention_;
  bool is_broken_ = false;        // a write failed, and none succeeded since
  bool needs_reopening_ = false;  // for another reason than a full disk
  MonotonicTime next_look_{};

  mutable Mutex mutex_;
  Condition work_, settled_;
  std::deque<Waiting> events_ HOOKHOST_GUARDED_BY(mutex_);
  std::size_t event_bytes_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::vector<Finished> finishes_ HOOKHOST_GUARDED_BY(mutex_);
  std::vector<Ordered> orders_ HOOKHOST_GUARDED_BY(mutex_);
  DueSchedule schedule_ HOOKHOST_GUARDED_BY(mutex_);
  Stats stats_ HOOKHOST_GUARDED_BY(mutex_);  // without what waits
  EventId newest_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::uint64_t handed_ HOOKHOST_GUARDED_BY(mutex_) = 0;    // events that append() took
  std::uint64_t answered_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // of them
  std::uint64_t asked_ HOOKHOST_GUARDED_BY(mutex_) = 0;     // passes that flush() waits for
  std::uint64_t passed_ HOOKHOST_GUARDED_BY(mutex_) = 0;    // the last of them that ended
  bool is_stopping_ HOOKHOST_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace hookhost::store
