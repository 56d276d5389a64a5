// SPDX-License-Identifier: Apache-2.0
#include "support/power_cut_vfs.h"

#include <strings.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace hookhost::test {
namespace {

constexpr std::size_t kSector = 512;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// True when the countdown ends now.
bool strikes(std::optional<unsigned>& in) {
  if (!in || --*in > 0) return false;
  in.reset();
  return true;
}

}  // namespace

struct PowerCutVfs::File {
  sqlite3_file base;
  PowerCutVfs* vfs;
  Content* content;  // nullptr: a file without a name, which no power cut leaves

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  // SQLite gives room for both, one behind the other.
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

PowerCutVfs::PowerCutVfs(std::string name, std::uint64_t seed)
    : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)), vfs_(*system_), random_(seed) {
  vfs_.zName = name_.c_str();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + system_->szOsFile;
  vfs_.xOpen = &PowerCutVfs::open;
  vfs_.xDelete = &PowerCutVfs::remove;
  vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return of(vfs).system_->xAccess(of(vfs).system_, path, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return of(vfs).system_->xFullPathname(of(vfs).system_, path, size, out);
  };
  sqlite3_vfs_register(&vfs_, 0);
}

PowerCutVfs::~PowerCutVfs() { sqlite3_vfs_unregister(&vfs_); }

void PowerCutVfs::cut_at(unsigned operation) {
  const std::lock_guard lock(mutex_);
  cut_in_ = operation;
  has_struck_ = false;
}
void PowerCutVfs::cut() {
  const std::lock_guard lock(mutex_);
  has_power_ = false;
  cut_in_.reset();
}
void PowerCutVfs::fail_sync(unsigned number) {
  const std::lock_guard lock(mutex_);
  fail_sync_in_ = number;
  has_struck_ = false;
}
void PowerCutVfs::fill_at(unsigned write) {
  const std::lock_guard lock(mutex_);
  fill_in_ = write;
  has_struck_ = false;
}
void PowerCutVfs::repair() {
  const std::lock_guard lock(mutex_);
  is_full_ = false;
  cut_in_.reset();
  fill_in_.reset();
  fail_sync_in_.reset();
}
void PowerCutVfs::ignore_full() {
  const std::lock_guard lock(mutex_);
  ignores_full_ = true;
}
bool PowerCutVfs::has_struck() const {
  const std::lock_guard lock(mutex_);
  return has_struck_;
}

void PowerCutVfs::restore_power() {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, content] : contents_) {
    const std::string left = survivor(content);
    std::filesystem::remove(
        path);  // ext4 would sync a file that is cut to nothing and written anew
    std::ofstream(path, std::ios::binary)
        .write(left.data(), static_cast<std::streamsize>(left.size()));
    std::filesystem::remove(path + "-shm");  // shared memory, not a file of the disk
  }
  contents_.clear();
  has_power_ = true;
}

std::string PowerCutVfs::survivor(const Content& content) {
  std::string left = content.synced;
  // All, none or half of what was pending: each is a kind of disk.
  const double share = static_cast<double>(random_() % 3) / 2;
  std::bernoulli_distribution survives(share), is_torn(0.2), keeps_sector(0.5);
  for (const Write& write : content.pending) {
    if (!survives(random_)) continue;
    if (write.is_truncation || !is_torn(random_)) {
      apply(write, left);
      continue;
    }
    for (std::size_t at = 0; at < write.bytes.size(); at += kSector) {
      if (!keeps_sector(random_)) continue;
      apply({write.offset + static_cast<sqlite3_int64>(at), write.bytes.substr(at, kSector), false},
            left);
    }
  }
  return left;
}

void PowerCutVfs::apply(const Write& write, std::string& content) {
  const auto offset = static_cast<std::size_t>(write.offset);
  if (write.is_truncation) {
    content.resize(offset);
    return;
  }
  if (content.size() < offset + write.bytes.size()) content.resize(offset + write.bytes.size());
  content.replace(offset, write.bytes.size(), write.bytes);
}

int PowerCutVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  PowerCutVfs& self = of(vfs);
  const std::lock_guard lock(self.mutex_);
  file->pMethods = nullptr;
  if (!self.has_power_) return SQLITE_CANTOPEN;
  File& own = File::of(file);
  own.vfs = &self;
  own.content = nullptr;
  const int code = self.system_->xOpen(self.system_, path, own.real(), flags, out);
  if (code != SQLITE_OK) return code;
  if (path != nullptr) {
    const auto [known, is_new] = self.contents_.try_emplace(path);
    if (is_new) known->second.synced = read_file(path);
    own.content = &known->second;
  }
  file->pMethods = &methods();
  return SQLITE_OK;
}

int PowerCutVfs::remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  PowerCutVfs& self = of(vfs);
  const std::lock_guard lock(self.mutex_);
  if (!self.has_power_) return SQLITE_IOERR_DELETE;
  self.contents_.erase(path);
  return self.system_->xDelete(self.system_, path, sync_folder);
}

int PowerCutVfs::begin(Operation operation) {
  if (!has_power_) return SQLITE_IOERR;
  if (strikes(cut_in_)) {
    has_struck_ = true;
    has_power_ = false;
    return SQLITE_IOERR;
  }
  if (operation == Operation::kSync) {
    if (!strikes(fail_sync_in_)) return SQLITE_OK;
    has_struck_ = true;
    return SQLITE_IOERR_FSYNC;
  }
  if (strikes(fill_in_)) has_struck_ = is_full_ = true;
  return is_full_ ? SQLITE_FULL : SQLITE_OK;
}

int PowerCutVfs::write(File& file, const void* bytes, int size, sqlite3_int64 offset) {
  const std::lock_guard lock(mutex_);
  if (const int code = begin(Operation::kWrite); code != SQLITE_OK) return code;
  if (file.content != nullptr) {
    file.content->pending.push_back(
        {offset, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)),
         false});
  }
  return file.real()->pMethods->xWrite(file.real(), bytes, size, offset);
}

int PowerCutVfs::truncate(File& file, sqlite3_int64 size) {
  const std::lock_guard lock(mutex_);
  if (!has_power_) return SQLITE_IOERR_TRUNCATE;
  if (file.content != nullptr) file.content->pending.push_back({size, {}, true});
  return file.real()->pMethods->xTruncate(file.real(), size);
}

int PowerCutVfs::sync(File& file) {
  const std::lock_guard lock(mutex_);
  const int code = begin(Operation::kSync);
  if (!has_power_ || file.content == nullptr) return code;
  if (code == SQLITE_OK) {
    for (const Write& write : file.content->pending) apply(write, file.content->synced);
  }
  file.content->pending.clear();
  return code;
}

int PowerCutVfs::control(File& file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_PRAGMA) {
    char** const pragma = static_cast<char**>(argument);
    const std::lock_guard lock(mutex_);
    if (ignores_full_ && ::strcasecmp(pragma[1], "synchronous") == 0 && pragma[2] != nullptr &&
        ::strcasecmp(pragma[2], "FULL") == 0) {
      return SQLITE_OK;  // "done"
    }
  }
  return file.real()->pMethods->xFileControl(file.real(), operation, argument);
}

// The calls that touch what a power cut takes; the others go through as they are.
const sqlite3_io_methods& PowerCutVfs::methods() {
  static const sqlite3_io_methods kMethods{
      .iVersion = 2,  // no mapped files, which would be written past us
      .xClose =
          [](sqlite3_file* f) { return File::of(f).real()->pMethods->xClose(File::of(f).real()); },
      .xRead =
          [](sqlite3_file* f, void* into, int size, sqlite3_int64 offset) {
            return File::of(f).real()->pMethods->xRead(File::of(f).real(), into, size, offset);
          },
      .xWrite =
          [](sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
            return File::of(f).vfs->write(File::of(f), bytes, size, offset);
          },
      .xTruncate = [](sqlite3_file* f,
                      sqlite3_int64 size) { return File::of(f).vfs->truncate(File::of(f), size); },
      .xSync = [](sqlite3_file* f, int) { return File::of(f).vfs->sync(File::of(f)); },
      .xFileSize =
          [](sqlite3_file* f, sqlite3_int64* size) {
            return File::of(f).real()->pMethods->xFileSize(File::of(f).real(), size);
          },
      .xLock =
          [](sqlite3_file* f, int level) {
            return File::of(f).real()->pMethods->xLock(File::of(f).real(), level);
          },
      .xUnlock =
          [](sqlite3_file* f, int level) {
            return File::of(f).real()->pMethods->xUnlock(File::of(f).real(), level);
          },
      .xCheckReservedLock =
          [](sqlite3_file* f, int* out) {
            return File::of(f).real()->pMethods->xCheckReservedLock(File::of(f).real(), out);
          },
      .xFileControl =
          [](sqlite3_file* f, int operation, void* argument) {
            return File::of(f).vfs->control(File::of(f), operation, argument);
          },
      // Of a plain disk: no promise of whole sectors or order.
      .xSectorSize = [](sqlite3_file*) { return static_cast<int>(kSector); },
      .xDeviceCharacteristics = [](sqlite3_file*) { return 0; },
      .xShmMap =
          [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
            return File::of(f).real()->pMethods->xShmMap(File::of(f).real(), page, size, extend,
                                                         out);
          },
      .xShmLock =
          [](sqlite3_file* f, int offset, int count, int flags) {
            return File::of(f).real()->pMethods->xShmLock(File::of(f).real(), offset, count, flags);
          },
      .xShmBarrier =
          [](sqlite3_file* f) { File::of(f).real()->pMethods->xShmBarrier(File::of(f).real()); },
      .xShmUnmap =
          [](sqlite3_file* f, int remove) {
            return File::of(f).real()->pMethods->xShmUnmap(File::of(f).real(), remove);
          },
      .xFetch = nullptr,
      .xUnfetch = nullptr};
  return kMethods;
}

}  // namespace hookhost::test
