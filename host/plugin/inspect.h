// SPDX-License-Identifier: Apache-2.0
//
// Inspection of a staged copy: nothing of it runs. Control thread.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "plugin/elf_reader.h"

namespace hookhost::plugin {

// What read_elf() found, when check_elf() has nothing against it. The file must be ours alone, as a
// staged one is: it is mapped while it is read.
Result<ElfReport> inspect(const std::filesystem::path& staged);

// What the operator should know about a library that loads: that it cannot be unmapped, say.
std::vector<std::string> notes_about(const ElfReport& report);

}  // namespace hookhost::plugin
