// SPDX-License-Identifier: Apache-2.0
//
// Files that are written whole or not at all: beside their place, synced, then renamed into it.
// Main thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace hookhost::app {

// Puts the text in place of the file's, with its owner and mode; links are followed; a file that is
// not there gets mode 0644. kUnavailable: FILE.new is there, which somebody else is writing or has
// left behind. kDenied and others: as the kernel says; the file is then as it was.
Status replace_file(const std::filesystem::path& file, std::string_view text);

// A new file with the secret, readable by its owner alone, below a folder that nobody else may
// enter: both are made, and belong to whom the configuration belongs. Its name is new: "ci.1",
// "ci.2" ...
Result<std::filesystem::path> keep_secret(const std::filesystem::path& folder,
                                          std::string_view stem, const Secret& secret,
                                          const std::filesystem::path& config_file);

}  // namespace hookhost::app
