// SPDX-License-Identifier: Apache-2.0
#include "plugin/folder_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kWritten = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kNamesChanged = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;
constexpr std::uint32_t kWatched =
    kWritten | kNamesChanged | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// Per tend(), of 16 KiB each: a whole queue of the kernel's default size. Somebody who makes events
// faster than we read them must not keep us here.
constexpr int kReadsMax = 64;

// Nothing stands under this name, or a link that leads nowhere. Every other error says nothing
// about the file.
bool is_absence(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

Error watch_error(const fs::path& folder, int error) {
  Error result{ErrorCode::kUnavailable,
               fmt::format("cannot watch the folder \"{}\": {}", printable(folder.native()),
                           std::generic_category().message(error)),
               {}};
  if (is_absence(error)) result.code = ErrorCode::kNotFound;
  if (error == EACCES || error == EPERM) result.code = ErrorCode::kDenied;
  if (error == ENOSPC) result.fix = "raise the sysctl fs.inotify.max_user_watches";
  if (error == EMFILE)
    result.fix = "raise the sysctl fs.inotify.max_user_instances, or the limit of open files";
  return result;
}

UniqueFd open_folder(const fs::path& folder) {
  return UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

bool is_plugin_file(std::string_view name) noexcept {
  return name.ends_with(".so") && !name.starts_with('.');
}

FolderWatch::FolderWatch(fs::path folder, FolderWatchOptions options, const Clock& clock,
                         UniqueFd inotify)
    : folder_(std::move(folder)),
      options_(std::move(options)),
      clock_(clock),
      inotify_(std::move(inotify)),
      next_(clock.monotonic_now() + options_.look_every) {}

Result<std::unique_ptr<FolderWatch>> FolderWatch::open(fs::path folder, FolderWatchOptions options,
                                                       const Clock& clock) {
  UniqueFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) return watch_error(folder, errno);
  const UniqueFd opened = open_folder(folder);
  if (!opened && !is_absence(errno)) return watch_error(folder, errno);
  std::unique_ptr<FolderWatch> watch(
      new FolderWatch(std::move(folder), std::move(options), clock, std::move(inotify)));
  if (!opened) return watch;
  // Watched before looked at: what changes in between is told once too often, not never.
  if (!watch->attach(opened.get())) return watch_error(watch->folder_, errno);
  if (!watch->find_files(opened.get())) return watch_error(watch->folder_, errno);
  for (auto& [name, file] : watch->files_)
    file.told = file.seen = state_of(opened.get(), name).value_or(FileState{});
  return watch;
}

std::vector<FolderChange> FolderWatch::tend() {
  const MonotonicTime now = clock_.monotonic_now();
  const bool called = read_events();
  if (!called && now < next_) return {};
  next_ = now + options_.look_every;

  const UniqueFd folder = open_folder(folder_);
  if (folder) {
    attach(folder.get());  // what fails here is tried again at the next look
    find_files(folder.get());
  } else if (!is_absence(errno)) {
    return {};  // out of descriptors, or a server that is away: no reason to drop every plugin
  }

  std::vector<FolderChange> changes;
  for (auto at = files_.begin(); at != files_.end();) {
    auto& [name, file] = *at;
    const auto state = folder ? state_of(folder.get(), name) : FileState{};
    if (state) {
      if (const auto kind = judge(file, *state, now)) changes.push_back({*kind, folder_ / name});
      if (!file.rests) next_ = std::min(next_, file.since + options_.settle);
      if (!file.seen.exists && file.told.exists)
        next_ = std::min(next_, file.since + options_.removal_grace);
    }
    at = is_forgotten(file) ? files_.erase(at) : std::next(at);
  }
  return changes;
}

std::optional<FolderChange::Kind> FolderWatch::judge(File& file, const FileState& state,
                                                     MonotonicTime now) const {
  const bool changed = std::exchange(file.stirred, false) || state != file.seen;
  file.seen = state;
  if (changed) {
    if (std::exchange(file.rests, false)) {
      file.unrest = now;
      file.told_restless = false;
    }
    file.since = now;
    if (file.told_restless || now - file.unrest < options_.restless_after) return {};
    file.told_restless = true;
    return FolderChange::Kind::kRestless;
  }
  if (now - file.since >= options_.settle) file.rests = true;
  const bool is_news = state.exists
                           ? file.rests && (file.touched || state != file.told)
                           : file.told.exists && now - file.since >= options_.removal_grace;
  if (!is_news) return {};
  file.told = state;
  file.touched = false;
  return state.exists ? FolderChange::Kind::kSettled : FolderChange::Kind::kGone;
}

bool FolderWatch::is_forgotten(const File& file) const noexcept {
  return file.rests && !file.seen.exists && !file.told.exists;
}

// Empty: it cannot be told now, and the file is taken to be as it was.
std::optional<FolderWatch::FileState> FolderWatch::state_of(int folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, 0) != 0) {
    if (!is_absence(errno)) return std::nullopt;
    // A link that leads nowhere stands there all the same.
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return FileState{};
  }
  // What goes on in a folder of that name is no change of it.
  if (!S_ISREG(status.st_mode)) return FileState{true, status.st_dev, status.st_ino};
  return FileState{true, status.st_dev, status.st_ino, status.st_size,
                   status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

// Takes up the names that are new. Those that are followed already are looked at by name, so that
// an error in the middle of a folder loses none of them. False: not all were read, errno says why.
bool FolderWatch::find_files(int folder) {
  UniqueFd again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> names(::fdopendir(again.get()), &::closedir);
  if (!names) return false;
  again.release();  // the stream's now
  errno = 0;
  while (const dirent* entry = ::readdir(names.get())) {
    if (files_.size() < kFollowedFilesMax && options_.counts(entry->d_name))
      files_.try_emplace(entry->d_name);
    errno = 0;
  }
  return errno == 0;
}

// Is a look needed?
bool FolderWatch::read_events() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  bool look = false;
  for (int reads = 0; reads < kReadsMax; ++reads) {
    const ssize_t bytes = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (bytes <= 0) break;
    for (const char* at = buffer.data(); at < buffer.data() + bytes;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      at += sizeof event + event.len;
      if (take(event)) look = true;
    }
  }
  return look;
}

bool FolderWatch::take(const inotify_event& event) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
  if (event.wd != watch_) return false;  // the rest of a folder that was left
  // Deleted or unmounted, and a new folder may have the same inode. A moved one is still watched,
  // and attach() sees whether it is still ours.
  if ((event.mask & IN_IGNORED) != 0) watch_ = -1;
  if (event.len == 0) return true;  // the folder itself
  const std::string_view name = event.name;
  // Any name may be a link through which a plugin is reached, such as "..data". What is written
  // into other files does not matter.
  if (!options_.counts(name)) return (event.mask & kNamesChanged) != 0;
  const auto found = files_.find(name);
  if (found == files_.end()) return true;
  // Two writes in one tick of the kernel's clock leave an equal state, and so does a copy that
  // keeps the time: the event is all there is. A chmod is no change.
  if ((event.mask & kWritten) != 0) found->second.touched = true;
  if ((event.mask & IN_ATTRIB) == 0) found->second.stirred = true;
  return true;
}

// Watches the folder of our path unless that is the one watched. False: errno says why.
bool FolderWatch::attach(int folder) {
  struct stat status {};
  if (::fstat(folder, &status) != 0) return false;
  if (watch_ >= 0 && status.st_dev == device_ && status.st_ino == inode_) return true;
  if (watch_ >= 0) ::inotify_rm_watch(inotify_.get(), watch_);
  // By path, which may lead to yet another folder by now: then the next look sees the difference.
  watch_ = ::inotify_add_watch(inotify_.get(), folder_.c_str(), kWatched);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  return watch_ >= 0;
}

}  // namespace hookhost::plugin
