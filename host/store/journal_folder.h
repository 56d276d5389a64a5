// SPDX-License-Identifier: Apache-2.0
//
// JournalFolder: the folder of a journal while it is ours: made with mode 0700, on a disk of this
// machine, locked against every other process. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace hookhost::store {

// The name of a file system that other machines write too, by the magic number of statfs(2);
// nullopt: it is none of them. A write-ahead log needs memory that all its users share. Pure.
std::optional<std::string_view> network_file_system(std::int64_t magic) noexcept;

class JournalFolder {
 public:
  // kUnavailable: another process has it. kInvalid: a network file system, or no folder. kDenied.
  static Result<std::unique_ptr<JournalFolder>> open(const std::filesystem::path& folder);

  // The path of the database: a file, empty at first, that only its user reads.
  std::string database() const;
  // The names of its files are on disk too. Waits.
  Status sync() const;
  // Space that we may use; nullopt: nobody knows.
  std::optional<std::uint64_t> free_bytes() const noexcept;

 private:
  JournalFolder(std::filesystem::path path, UniqueFd folder, UniqueFd lock)
      : path_(std::move(path)), folder_(std::move(folder)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  UniqueFd folder_, lock_;
};

}  // namespace hookhost::store
