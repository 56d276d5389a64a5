// SPDX-License-Identifier: Apache-2.0
//
// SQLite's C library with owners: a connection, a prepared statement, its rows. Errors are values
// that keep SQLite's extended code. A connection and what was made of it belong to one thread at a
// time. Only host/store includes this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hookhost::store {

struct SqliteError {
  int code = 0;  // extended: SQLITE_IOERR_FSYNC
  std::string message = {};
};
// Whose disk has no space left, by that error.
bool is_full(const SqliteError& error) noexcept;
// For people: what names the thing, as in "journal /var/lib/hookhost/journal.db".
Error to_error(const SqliteError& error, std::string_view what);

template <class T>
using Sqlite = Result<T, SqliteError>;

struct Blob {
  std::string_view bytes;
};

// The rows of one run of a statement, which is free for the next one when this is gone.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // false: there are no more.
  Sqlite<bool> next();
  // Of the row that next() came to. Texts are valid until the next call of it. NULL: 0, empty.
  std::int64_t integer(int column) const noexcept;
  std::string_view text(int column) const noexcept;
  bool is_null(int column) const noexcept;

 private:
  sqlite3_stmt* statement_;
};

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  // Binds the values to ?1, ?2 ... The texts live until the rows are gone.
  template <class... Values>
  Rows query(const Values&... values) {
    int number = 0;
    (bind(++number, values), ...);
    return Rows(statement_.get());
  }
  // Runs it to its end.
  template <class... Values>
  Sqlite<void> run(const Values&... values) {
    Rows rows = query(values...);
    const auto row = rows.next();
    if (!row) return row.error();
    return {};
  }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  void bind(int number, std::int64_t value) noexcept;
  void bind(int number, std::uint64_t value) noexcept {
    bind(number, static_cast<std::int64_t>(value));
  }
  void bind(int number, std::uint32_t value) noexcept {
    bind(number, static_cast<std::int64_t>(value));
  }
  void bind(int number, std::string_view text) noexcept;
  void bind(int number, Blob blob) noexcept;
  template <class Value>
  void bind(int number, const std::optional<Value>& value) noexcept {
    if (value) bind(number, *value);  // else it stays NULL: rows clear what was bound
  }

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

class Database {
 public:
  enum class Access { kWrite, kRead };  // kWrite makes the file where there is none

  // vfs: of SQLite's registered ones; empty: the system's.
  static Sqlite<Database> open(const std::string& path, Access access, const std::string& vfs);

  // One or more statements without values or rows of interest.
  Sqlite<void> execute(const char* sql);
  // To be run many times.
  Sqlite<Statement> prepare(std::string_view sql);
  // The first column of the first row; 0: there is none.
  Sqlite<std::int64_t> integer(std::string_view sql);
  Sqlite<std::string> text(std::string_view sql);

  enum class Checkpoint {
    kWhatIsFree,  // of readers: waits for nobody
    kAll,         // and empties the log; an error when a reader is in the way for too long
  };
  // Brings what stands in the write-ahead log into the database and syncs it. SQLite would do it by
  // itself, but would tell nobody that a sync failed.
  Sqlite<void> checkpoint(Checkpoint how);
  // Length of the write-ahead log after the last commit.
  int log_pages() const noexcept { return *log_pages_; }

  // Ends what runs on this connection with SQLITE_INTERRUPT once is_late says so; it is asked every
  // millisecond or so.
  void limit(bool (*is_late)(void*) noexcept, void* context);

  // No transaction is open, after an error that ended it too.
  bool is_idle() const noexcept;
  // Rows that the last statement changed.
  std::int64_t changes() const noexcept;
  sqlite3* handle() noexcept { return handle_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const noexcept;
  };
  explicit Database(sqlite3* handle) : log_pages_(std::make_unique<int>(0)), handle_(handle) {}
  SqliteError error(int code) const;

  struct Limit {
    bool (*is_late)(void*) noexcept;
    void* context;
  };

  // SQLite has their addresses.
  std::unique_ptr<int> log_pages_;
  std::unique_ptr<Limit> limit_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

}  // namespace hookhost::store
