// SPDX-License-Identifier: Apache-2.0
//
// The journal in one SQLite database: WAL, synchronous=FULL, one writer thread, groups that form
// while the disk is busy and by no timer. See SCHEMA.md for the tables.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/journal.h"

namespace hookhost::store {

struct Options {
  // The journal is <folder>/journal.db, beside it .lock. Made, mode 0700, where it is missing.
  // Empty: in memory, gone with the process.
  std::filesystem::path folder = {};
  std::size_t queue_bytes_max = 64 * 1024 * 1024;  // of events before the disk
  std::size_t queue_events_max = 10'000;
  std::uint64_t bytes_max = 0;  // of bodies that are kept; 0: no limit. Done ones go first
  std::uint64_t disk_reserve = 64 * 1024 * 1024;  // with less space free no event is taken
  std::chrono::hours keep_done{24 * 7};
  std::chrono::hours keep_dead{24 * 30};
  std::chrono::hours twin_window{24};  // so long a twin is known
  // Stats::trouble became another one; empty: events are taken again. For the log. On the journal's
  // thread, or in open_sqlite_journal(); must not block.
  std::function<void(std::string_view trouble)> on_trouble = {};
  // Of SQLite's registered ones, below the database; empty: the system's. For tests of faults.
  std::string vfs = {};
  // Something is due earlier than next_due() said. On any thread; must not block.
  std::function<void()> wake = {};
};

// Opens, or makes, and brings an older version up to date. clock outlives it. Errors: kUnavailable
// another process has it; kInvalid it is of a newer version, damaged, or on a network file system;
// kDenied no permission.
Result<std::unique_ptr<Journal>> open_sqlite_journal(Options options, const Clock& clock);

}  // namespace hookhost::store
