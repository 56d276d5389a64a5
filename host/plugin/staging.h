// SPDX-License-Identifier: Apache-2.0
//
// Staging: a private copy of a library under a name that was never used before, since glibc answers
// a name it knows with the code it knows, and since a mapped file that somebody overwrites kills
// the process. The original is opened once, judged and copied through that one descriptor; it is
// never mapped. Control thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace hookhost::plugin {

inline constexpr std::size_t kLibraryBytesMax =
    std::size_t{512} * 1024 * 1024;   // debug builds of large plugins have about a tenth
inline constexpr int kLinksMax = 40;  // as Linux follows in one path

// Opens a file that nobody but root and us can have written: it and every folder on its way, links
// followed, belong to root or to us and are not writable by group or others. A sticky folder such
// as /tmp may stand in the way. kDenied names the component and its mode; kNotFound; kInvalid: not
// a regular file.
Result<UniqueFd> open_trusted(const std::filesystem::path& file);

// The same judgement on a folder and what leads to it: files in it are judged when they are opened.
Status check_trusted_folder(const std::filesystem::path& folder);

// Which file a path leads to, links followed, as the rules about owners and modes see it: by
// everything but its bytes. All zero: none that can be looked at.
struct FileMark {
  std::uint64_t device = 0, inode = 0, bytes = 0, mode = 0;
  friend bool operator==(const FileMark&, const FileMark&) = default;
};
FileMark mark_of(const std::filesystem::path& file);

struct StagedFile {
  std::filesystem::path path;  // "<stage>/4711/retrain.1.9c1e40aa.so"
  std::string sha256;          // hex, of the bytes that were copied
  std::size_t bytes = 0;
};

// The folder of copies of this process: <root>/<pid>, or <pid>-2 ... when that name is taken.
// Locked while it lives, removed with everything in it at the end; folders that a process left
// behind are removed when one starts.
class StageFolder {
 public:
  // Creates root too. kDenied, kUnavailable: the folder cannot be made.
  static Result<StageFolder> create(const std::filesystem::path& root);
  StageFolder(StageFolder&&) noexcept = default;
  StageFolder& operator=(StageFolder&&) = delete;
  ~StageFolder();

  const std::filesystem::path& path() const noexcept { return path_; }

  // Copies the file, readable and executable by us only. kInvalid: larger than kLibraryBytesMax, or
  // as open_trusted().
  Result<StagedFile> stage(const std::filesystem::path& file);

  // Removes one copy; the mapping of a loaded one stays.
  void remove(const StagedFile& staged) noexcept;

 private:
  StageFolder(std::filesystem::path path, UniqueFd lock) noexcept
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;  // empty: moved from
  UniqueFd lock_;
  std::uint64_t copies_ = 0;
};

}  // namespace hookhost::plugin
