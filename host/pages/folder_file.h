// SPDX-License-Identifier: Apache-2.0
//
// Reads one file below a folder and nothing else: the kernel itself refuses what leads out of it,
// through "..", an absolute symlink or a race (openat2 with RESOLVE_BENEATH). Only regular files,
// read whole up to a limit. Blocks on the disk: never called on a loop. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace hookhost::pages {

// What a version of a file is known by; two that are equal have the same bytes.
struct FileVersion {
  std::uint64_t device = 0, inode = 0, bytes = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  bool operator==(const FileVersion&) const = default;
};

struct FolderFile {
  FileVersion version;
  std::string etag;  // of the version, with its quotes
  std::string bytes;
};

enum class FolderError : std::uint8_t {
  kNotFound,     // also: outside, no permission, a device, a pipe
  kIsDirectory,  // the caller may look for its index.html
  kTooLarge,
  kBusy  // the disk or the kernel could not, this time
};

// kNotFound, kDenied, kInvalid (no folder), kUnavailable (a kernel before 5.6, or one that hides
// openat2).
Result<UniqueFd> open_folder(const std::filesystem::path& folder);

// path: relative, without a slash at its start. known, when it is the same version, is returned
// instead of being read again.
Result<std::shared_ptr<const FolderFile>, FolderError> read_beneath(
    int folder, const std::string& path, std::size_t bytes_max,
    const std::shared_ptr<const FolderFile>& known);

}  // namespace hookhost::pages
