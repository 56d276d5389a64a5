// SPDX-License-Identifier: Apache-2.0
//
// PowerCutVfs: a file system below SQLite that forgets what was not synced when the power is cut,
// as a disk with a cache does: of the writes since the last sync a random subset is left, in any
// order, some torn at 512 bytes. It also fills up, fails a sync, and can be deaf to
// synchronous=FULL. A failed sync loses what it should have synced, whatever the next one says, as
// Linux does. Registered under its name as long as it lives. Any thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace hookhost::test {

class PowerCutVfs {
 public:
  PowerCutVfs(std::string name, std::uint64_t seed);
  ~PowerCutVfs();
  PowerCutVfs(const PowerCutVfs&) = delete;
  PowerCutVfs& operator=(const PowerCutVfs&) = delete;

  const std::string& name() const noexcept { return name_; }

  // Cuts the power at the n-th write or sync from now on: that one and all later ones fail.
  void cut_at(unsigned operation);
  void cut();
  // The files are what the disk has of them. No connection may be open.
  void restore_power();
  // The n-th sync from now on fails, once.
  void fail_sync(unsigned number);
  // From the n-th write from now on the disk is full.
  void fill_at(unsigned write);
  // There is space, and no fault that was asked for comes any more.
  void repair();
  // "PRAGMA synchronous=FULL" has no effect from now on.
  void ignore_full();
  // A fault that was asked for has come.
  bool has_struck() const;

 private:
  struct Write {
    sqlite3_int64 offset;
    std::string bytes;
    bool is_truncation;
  };
  struct Content {
    std::string synced;
    std::vector<Write> pending;
  };
  struct File;
  enum class Operation { kWrite, kSync };

  static PowerCutVfs& of(sqlite3_vfs* vfs) { return *static_cast<PowerCutVfs*>(vfs->pAppData); }
  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out);
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder);
  static const sqlite3_io_methods& methods();

  int begin(Operation operation);  // SQLITE_OK, or how it fails
  int write(File& file, const void* bytes, int size, sqlite3_int64 offset);
  int truncate(File& file, sqlite3_int64 size);
  int sync(File& file);
  int control(File& file, int operation, void* argument);
  static void apply(const Write& write, std::string& content);
  std::string survivor(const Content& content);

  const std::string name_;
  sqlite3_vfs* const system_;
  sqlite3_vfs vfs_;

  mutable std::mutex mutex_;  // of all below
  std::map<std::string, Content> contents_;
  std::mt19937_64 random_;
  bool has_power_ = true, is_full_ = false, ignores_full_ = false, has_struck_ = false;
  std::optional<unsigned> cut_in_, fill_in_, fail_sync_in_;
};

}  // namespace hookhost::test
