// SPDX-License-Identifier: Apache-2.0
//
// UserFolder: the user's own files in the place of the landing page (--ui DIR; seed row U10).
// Serves regular files of that folder and nothing outside it; no dot-files; index.html for a
// folder. The strict Content-Security-Policy goes with each unless the user chose another.
// Everything else is 404, so that nobody learns what exists. Any loop; the files are read on a
// thread of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/exchange.h"
#include "pages/disk_reader.h"

namespace hookhost::pages {

struct UserFolderOptions {
  std::filesystem::path folder = {};
  std::string csp = {};  // Content-Security-Policy of every file; empty: the one of our own pages
  bool on_space = false;
  // A file is held whole in memory while it is sent; videos belong behind another server.
  std::size_t file_bytes_max = 32 * 1024 * 1024;
};

// Where a request path leads below the folder: relative, decoded, "" for the folder itself.
// kInvalid: bad percent-encoding (400). kNotFound: a dot-file, "..", "//", a backslash or a control
// character.
Result<std::string, ErrorCode> folder_path(std::string_view request_path, Arena& arena);

class UserFolder final : public Receiver {
 public:
  // Fails when the folder cannot be served at all; the error says why and what to do.
  static Result<std::shared_ptr<UserFolder>> open(UserFolderOptions options);

  Task<Response> receive(Exchange& exchange) override;

 private:
  UserFolder(UserFolderOptions options, UniqueFd folder);
  Response answer(const DiskReader::Answer& answer, std::string_view path,
                  Exchange& exchange) const;

  const UserFolderOptions options_;
  DiskReader reader_;
};

}  // namespace hookhost::pages
