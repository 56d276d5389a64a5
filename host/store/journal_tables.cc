// SPDX-License-Identifier: Apache-2.0
#include "store/journal_tables.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "store/journal_time.h"
#include "store/schema.h"

namespace hookhost::store {
namespace {

constexpr int kLogPages = 1000;  // 8 MB: checkpoints of this size cost a commit least

std::int64_t number(State state) noexcept { return static_cast<std::int64_t>(state); }
State state_of(std::int64_t number) noexcept { return static_cast<State>(number); }

bool is_open(State state) noexcept { return state == State::kReady || state == State::kRunning; }

std::string_view bytes_of(const TwinKey& key) noexcept {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

Sqlite<JournalTables> JournalTables::open(Database database) {
  JournalTables tables(std::move(database));
  if (auto done = tables.prepare(); !done) return std::move(done).error();
  if (auto done = tables.count(); !done) return std::move(done).error();
  return tables;
}

Sqlite<void> JournalTables::prepare() {
  // The level changes with each transaction that needs another one; see begin().
  if (auto set = database_.execute("PRAGMA synchronous=NORMAL"); !set) return set;
  struct Text {
    Statement& statement;
    std::string_view sql;
  };
  const std::array texts = {
      Text{insert_event_, "INSERT INTO event VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"},
      Text{insert_body_, "INSERT INTO body VALUES(?1,?2,?3)"},
      Text{insert_delivery_, "INSERT INTO delivery VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"},
      Text{insert_attempt_, "INSERT OR REPLACE INTO attempt VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"},
      Text{find_twin_,
           "SELECT e.id, e.kept_ms FROM dedup d JOIN event e ON e.id = d.event_id"
           " WHERE d.twin_key = ?1"},
      Text{set_twin_, "INSERT OR REPLACE INTO dedup VALUES(?1,?2)"},
      Text{
          last_run_,
          "SELECT run, state, handler FROM delivery WHERE event_id = ?1 ORDER BY run DESC LIMIT 1"},
      Text{state_of_, "SELECT state FROM delivery WHERE event_id = ?1 AND run = ?2"},
      Text{finish_,
           "UPDATE delivery SET state = ?3, attempts = ?4, next_ms = ?5, last_ms = ?6,"
           " last_error = ?7, generation = ?8 WHERE event_id = ?1 AND run = ?2"},
      Text{set_state_, "UPDATE delivery SET state = ?3 WHERE event_id = ?1 AND run = ?2"},
      Text{oldest_,
           "SELECT id, kept_ms, size, twin_key,"
           " EXISTS(SELECT 1 FROM delivery WHERE event_id = id AND state IN (0,1,4)),"
           " EXISTS(SELECT 1 FROM delivery WHERE event_id = id AND state = 3)"
           " FROM event WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3"},
      Text{delete_event_, "DELETE FROM event WHERE id = ?1"},
      Text{delete_body_, "DELETE FROM body WHERE event_id = ?1"},
      Text{delete_deliveries_, "DELETE FROM delivery WHERE event_id = ?1"},
      Text{delete_attempts_, "DELETE FROM attempt WHERE event_id = ?1"},
      Text{delete_twin_, "DELETE FROM dedup WHERE twin_key = ?1 AND event_id = ?2"},
      Text{due_page_, kDuePageSql},
      Text{holds_, "SELECT 1 FROM event WHERE id = ?1"},
  };
  for (const Text& text : texts) {
    auto prepared = database_.prepare(text.sql);
    if (!prepared) return std::move(prepared).error();
    text.statement = std::move(*prepared);
  }
  return {};
}

Sqlite<void> JournalTables::count() {
  struct Count {
    std::int64_t& into;
    std::string_view sql;
  };
  std::int64_t newest = 0;
  const std::array counts = {
      Count{tally_.ready, "SELECT count(*) FROM delivery WHERE state IN (0,1)"},
      Count{tally_.dead, "SELECT count(*) FROM delivery WHERE state = 3"},
      Count{tally_.body_bytes, "SELECT sum(size) FROM event"},
      Count{newest, "SELECT max(id) FROM event"},
      Count{tally_.newest_kept_ms, "SELECT kept_ms FROM event ORDER BY id DESC LIMIT 1"},
  };
  for (const Count& count : counts) {
    const auto value = database_.integer(count.sql);
    if (!value) return value.error();
    count.into = *value;
  }
  tally_.newest = static_cast<EventId>(newest);
  pending_tally_ = tally_;
  return {};
}

Sqlite<void> JournalTables::begin(Durability durability) {
  if (level_ != durability) {
    const bool is_full = durability == Durability::kFull;
    auto set = database_.execute(is_full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    if (!set) return set;
    level_ = durability;
  }
  return database_.execute("BEGIN IMMEDIATE");
}

Sqlite<Committed> JournalTables::commit() {
  if (auto done = database_.execute("COMMIT"); !done) return std::move(done).error();
  tally_ = pending_tally_;
  return std::exchange(pending_, {});
}

void JournalTables::rollback() noexcept {
  if (!database_.is_idle()) {
    // Its error adds nothing: the transaction ends with the connection at the latest.
    const auto ended = database_.execute("ROLLBACK");
    static_cast<void>(ended);
  }
  pending_tally_ = tally_;
  pending_ = {};
}

Sqlite<Appended> JournalTables::append(const NewEvent& event, std::int64_t now_ms,
                                       std::int64_t twin_after_ms) {
  std::optional<Blob> key;
  if (event.twin_key) key = Blob{bytes_of(*event.twin_key)};
  if (key) {
    const auto twin = find_twin(*key, twin_after_ms);
    if (!twin) return twin.error();
    if (*twin) {
      const auto& [id, last] = **twin;
      if (last.state == State::kDead) {
        if (auto done = run_again(id, last, now_ms); !done) return done.error();
      }
      ++pending_tally_.twins;
      return Appended{Appended::Kind::kTwin, id, last.state};
    }
  }

  auto inserted =
      insert_event_.run(event.id, now_ms, to_ms(event.received_at), event.route, event.type,
                        event.sender_id, key, static_cast<std::uint64_t>(event.body.size()));
  // An id that stands there already is refused alone; the others of the group are kept.
  if (!inserted && (inserted.error().code & 0xff) == SQLITE_CONSTRAINT) return Appended{};
  if (!inserted) return inserted.error();
  if (auto done = insert_body_.run(event.id, event.head, Blob{event.body}); !done)
    return done.error();
  if (key) {
    if (auto done = set_twin_.run(*key, event.id); !done) return done.error();
  }
  if (auto done = insert_delivery(event.id, 0, event, now_ms); !done) return done.error();
  if (!event.error.empty() && event.attempts > 0) {
    auto done =
        insert_attempt_.run(event.id, std::uint32_t{0}, event.attempts, to_ms(event.received_at),
                            std::int64_t{0}, number(event.state), event.error, event.generation);
    if (!done) return done.error();
  }
  ++pending_tally_.appended;
  pending_tally_.body_bytes += static_cast<std::int64_t>(event.body.size());
  if (event.id > pending_tally_.newest) {
    pending_tally_.newest = event.id;
    pending_tally_.newest_kept_ms = now_ms;
  }
  return Appended{Appended::Kind::kKept, event.id, event.state};
}

Sqlite<std::optional<JournalTables::Twin>> JournalTables::find_twin(Blob key,
                                                                    std::int64_t twin_after_ms) {
  EventId id = 0;
  {
    Rows rows = find_twin_.query(key);
    const auto row = rows.next();
    if (!row) return row.error();
    if (!*row || rows.integer(1) < twin_after_ms) return std::optional<Twin>{};
    id = static_cast<EventId>(rows.integer(0));
  }
  auto last = last_run(id);
  if (!last) return std::move(last).error();
  if (!*last) return std::optional<Twin>{};  // only a damaged journal has an event without one
  return std::optional<Twin>(Twin{id, std::move(**last)});
}

Sqlite<void> JournalTables::insert_delivery(EventId id, std::uint32_t run, const NewEvent& event,
                                            std::int64_t now_ms) {
  const std::int64_t next_ms = now_ms + event.due_in.count();
  std::optional<std::int64_t> last_ms;
  if (event.attempts > 0) last_ms = to_ms(event.received_at);
  auto done = insert_delivery_.run(id, run, event.handler, number(event.state), event.attempts,
                                   next_ms, last_ms, event.error, event.generation);
  if (!done) return done;
  if (is_open(event.state)) {
    ++pending_tally_.ready;
    pending_.ready.push_back({next_ms, id, run});
  }
  pending_tally_.dead += event.state == State::kDead ? 1 : 0;
  return {};
}

Sqlite<std::optional<JournalTables::LastRun>> JournalTables::last_run(EventId id) {
  Rows rows = last_run_.query(id);
  const auto row = rows.next();
  if (!row) return row.error();
  if (!*row) return std::optional<LastRun>{};
  return std::optional<LastRun>(LastRun{static_cast<std::uint32_t>(rows.integer(0)),
                                        state_of(rows.integer(1)), std::string(rows.text(2))});
}

// A dead run that got another one is not dead any more: one of an event at most is.
Sqlite<void> JournalTables::run_again(EventId id, const LastRun& last, std::int64_t now_ms) {
  if (last.state == State::kDead) {
    if (auto done = set_state_.run(id, last.run, number(State::kSkipped)); !done) return done;
    --pending_tally_.dead;
  }
  NewEvent again;
  again.handler = last.handler;
  return insert_delivery(id, last.run + 1, again, now_ms);
}

Sqlite<void> JournalTables::finish(EventId id, std::uint32_t run, const Finish& finish,
                                   std::int64_t now_ms) {
  pending_.settled.emplace_back(id, run);
  {
    Rows rows = state_of_.query(id, run);
    const auto row = rows.next();
    if (!row) return row.error();
    if (!*row || !is_open(state_of(rows.integer(0)))) return {};  // it was finished before
  }
  const std::int64_t next_ms = now_ms + finish.due_in.count();
  std::optional<std::int64_t> last_ms;
  if (finish.started_at != SystemTime{}) last_ms = to_ms(finish.started_at);
  if (auto done = finish_.run(id, run, number(finish.state), finish.attempts, next_ms, last_ms,
                              finish.error, finish.generation);
      !done) {
    return done;
  }
  if (!finish.error.empty()) {
    auto done = insert_attempt_.run(id, run, finish.attempts, to_ms(finish.started_at),
                                    static_cast<std::int64_t>(finish.took.count()),
                                    number(finish.state), finish.error, finish.generation);
    if (!done) return done;
  }
  if (is_open(finish.state)) {
    pending_.ready.push_back({next_ms, id, run});
  } else {
    --pending_tally_.ready;
  }
  pending_tally_.dead += finish.state == State::kDead ? 1 : 0;
  return {};
}

Sqlite<Status> JournalTables::replay(EventId id, std::int64_t now_ms) {
  const auto last = last_run(id);
  if (!last) return last.error();
  if (!*last) return Status(Error{ErrorCode::kNotFound, "there is no such event", {}});
  if (is_open((*last)->state)) {
    return Status(Error{ErrorCode::kInvalid, "it is ready or running already", {}});
  }
  if (auto done = run_again(id, **last, now_ms); !done) return done.error();
  return Status();
}

Sqlite<Status> JournalTables::drop_dead(EventId id) {
  const auto last = last_run(id);
  if (!last) return last.error();
  if (!*last) return Status(Error{ErrorCode::kNotFound, "there is no such event", {}});
  if ((*last)->state != State::kDead)
    return Status(Error{ErrorCode::kInvalid, "it is not dead", {}});
  if (auto done = set_state_.run(id, (*last)->run, number(State::kSkipped)); !done)
    return done.error();
  --pending_tally_.dead;
  return Status();
}

Sqlite<bool> JournalTables::purge(const Retention& retention, std::int64_t now_ms) {
  struct Old {
    EventId id;
    std::int64_t size;
    std::string twin_key;
  };
  std::vector<Old> old;
  const std::int64_t done_before_ms = retention.done_before_ms(now_ms);
  const std::int64_t dead_before_ms = retention.dead_before_ms(now_ms);
  std::int64_t bytes = pending_tally_.body_bytes;
  EventId cursor = purge_cursor_;
  unsigned seen = 0;
  bool is_young = false;
  {
    Rows rows = oldest_.query(cursor, pending_tally_.newest, Retention::kSeenMax);
    while (old.size() < Retention::kDeletedMax && !is_young) {
      const auto row = rows.next();
      if (!row) return row.error();
      if (!*row) break;
      ++seen;
      cursor = static_cast<EventId>(rows.integer(0));
      const std::int64_t kept_ms = rows.integer(1);
      const bool is_over = retention.is_over(bytes);
      is_young = kept_ms >= std::max(done_before_ms, dead_before_ms) && !is_over;
      const bool is_open = rows.integer(4) != 0, is_dead = rows.integer(5) != 0;
      const bool lapsed = is_dead ? kept_ms < dead_before_ms : kept_ms < done_before_ms || is_over;
      if (is_open || !lapsed) continue;
      old.push_back({cursor, rows.integer(2), std::string(rows.text(3))});
      bytes -= old.back().size;
    }
  }
  for (const Old& event : old) {
    if (auto done = remove(event.id, event.twin_key); !done) return done.error();
    pending_tally_.body_bytes -= event.size;
    ++pending_tally_.purged;
  }
  const bool goes_on =
      !is_young && (seen == Retention::kSeenMax || old.size() == Retention::kDeletedMax);
  purge_cursor_ = goes_on ? cursor : 0;
  return goes_on;
}

Sqlite<void> JournalTables::remove(EventId id, std::string_view twin_key) {
  // One that was dead and lapsed leaves the count of the dead.
  const auto last = last_run(id);
  if (!last) return last.error();
  if (*last && (*last)->state == State::kDead) --pending_tally_.dead;
  if (!twin_key.empty()) {
    if (auto done = delete_twin_.run(Blob{twin_key}, id); !done) return done;
  }
  for (Statement* statement :
       {&delete_attempts_, &delete_deliveries_, &delete_body_, &delete_event_}) {
    if (auto done = statement->run(id); !done) return done;
  }
  return {};
}

Sqlite<std::vector<DueKey>> JournalTables::due_page(const DueKey& after, std::size_t max) {
  std::vector<DueKey> page;
  Rows rows = due_page_.query(after.next_ms, after.id, after.run, static_cast<std::uint64_t>(max));
  for (;;) {
    const auto row = rows.next();
    if (!row) return row.error();
    if (!*row) return page;
    page.push_back({rows.integer(0), static_cast<EventId>(rows.integer(1)),
                    static_cast<std::uint32_t>(rows.integer(2))});
  }
}

Sqlite<bool> JournalTables::holds(EventId id) { return holds_.query(id).next(); }

Sqlite<void> JournalTables::try_write() {
  if (auto begun = begin(Durability::kFull); !begun) return begun;
  const std::string same = fmt::format("PRAGMA user_version={}", kSchemaVersion);
  if (auto written = database_.execute(same.c_str()); !written) return written;
  return database_.execute("COMMIT");
}

Sqlite<void> JournalTables::checkpoint_all() {
  return database_.checkpoint(Database::Checkpoint::kAll);
}

Sqlite<void> JournalTables::checkpoint_if_long() {
  if (database_.log_pages() < kLogPages) return {};
  return database_.checkpoint(Database::Checkpoint::kWhatIsFree);
}

void JournalTables::go_on_from(const Tally& before) noexcept {
  tally_.appended = before.appended;
  tally_.twins = before.twins;
  tally_.purged = before.purged;
  pending_tally_ = tally_;
}

}  // namespace hookhost::store
