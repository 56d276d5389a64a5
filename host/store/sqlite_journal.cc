// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_journal.h"

#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "store/journal_folder.h"
#include "store/journal_reader.h"
#include "store/journal_writer.h"
#include "store/schema.h"

namespace hookhost::store {
namespace {

constexpr std::chrono::seconds kUnreadableAgain{1};

// A whole check takes 6 ms a megabyte: so long nobody waits for a start.
constexpr std::int64_t kCheckBytesMax = 64 * 1024 * 1024;

constexpr const char* kFilePragmas =
    "PRAGMA journal_mode=WAL;PRAGMA wal_autocheckpoint=0;PRAGMA journal_size_limit=67108864;";
// secure_delete: nobody pays for zeros over what retention deletes.
constexpr const char* kPragmas =
    "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;PRAGMA foreign_keys=OFF;"
    "PRAGMA secure_delete=OFF;PRAGMA trusted_schema=OFF;";

// Where the database is: a file, or memory that lives as long as a connection to it does.
struct Place {
  std::string path, vfs, name;
  bool is_file;
};

Place place_of(const Options& options, const JournalFolder* folder) {
  if (folder != nullptr) {
    return {folder->database(), options.vfs, fmt::format("journal {}", folder->database()), true};
  }
  static std::atomic<unsigned> count{0};
  // SQLite's memdb shares what has a name that begins with a slash between connections.
  return {fmt::format("/hookhost-journal-{}", ++count), "memdb", "journal in memory", false};
}

Result<Database> open_database(const Place& place) {
  auto opened = Database::open(place.path, Database::Access::kWrite, place.vfs);
  if (!opened) return to_error(opened.error(), place.name);
  Database database = std::move(*opened);
  if (auto set = database.execute("PRAGMA page_size=8192;"); !set) {
    return to_error(set.error(), place.name);
  }
  // Judged before it is changed by as much as a pragma.
  const auto known = recognize_schema(database, place.name);
  if (!known) return known.error();
  for (const char* pragmas : {place.is_file ? kFilePragmas : "", kPragmas}) {
    if (auto set = database.execute(pragmas); !set) return to_error(set.error(), place.name);
  }
  if (!*known) {
    if (auto made = make_schema(database, place.name); !made) return std::move(made).error();
  }
  return database;
}

// What SQLite reads without a word: a last page that is not whole, with zeros for what was cut off.
// With a log beside it that is what a power cut leaves, and the log has the page.
bool is_cut(const Place& place, std::int64_t page_bytes) {
  std::error_code missing;
  const auto log_bytes = std::filesystem::file_size(place.path + "-wal", missing);
  if (!missing && log_bytes > 0) return false;
  const auto bytes = std::filesystem::file_size(place.path, missing);
  return !missing && bytes % static_cast<std::uintmax_t>(page_bytes) != 0;
}

Status check(Database& database, const Place& place) {
  const auto page_bytes = database.integer("PRAGMA page_size");
  if (!page_bytes) return to_error(page_bytes.error(), place.name);
  const auto pages = database.integer("PRAGMA page_count");
  if (!pages) return to_error(pages.error(), place.name);
  std::string found = "ok";
  if (place.is_file && is_cut(place, *page_bytes)) {
    found = "its end is missing";
  } else if (*pages * *page_bytes <= kCheckBytesMax) {
    auto checked = database.text("PRAGMA quick_check(1)");
    if (!checked) return to_error(checked.error(), place.name);
    found = checked->substr(checked->rfind('\n') + 1);  // behind the line with the database's name
  }
  if (found == "ok") return {};
  return Error{ErrorCode::kInvalid, fmt::format("{} is damaged: {}", place.name, found),
               "take a copy of the folder, then try: sqlite3 journal.db .recover"};
}

Result<JournalTables> open_tables(const Place& place) {
  auto database = open_database(place);
  if (!database) return std::move(database).error();
  auto tables = JournalTables::open(std::move(*database));
  if (!tables) return to_error(tables.error(), place.name);
  return std::move(*tables);
}

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(std::unique_ptr<JournalFolder> folder, std::unique_ptr<JournalWriter> writer,
                std::unique_ptr<JournalReader> reader)
      : folder_(std::move(folder)), reader_(std::move(reader)), writer_(std::move(writer)) {}

  bool append(NewEvent event, AppendCallback done) override {
    return writer_->append(std::move(event), std::move(done));
  }

  std::vector<Lease> claim(std::size_t max) override {
    std::vector<Lease> leases;
    for (const DueKey& key : writer_->take(max)) {
      auto lease = reader_->lease(key.id, key.run);
      if (lease) {
        leases.push_back(std::move(*lease));
      } else {
        writer_->release(key.id, key.run, kUnreadableAgain);
      }
    }
    return leases;
  }
  std::optional<MonotonicTime> next_due() override { return writer_->next_due(); }
  void finish(const Lease& lease, Finish finish) override {
    writer_->finish(lease.id, lease.run, std::move(finish));
  }
  void release(const Lease& lease, std::chrono::milliseconds due_in) override {
    writer_->release(lease.id, lease.run, due_in);
  }

  Result<std::vector<EventRow>> page(const Filter& filter, EventId before,
                                     std::size_t max) override {
    return reader_->page(filter, before, max);
  }
  Result<EventDetail> find(EventId id) override { return reader_->find(id); }
  Status replay(EventId id) override { return writer_->replay(id); }
  Status drop_dead(EventId id) override { return writer_->drop_dead(id); }
  void flush() override { writer_->flush(); }
  EventId last_id() const override { return writer_->last_id(); }
  Stats stats() const override { return writer_->stats(); }

 private:
  const std::unique_ptr<JournalFolder> folder_;  // first: the lock goes last
  const std::unique_ptr<JournalReader> reader_;
  const std::unique_ptr<JournalWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<Journal>> open_sqlite_journal(Options options, const Clock& clock) {
  std::unique_ptr<JournalFolder> folder;
  if (!options.folder.empty()) {
    auto opened = JournalFolder::open(options.folder);
    if (!opened) return std::move(opened).error();
    folder = std::move(*opened);
  }
  const Place place = place_of(options, folder.get());

  std::error_code unread;  // SQLite says it better
  const bool is_new = place.is_file && std::filesystem::is_empty(place.path, unread);
  // The first connection makes the tables, and keeps a database in memory alive.
  auto database = open_database(place);
  if (!database) return std::move(database).error();
  if (auto sound = check(*database, place); !sound) return std::move(sound).error();
  if (is_new) {
    if (auto synced = folder->sync(); !synced) return std::move(synced).error();
  }

  auto writer = JournalWriter::start(
      options, clock, [place] { return open_tables(place); },
      [raw = folder.get()] { return raw == nullptr ? std::nullopt : raw->free_bytes(); });
  if (!writer) return std::move(writer).error();

  auto connection = Database::open(place.path, Database::Access::kRead, place.vfs);
  if (!connection) return to_error(connection.error(), place.name);
  JournalWriter& times = **writer;
  auto reader = JournalReader::open(std::move(*connection), clock,
                                    [&times](std::int64_t ms) { return times.wall_time(ms); });
  if (!reader) return to_error(reader.error(), place.name);
  return std::unique_ptr<Journal>(
      std::make_unique<SqliteJournal>(std::move(folder), std::move(*writer), std::move(*reader)));
}

}  // namespace hookhost::store
