// SPDX-License-Identifier: Apache-2.0
//
// Inspection of a library: nothing of it runs. Control thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plugin/elf_reader.h"

namespace hookhost::plugin {

// What read_elf() found, when check_elf() has nothing against it. The file must be ours alone, as a
// staged one is: it is mapped while it is read.
Result<ElfReport> inspect(const std::filesystem::path& staged);

// What can be known of any file before its code runs: what `hookhost inspect` shows.
struct Inspection {
  std::size_t bytes = 0;
  std::string sha256;  // hex
  ElfReport elf;
  std::vector<std::string> missing;  // missing_libraries()
  Status verdict;                    // check_elf() for this host
};

// Anybody's file, which may be written meanwhile: it is read, not mapped, and who owns it does not
// matter, since nothing of it runs. kInvalid: not a regular file, more than kLibraryBytesMax, or as
// read_elf(). library_path: the value of LD_LIBRARY_PATH.
Result<Inspection> inspect_file(const std::filesystem::path& file, std::string_view library_path);

// What the operator should know about a library that loads: that it cannot be unmapped, say.
std::vector<std::string> notes_about(const ElfReport& report);

}  // namespace hookhost::plugin
