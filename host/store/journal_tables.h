// SPDX-License-Identifier: Apache-2.0
//
// JournalTables: what the writer does with the tables, one function a step, inside of a transaction
// that the writer begins and ends. What a step changes in counts and due times is collected and
// counts from commit() on; rollback() forgets it. The writer's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/due_schedule.h"
#include "store/journal.h"
#include "store/retention.h"
#include "store/sqlite_database.h"

namespace hookhost::store {

struct Tally {
  std::int64_t ready = 0, dead = 0, body_bytes = 0;  // that are there
  std::int64_t appended = 0, twins = 0, purged = 0;  // since the journal was opened
  EventId newest = 0;
  std::int64_t newest_kept_ms = 0;  // 0: there is no event

  bool operator==(const Tally&) const = default;
};

// What commit() made true.
struct Committed {
  std::vector<DueKey> ready = {};                               // to be scheduled
  std::vector<std::pair<EventId, std::uint32_t>> settled = {};  // leases that ended
};

enum class Durability {
  kFull,   // on disk when commit() returns: of whatever somebody is told
  kOrder,  // may be lost with the power, but nothing after it without it
};

class JournalTables {
 public:
  static Sqlite<JournalTables> open(Database database);

  Sqlite<void> begin(Durability durability);
  Sqlite<Committed> commit();
  void rollback() noexcept;

  // A twin that was kept before twin_after_ms is none any more.
  Sqlite<Appended> append(const NewEvent& event, std::int64_t now_ms, std::int64_t twin_after_ms);
  Sqlite<void> finish(EventId id, std::uint32_t run, const Finish& finish, std::int64_t now_ms);
  // What the operator is told: nothing, or why not.
  Sqlite<Status> replay(EventId id, std::int64_t now_ms);
  Sqlite<Status> drop_dead(EventId id);
  // Looks at the next events, oldest first, and deletes what retention lets go. false: it came to
  // those that are too young, or to the end, and begins anew.
  Sqlite<bool> purge(const Retention& retention, std::int64_t now_ms);

  Sqlite<std::vector<DueKey>> due_page(const DueKey& after, std::size_t max);
  // The event is in the database.
  Sqlite<bool> holds(EventId id);
  // Writes a page that is as it was, to see whether the disk takes it. Full durability.
  Sqlite<void> try_write();
  // Everything in the log is in the database, synced, and the log is empty: nothing depends on
  // what a failed sync may have dropped from it.
  Sqlite<void> checkpoint_all();
  // The same for as much as readers let, once the log is long; its error is a failed sync too.
  Sqlite<void> checkpoint_if_long();

  const Tally& tally() const noexcept { return tally_; }  // of what is committed
  // A run that failed keeps its counts of this process.
  void go_on_from(const Tally& before) noexcept;

 private:
  explicit JournalTables(Database database) : database_(std::move(database)) {}
  Sqlite<void> prepare();
  Sqlite<void> count();
  struct LastRun {
    std::uint32_t run;
    State state;
    std::string handler;
  };
  struct Twin {
    EventId id;
    LastRun last;
  };
  Sqlite<std::optional<LastRun>> last_run(EventId id);
  Sqlite<std::optional<Twin>> find_twin(Blob key, std::int64_t twin_after_ms);
  Sqlite<void> insert_delivery(EventId id, std::uint32_t run, const NewEvent& event,
                               std::int64_t now_ms);
  Sqlite<void> run_again(EventId id, const LastRun& last, std::int64_t now_ms);
  Sqlite<void> remove(EventId id, std::string_view twin_key);

  Database database_;
  Durability level_ = Durability::kOrder;  // of the connection, as it is opened
  Statement insert_event_, insert_body_, insert_delivery_, insert_attempt_, find_twin_, set_twin_,
      last_run_, state_of_, finish_, set_state_, oldest_, delete_event_, delete_body_,
      delete_deliveries_, delete_attempts_, delete_twin_, due_page_, holds_;
  Tally tally_, pending_tally_;
  Committed pending_;
  EventId purge_cursor_ = 0;
};

}  // namespace hookhost::store
