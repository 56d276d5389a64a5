// SPDX-License-Identifier: Apache-2.0
#include "store/journal_reader.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "store/journal_time.h"

namespace hookhost::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT e.id, e.received_ms, e.route, e.type, e.sender_id, e.size, d.handler, d.run,"
    " d.attempts, d.state, d.next_ms, d.last_ms, d.last_error, d.generation";
constexpr std::string_view kLastRun =
    " AND d.run = (SELECT max(run) FROM delivery WHERE event_id = e.id)";

Error failure(const SqliteError& error) { return to_error(error, "journal"); }

std::string event_conditions(const Filter& filter, std::string_view prefix) {
  std::string sql;
  const auto add = [&](bool is_set, std::string_view condition) {
    if (is_set) sql += fmt::format(" AND {}{}", prefix, condition);
  };
  add(!filter.route.empty(), "route = ?3");
  add(!filter.type.empty(), "type = ?4");
  add(filter.since.has_value(), "received_ms >= ?5");
  add(filter.until.has_value(), "received_ms < ?6");
  return sql;
}

// The table that is walked first decides what a page costs: CROSS JOIN keeps the order. The
// conditions on state stand as in the partial indexes, or those could not be used.
std::string page_source(const Filter& filter) {
  if (!filter.text.empty()) {
    return fmt::format(
        " FROM (SELECT * FROM event WHERE id < ?1{} ORDER BY id DESC LIMIT {}) e"
        " CROSS JOIN delivery d ON d.event_id = e.id CROSS JOIN body b ON b.event_id = e.id"
        " WHERE instr(b.body, ?8) > 0",
        event_conditions(filter, ""), kTextScanMax);
  }
  if (filter.state == State::kDead) {
    return " FROM delivery d INDEXED BY delivery_dead CROSS JOIN event e ON e.id = d.event_id"
           " WHERE d.state = 3 AND d.event_id < ?1";
  }
  if (filter.state == State::kReady) {
    return " FROM delivery d INDEXED BY delivery_due CROSS JOIN event e ON e.id = d.event_id"
           " WHERE d.state IN (0,1) AND d.event_id < ?1";
  }
  return " FROM event e CROSS JOIN delivery d ON d.event_id = e.id WHERE e.id < ?1";
}

std::optional<std::int64_t> ms_of(const std::optional<SystemTime>& time) {
  if (!time) return std::nullopt;
  return to_ms(*time);
}

}  // namespace

std::string page_sql(const Filter& filter) {
  std::string sql(kColumns);
  sql += page_source(filter);
  sql += kLastRun;
  if (filter.text.empty()) sql += event_conditions(filter, "e.");
  if (filter.state)
    sql += filter.state == State::kReady ? " AND d.state IN (0,1)" : " AND d.state = ?7";
  if (filter.is_failed) sql += " AND d.last_error <> '' AND d.state IN (0,1,3)";
  const bool walks_deliveries =
      filter.text.empty() && (filter.state == State::kDead || filter.state == State::kReady);
  sql += walks_deliveries ? " ORDER BY d.event_id DESC LIMIT ?2" : " ORDER BY e.id DESC LIMIT ?2";
  return sql;
}

Sqlite<std::unique_ptr<JournalReader>> JournalReader::open(Database database, const Clock& clock,
                                                           WallTime wall_time) {
  std::unique_ptr<JournalReader> reader(
      new JournalReader(std::move(database), clock, std::move(wall_time)));
  const MutexLock lock(reader->mutex_);
  Database& own = reader->database_;
  // No mapped files: an error of the disk would be a SIGBUS instead of a value.
  if (auto set = own.execute("PRAGMA query_only=1; PRAGMA trusted_schema=OFF"); !set) {
    return std::move(set).error();
  }
  own.limit(&JournalReader::is_late, reader.get());
  const std::string find = fmt::format(
      "{}, b.head, b.body FROM event e JOIN body b ON b.event_id = e.id"
      " JOIN delivery d ON d.event_id = e.id WHERE e.id = ?1{}",
      kColumns, kLastRun);
  const std::string lease = fmt::format(
      "{}, b.head, b.body FROM event e JOIN body b ON b.event_id = e.id"
      " JOIN delivery d ON d.event_id = e.id WHERE e.id = ?1 AND d.run = ?2",
      kColumns);
  auto found = own.prepare(find);
  if (!found) return std::move(found).error();
  reader->find_ = std::move(*found);
  auto leased = own.prepare(lease);
  if (!leased) return std::move(leased).error();
  reader->lease_ = std::move(*leased);
  auto tried = own.prepare(
      "SELECT run, number, start_ms, took_ms, outcome, error, generation FROM attempt"
      " WHERE event_id = ?1 ORDER BY run, number");
  if (!tried) return std::move(tried).error();
  reader->attempts_ = std::move(*tried);
  return reader;
}

bool JournalReader::is_late(void* reader) noexcept {
  const auto& self = *static_cast<const JournalReader*>(reader);
  return self.clock_.monotonic_now() > self.deadline_;
}

EventRow JournalReader::event_row(const Rows& rows) const {
  EventRow row;
  row.id = static_cast<EventId>(rows.integer(0));
  row.received_at = from_ms(rows.integer(1));
  row.route = rows.text(2);
  row.type = rows.text(3);
  row.sender_id = rows.text(4);
  row.body_bytes = static_cast<std::size_t>(rows.integer(5));
  row.handler = rows.text(6);
  row.run = static_cast<std::uint32_t>(rows.integer(7));
  row.attempts = static_cast<std::uint32_t>(rows.integer(8));
  row.state = static_cast<State>(rows.integer(9));
  if (row.state == State::kReady) row.due_at = wall_time_(rows.integer(10));
  if (!rows.is_null(11)) row.last_attempt_at = from_ms(rows.integer(11));
  row.error = rows.text(12);
  row.generation = rows.text(13);
  return row;
}

Result<std::vector<EventRow>> JournalReader::page(const Filter& filter, EventId before,
                                                  std::size_t max) {
  const MutexLock lock(mutex_);
  deadline_ = clock_.monotonic_now() + kSearchMax;
  auto statement = database_.prepare(page_sql(filter));
  if (!statement) return failure(statement.error());
  const std::int64_t below =
      before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(before);
  const std::int64_t state = filter.state ? static_cast<std::int64_t>(*filter.state) : 0;
  std::vector<EventRow> page;
  Rows rows = statement->query(below, static_cast<std::uint64_t>(max), filter.route, filter.type,
                               ms_of(filter.since), ms_of(filter.until), state, Blob{filter.text});
  for (;;) {
    const auto row = rows.next();
    if (!row) return failure(row.error());
    if (!*row) return page;
    page.push_back(event_row(rows));
  }
}

Result<EventDetail> JournalReader::find(EventId id) {
  const MutexLock lock(mutex_);
  deadline_ = clock_.monotonic_now() + kSearchMax;
  EventDetail detail;
  {
    Rows rows = find_.query(id);
    const auto row = rows.next();
    if (!row) return failure(row.error());
    if (!*row) return Error{ErrorCode::kNotFound, "there is no such event", {}};
    detail.row = event_row(rows);
    detail.head = rows.text(14);
    detail.body = rows.text(15);
  }
  Rows rows = attempts_.query(id);
  for (;;) {
    const auto row = rows.next();
    if (!row) return failure(row.error());
    if (!*row) return detail;
    AttemptRow attempt;
    attempt.run = static_cast<std::uint32_t>(rows.integer(0));
    attempt.number = static_cast<std::uint32_t>(rows.integer(1));
    attempt.started_at = from_ms(rows.integer(2));
    attempt.took = std::chrono::milliseconds(rows.integer(3));
    attempt.outcome = static_cast<State>(rows.integer(4));
    attempt.error = rows.text(5);
    attempt.generation = rows.text(6);
    detail.attempts.push_back(std::move(attempt));
  }
}

Result<Lease> JournalReader::lease(EventId id, std::uint32_t run) {
  const MutexLock lock(mutex_);
  deadline_ = clock_.monotonic_now() + kSearchMax;
  Rows rows = lease_.query(id, run);
  const auto row = rows.next();
  if (!row) return failure(row.error());
  if (!*row) return Error{ErrorCode::kNotFound, "there is no such delivery", {}};
  EventRow of = event_row(rows);
  Lease lease;
  lease.id = id;
  lease.run = run;
  lease.attempts = of.attempts;
  lease.received_at = of.received_at;
  lease.route = std::move(of.route);
  lease.type = std::move(of.type);
  lease.sender_id = std::move(of.sender_id);
  lease.handler = std::move(of.handler);
  lease.head = rows.text(14);
  lease.body = rows.text(15);
  return lease;
}

}  // namespace hookhost::store
