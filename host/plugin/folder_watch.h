// SPDX-License-Identifier: Apache-2.0
//
// FolderWatch: which files of a folder have changed and come to rest: plugins, unless its options
// say otherwise. A build that is still being written must not be taken, and a file that an editor
// deletes and writes anew is not gone. The kernel's events only say "look now"; the truth is a look
// at the folder itself, also every few seconds unasked, since NFS, overlays and links into other
// folders send no events. Contents are not read: who is told compares them. One thread; nothing
// here blocks for longer than the disk does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct inotify_event;

namespace hookhost::plugin {

inline constexpr std::size_t kFollowedFilesMax =
    1024;  // of one folder; further ones are ignored until others go. A few dozen are many

// Does a file of this name hold a plugin? "*.so", but no dot-file. Thus neither "x.so.tmp" nor
// "x.so~", in which tools write, nor "..data", through which Kubernetes switches. Any thread.
bool is_plugin_file(std::string_view name) noexcept;

struct FolderWatchOptions {
  std::chrono::milliseconds settle{150};           // without a change for so long, a file rests
  std::chrono::milliseconds look_every{5000};      // for what no event tells
  std::chrono::milliseconds removal_grace{2000};   // absent for so long, a file is gone
  std::chrono::milliseconds restless_after{5000};  // changing for so long, it is worth a word
  std::function<bool(std::string_view name)> counts = is_plugin_file;  // which files are watched
};

struct FolderChange {
  enum class Kind : std::uint8_t {
    kSettled,   // new or changed, and at rest; maybe with the content that it had, and maybe no
                // library at all but a folder or a link that leads nowhere
    kGone,      // absent for the grace
    kRestless,  // does not come to rest; kSettled or kGone may still follow
  };
  Kind kind;
  std::filesystem::path file;  // the folder as it was given, and the file's name
};

// A file's way. Every look at which its state (device, inode, size, time of modification; links
// followed) is another one, and every event that names it, is a change.
//
//   rests --change--> moves --no change for settle--> rests: kSettled when it is another file than
//                       |  ^                                 last told, or was written or renamed
//                       +--+ change; kRestless, once per unrest, after restless_after of it
//   absent --removal_grace--> kGone, forgotten. Back before: as any change, equal tells nothing.
class FolderWatch {
 public:
  // Begins to watch. The files that are there count as known: told is what changes from now on. The
  // clock must outlive the watch. A folder that is not there yet is found once it is. Errors name
  // it; kDenied: it may not be read, kUnavailable: the kernel's limit of watches, or a disk that
  // fails.
  static Result<std::unique_ptr<FolderWatch>> open(std::filesystem::path folder,
                                                   FolderWatchOptions options, const Clock& clock);
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Readable: call tend(). The same number for life, owned by the watch, also while the folder is
  // missing or is replaced by another of its name.
  int fd() const noexcept { return inotify_.get(); }

  // Call tend() by then at the latest. Later is safe, but told later.
  MonotonicTime next() const noexcept { return next_; }

  // What has come to rest, is gone or does not rest, as one batch in the order of the file names;
  // each file at most once. Cheap when nothing stirred and next() is not reached. Cannot fail: a
  // missing folder has no files, one that cannot be read is as it was, and both are tried again.
  std::vector<FolderChange> tend();

 private:
  // Without the time of change (ctime), which a chmod moves too.
  struct FileState {
    bool exists = false;
    std::uint64_t device = 0, inode = 0;
    std::int64_t bytes = 0, modified_ns = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
  };
  struct File {
    FileState told;          // what the receiver knows
    FileState seen;          // at the last look
    MonotonicTime since{};   // of the last change
    MonotonicTime unrest{};  // when the unrest began that is now, or was last
    bool rests = true;       // no change for settle
    bool stirred = false;    // an event named it after the last look
    bool touched = false;    // written or renamed to since it was told
    bool told_restless = false;
  };

  FolderWatch(std::filesystem::path folder, FolderWatchOptions options, const Clock& clock,
              UniqueFd inotify);
  static std::optional<FileState> state_of(int folder, const std::string& name);
  bool read_events();
  bool take(const inotify_event& event);
  bool attach(int folder);
  bool find_files(int folder);
  std::optional<FolderChange::Kind> judge(File& file, const FileState& state,
                                          MonotonicTime now) const;
  bool is_forgotten(const File& file) const noexcept;

  const std::filesystem::path folder_;
  const FolderWatchOptions options_;
  const Clock& clock_;
  UniqueFd inotify_;
  int watch_ = -1;                        // -1: none, only next() makes us look
  std::uint64_t device_ = 0, inode_ = 0;  // of the folder that is watched
  std::map<std::string, File, std::less<>> files_;
  MonotonicTime next_;
};

}  // namespace hookhost::plugin
