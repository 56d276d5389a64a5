// SPDX-License-Identifier: Apache-2.0
#include "plugin/staging.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string_view>
#include <system_error>
#include <vector>

#include "auth/digest.h"
#include "base/encoding.h"
#include "base/text.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

std::string quoted(const fs::path& path) { return '"' + printable(path.native()) + '"'; }

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT: return ErrorCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::kDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM: return ErrorCode::kUnavailable;
    default: return ErrorCode::kInvalid;
  }
}

Error system_error(const fs::path& path, std::string_view what) {
  const int error = errno;
  return {code_of(error),
          fmt::format("{} {}: {}", what, quoted(path), std::generic_category().message(error)),
          {}};
}

// May bytes that are reached through this be trusted? what: "folder", "link" or "file".
Status judge(const struct stat& status, std::string_view what, const fs::path& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return Error{ErrorCode::kDenied,
                 fmt::format("{} {} belongs to user {}, needed is root or user {}", what,
                             quoted(path), status.st_uid, ::geteuid()),
                 fmt::format("chown {} {}", ::geteuid(), path.native())};
  if (S_ISLNK(status.st_mode)) return {};  // a link's mode means nothing
  const mode_t others = status.st_mode & (S_IWGRP | S_IWOTH);
  // In a sticky folder others may add names but not replace ours or root's, and whose the next
  // component is, is looked at.
  if (others == 0 || (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0)) return {};
  return Error{
      ErrorCode::kDenied,
      fmt::format("{} {} is writable by {} (mode {:04o})", what, quoted(path),
                  (others & S_IWOTH) != 0 ? "everybody" : "its group", status.st_mode & 07777),
      fmt::format("chmod go-w {}", path.native())};
}

// Walks a path component by component, every one opened without following links, so that nothing
// can be exchanged between the look and the step.
class TrustedWalk {
 public:
  // An empty descriptor: the path leads to a folder.
  Result<UniqueFd> open(const fs::path& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    if (error) return Error{ErrorCode::kInvalid, error.message(), {}};
    if (Status status = go_to_root(); !status) return std::move(status).error();
    push_front(absolute);
    while (!rest_.empty()) {
      const std::string name = std::move(rest_.front());
      rest_.pop_front();
      if (name == "..") {
        if (Status status = go_up(); !status) return std::move(status).error();
        continue;
      }
      auto opened = step(name);
      if (!opened) return std::move(opened).error();
      if (*opened) return std::move(*opened);
    }
    return UniqueFd{};
  }

 private:
  struct Folder {
    UniqueFd fd;
    fs::path path;
  };

  void push_front(const fs::path& path) {
    std::vector<std::string> names;
    for (const fs::path& part : path.relative_path()) {
      if (!part.empty() && part != ".") names.push_back(part.native());
    }
    rest_.insert(rest_.begin(), names.begin(), names.end());
  }

  Status go_to_root() {
    folders_.clear();
    UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return system_error("/", "folder");
    folders_.push_back({std::move(root), "/"});
    return judge_newest();
  }

  Status judge_newest() {
    struct stat status {};
    if (::fstat(folders_.back().fd.get(), &status) != 0)
      return system_error(folders_.back().path, "folder");
    return judge(status, "folder", folders_.back().path);
  }

  Status go_up() {
    if (folders_.size() > 1) folders_.pop_back();
    return {};
  }

  // An open file when name is the last component, an empty descriptor when the walk goes on.
  Result<UniqueFd> step(const std::string& name) {
    const Folder& here = folders_.back();
    const fs::path path = here.path / name;
    UniqueFd next(::openat(here.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!next || ::fstat(next.get(), &status) != 0) return system_error(path, "cannot open");
    if (S_ISLNK(status.st_mode)) return follow(path, next, status);
    if (S_ISDIR(status.st_mode)) {
      folders_.push_back({std::move(next), path});
      if (Status trusted = judge_newest(); !trusted) return std::move(trusted).error();
      return UniqueFd{};
    }
    if (!rest_.empty())
      return Error{ErrorCode::kNotFound, fmt::format("{} is not a folder", quoted(path)), {}};
    return open_file(path, next, status);
  }

  Result<UniqueFd> follow(const fs::path& path, const UniqueFd& link, const struct stat& status) {
    if (Status trusted = judge(status, "link", path); !trusted) return std::move(trusted).error();
    if (++links_ > kLinksMax)
      return Error{ErrorCode::kInvalid,
                   fmt::format("{} leads through more than {} links", quoted(path), kLinksMax),
                   {}};
    std::array<char, PATH_MAX> target;
    const ssize_t bytes = ::readlinkat(link.get(), "", target.data(), target.size());
    if (bytes < 0) return system_error(path, "cannot read link");
    const fs::path to(std::string_view(target.data(), static_cast<std::size_t>(bytes)));
    if (to.is_absolute()) {
      if (Status root = go_to_root(); !root) return std::move(root).error();
    }
    push_front(to);
    return UniqueFd{};
  }

  Result<UniqueFd> open_file(const fs::path& path, const UniqueFd& place,
                             const struct stat& status) {
    if (!S_ISREG(status.st_mode))
      return Error{ErrorCode::kInvalid, fmt::format("{} is not a regular file", quoted(path)), {}};
    if (Status trusted = judge(status, "file", path); !trusted) return std::move(trusted).error();
    // The same inode again, now for reading: the name is not looked up a second time.
    const std::string again = fmt::format("/proc/self/fd/{}", place.get());
    UniqueFd file(::open(again.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error(path, "cannot read");
    return file;
  }

  std::vector<Folder> folders_;   // from the root to where the walk stands
  std::deque<std::string> rest_;  // what is still to walk
  int links_ = 0;
};

// Copies everything into a new file and returns the digest.
Result<StagedFile> copy_hashed(int from, const fs::path& to, const fs::path& name) {
  UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out) return system_error(to, "cannot create");
  StagedFile staged{to, {}, 0};
  auth::Sha256 digest;
  std::vector<std::byte> buffer(128 * 1024);
  for (;;) {
    const ssize_t bytes = ::read(from, buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return system_error(name, "cannot read");
    if (bytes == 0) break;
    const std::span<const std::byte> part(buffer.data(), static_cast<std::size_t>(bytes));
    staged.bytes += part.size();
    if (staged.bytes > kLibraryBytesMax)
      return Error{ErrorCode::kInvalid,
                   fmt::format("{} has more than {} bytes", quoted(name), kLibraryBytesMax),
                   "strip it: strip --strip-debug"};
    digest.update(part);
    for (std::size_t done = 0; done < part.size();) {
      const ssize_t written = ::write(out.get(), part.data() + done, part.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error(to, "cannot write");
      done += static_cast<std::size_t>(written);
    }
  }
  if (::fchmod(out.get(), 0500) != 0) return system_error(to, "cannot change the mode of");
  staged.sha256 = hex_encode(digest.finish());
  return staged;
}

// Letters, digits, '_' and '-' of a file's stem, for a name that debuggers and logs show.
std::string plain_stem(const fs::path& file) {
  std::string stem = file.stem().native().substr(0, 64);
  std::replace_if(
      stem.begin(), stem.end(),
      [](char c) {
        return !(c == '_' || c == '-' || (c >= '0' && c <= '9') ||
                 (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'));
      },
      '_');
  return stem;
}

constexpr const char* kLockName = "lock";

UniqueFd lock_folder(const fs::path& folder) {
  UniqueFd lock(
      ::open((folder / kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return {};
  // Whoever takes leftovers away may have had it between our two calls: then this is a lock on a
  // file that is gone.
  struct stat ours {
  }, there{};
  const bool is_there = ::fstat(lock.get(), &ours) == 0 &&
                        ::stat((folder / kLockName).c_str(), &there) == 0 &&
                        ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
  return is_there ? std::move(lock) : UniqueFd();
}

bool is_process_alive(std::string_view folder_name) {
  pid_t pid = 0;
  for (const char c : folder_name.substr(0, folder_name.find('-'))) {
    if (c < '0' || c > '9' || pid > 100'000'000) return true;  // not a folder of ours: leave it
    pid = pid * 10 + (c - '0');
  }
  return pid == 0 || ::kill(pid, 0) == 0 || errno == EPERM;
}

// A folder belongs to a process that has ended when nobody holds its lock. One that has no lock
// file yet is being made, unless its process is gone.
void remove_leftovers(const fs::path& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    const std::string name = entry.path().filename().native();
    if (name.empty() || name[0] < '0' || name[0] > '9' || !entry.is_directory(ignored)) continue;
    const bool has_lock = fs::exists(entry.path() / kLockName, ignored);
    const UniqueFd lock = has_lock ? lock_folder(entry.path()) : UniqueFd{};
    if (lock || (!has_lock && !is_process_alive(name))) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

Result<UniqueFd> open_trusted(const fs::path& file) {
  auto opened = TrustedWalk().open(file);
  if (opened && !*opened)
    return Error{ErrorCode::kInvalid, fmt::format("{} is a folder", quoted(file)), {}};
  return opened;
}

Status check_trusted_folder(const fs::path& folder) {
  auto opened = TrustedWalk().open(folder);
  if (!opened) return std::move(opened).error();
  if (*opened) return Error{ErrorCode::kInvalid, fmt::format("{} is a file", quoted(folder)), {}};
  return {};
}

FileMark mark_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), status.st_mode};
}

Result<StageFolder> StageFolder::create(const fs::path& root) {
  constexpr int kFoldersMax = 64;  // registries of one process; more is a leak
  std::error_code error;
  fs::create_directories(root, error);
  if (error)
    return Error{
        ErrorCode::kDenied,
        fmt::format("cannot create the stage folder {}: {}", quoted(root), error.message()),
        {}};
  remove_leftovers(root);
  for (int n = 1; n <= kFoldersMax; ++n) {
    const fs::path path = fs::absolute(root) / (n == 1 ? fmt::format("{}", ::getpid())
                                                       : fmt::format("{}-{}", ::getpid(), n));
    if (::mkdir(path.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return system_error(path, "cannot create the stage folder");
    }
    UniqueFd lock = lock_folder(path);
    if (!lock) continue;  // somebody cleaned up in between
    return StageFolder(path, std::move(lock));
  }
  return Error{ErrorCode::kUnavailable,
               fmt::format("{} holds {} stage folders of this process", quoted(root), kFoldersMax),
               {}};
}

StageFolder::~StageFolder() {
  if (!lock_) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<StagedFile> StageFolder::stage(const fs::path& file) {
  auto original = open_trusted(file);
  if (!original) return std::move(original).error();
  const std::uint64_t number = ++copies_;
  const fs::path unnamed = path_ / fmt::format("{}.tmp", number);
  auto staged = copy_hashed(original->get(), unnamed, file);
  if (!staged) {
    std::error_code ignored;
    fs::remove(unnamed, ignored);
    return staged;
  }
  // The counter makes the name new for ever; the digest tells a person which build it is.
  staged->path = path_ / fmt::format("{}.{}.{}.so", plain_stem(file), number,
                                     std::string_view(staged->sha256).substr(0, 8));
  if (::rename(unnamed.c_str(), staged->path.c_str()) != 0)
    return system_error(staged->path, "cannot rename to");
  return staged;
}

void StageFolder::remove(const StagedFile& staged) noexcept { ::unlink(staged.path.c_str()); }

}  // namespace hookhost::plugin
