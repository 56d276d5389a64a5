// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace hookhost::store {
namespace {

constexpr int kBusyMs = 5000;  // as long as a reader of an in-memory journal can be in the way

constexpr int kStepsPerLook = 10'000;  // of SQLite's machine

ErrorCode code_of(int primary) noexcept {
  switch (primary) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kInvalid;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return ErrorCode::kDenied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_INTERRUPT:
    case SQLITE_NOMEM: return ErrorCode::kUnavailable;
    default: return ErrorCode::kInternal;
  }
}

SqliteError error_of(sqlite3* handle, int code) {
  return {sqlite3_extended_errcode(handle) == 0 ? code : sqlite3_extended_errcode(handle),
          sqlite3_errmsg(handle)};
}

}  // namespace

bool is_full(const SqliteError& error) noexcept { return (error.code & 0xff) == SQLITE_FULL; }

Error to_error(const SqliteError& error, std::string_view what) {
  return {code_of(error.code & 0xff),
          fmt::format("{}: {} (SQLite {})", what, error.message, error.code),
          {}};
}

Rows::~Rows() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Sqlite<bool> Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(sqlite3_db_handle(statement_), code);
}

std::int64_t Rows::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Rows::text(int column) const noexcept {
  // As it is, whether text or blob: column_text would convert, which needs memory and can fail.
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

bool Rows::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::bind(int number, std::int64_t value) noexcept {
  sqlite3_bind_int64(statement_.get(), number, value);
}

void Statement::bind(int number, std::string_view text) noexcept {
  // A text without an address would be bound as NULL.
  sqlite3_bind_text64(statement_.get(), number, text.data() == nullptr ? "" : text.data(),
                      text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int number, Blob blob) noexcept {
  sqlite3_bind_blob64(statement_.get(), number,
                      blob.bytes.data() == nullptr ? "" : blob.bytes.data(), blob.bytes.size(),
                      SQLITE_STATIC);
}

void Database::Closer::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }

Sqlite<Database> Database::open(const std::string& path, Access access, const std::string& vfs) {
  const int flags = (access == Access::kWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                              : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database(handle);
  if (handle == nullptr) return SqliteError{SQLITE_NOMEM, "out of memory"};
  if (code != SQLITE_OK) return database.error(code);
  if (access == Access::kWrite && sqlite3_db_readonly(handle, "main") == 1) {
    return SqliteError{SQLITE_READONLY,
                       "the file may not be written"};  // SQLite would read it only
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMs);
  // Instead of SQLite's own checkpoints. And none at the end: a database that is refused stays as
  // it is, and a log is as safe as the database.
  sqlite3_wal_hook(
      handle,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      database.log_pages_.get());
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return database;
}

SqliteError Database::error(int code) const { return error_of(handle_.get(), code); }

Sqlite<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Sqlite<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(statement);
}

Sqlite<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  Rows rows = statement->query();
  const auto row = rows.next();
  if (!row) return row.error();
  return *row ? rows.integer(0) : 0;
}

Sqlite<std::string> Database::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  Rows rows = statement->query();
  const auto row = rows.next();
  if (!row) return row.error();
  return std::string(*row ? rows.text(0) : std::string_view());
}

Sqlite<void> Database::checkpoint(Checkpoint how) {
  const int mode = how == Checkpoint::kAll ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, mode, nullptr, nullptr);
  if (code == SQLITE_OK || (code == SQLITE_BUSY && how == Checkpoint::kWhatIsFree)) return {};
  return error(code);
}

void Database::limit(bool (*is_late)(void*) noexcept, void* context) {
  limit_ = std::make_unique<Limit>(Limit{is_late, context});
  sqlite3_progress_handler(
      handle_.get(), kStepsPerLook,
      [](void* limit) {
        const auto& [late, with] = *static_cast<Limit*>(limit);
        return late(with) ? 1 : 0;
      },
      limit_.get());
}

bool Database::is_idle() const noexcept { return sqlite3_get_autocommit(handle_.get()) != 0; }

std::int64_t Database::changes() const noexcept { return sqlite3_changes64(handle_.get()); }

}  // namespace hookhost::store
