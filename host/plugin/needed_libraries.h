// SPDX-License-Identifier: Apache-2.0
//
// Would the dynamic linker find what a library needs? A plain look for file names in the places
// where glibc looks: it answers before anything is loaded. It does not open what it finds, nor
// follow what that needs in turn; only loading does. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/elf_reader.h"

namespace hookhost::plugin {

// Those of report.needed that lie in none of: the library's own search path, library_path (the
// value of LD_LIBRARY_PATH), the linker's cache, the folders of the system. origin: the folder of
// the library.
std::vector<std::string> missing_libraries(const ElfReport& report,
                                           const std::filesystem::path& origin,
                                           std::string_view library_path);

}  // namespace hookhost::plugin
