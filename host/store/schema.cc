// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <fmt/format.h>

#include <string>

namespace hookhost::store {
namespace {

// Version 1. Released text never changes; the next version is a step of its own.
constexpr const char* kTables = R"sql(
CREATE TABLE event(
  id INTEGER PRIMARY KEY, kept_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  route TEXT NOT NULL, type TEXT NOT NULL, sender_id TEXT NOT NULL, twin_key BLOB,
  size INTEGER NOT NULL) STRICT;
CREATE TABLE body(event_id INTEGER PRIMARY KEY, head TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE dedup(twin_key BLOB PRIMARY KEY, event_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE delivery(
  event_id INTEGER NOT NULL, run INTEGER NOT NULL, handler TEXT NOT NULL, state INTEGER NOT NULL,
  attempts INTEGER NOT NULL, next_ms INTEGER NOT NULL, last_ms INTEGER, last_error TEXT NOT NULL,
  generation TEXT NOT NULL, PRIMARY KEY(event_id, run)) STRICT, WITHOUT ROWID;
CREATE TABLE attempt(
  event_id INTEGER NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, took_ms INTEGER NOT NULL, outcome INTEGER NOT NULL,
  error TEXT NOT NULL, generation TEXT NOT NULL,
  PRIMARY KEY(event_id, run, number)) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery(next_ms, event_id, run) WHERE state IN (0,1);
CREATE INDEX delivery_dead ON delivery(event_id) WHERE state = 3;
CREATE INDEX event_route ON event(route, id);
CREATE INDEX event_type ON event(type, id);
CREATE VIEW overview AS
  SELECT e.id, datetime(e.received_ms / 1000, 'unixepoch') AS received, e.route, e.type,
    d.handler, d.run, CASE d.state WHEN 0 THEN 'ready' WHEN 1 THEN 'running' WHEN 2 THEN 'done'
      WHEN 3 THEN 'dead' WHEN 4 THEN 'paused' ELSE 'skipped' END AS state,
    d.attempts, d.last_error, d.generation
  FROM event e JOIN delivery d ON d.event_id = e.id;
)sql";

Error refusal(std::string_view what, std::string_view why, std::string_view fix) {
  return {ErrorCode::kInvalid, fmt::format("{} {}", what, why), std::string(fix)};
}

}  // namespace

Result<bool> recognize_schema(Database& database, std::string_view what) {
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return to_error(application.error(), what);
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return to_error(version.error(), what);
  const auto objects = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!objects) return to_error(objects.error(), what);

  if (*application == 0 && *version == 0 && *objects == 0) return false;
  if (*application != kApplicationId) {
    return refusal(what, "is a database, but no journal of hookhost",
                   "name another folder, or move the file away");
  }
  if (*version == kSchemaVersion) return true;
  // There is no older one yet.
  return refusal(
      what, fmt::format("is of version {}, and this hookhost knows {}", *version, kSchemaVersion),
      "use the hookhost that wrote it");
}

Status make_schema(Database& database, std::string_view what) {
  const std::string script =
      fmt::format("BEGIN IMMEDIATE;{}PRAGMA application_id={};PRAGMA user_version={};COMMIT;",
                  kTables, kApplicationId, kSchemaVersion);
  // After an error the transaction ends with the connection, which nobody keeps.
  if (auto made = database.execute(script.c_str()); !made) return to_error(made.error(), what);
  return {};
}

}  // namespace hookhost::store
