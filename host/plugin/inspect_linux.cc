// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <hookhost/version.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/unique_fd.h"
#include "plugin/inspect.h"

namespace hookhost::plugin {
namespace {

Error system_error(std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", what, std::generic_category().message(errno)),
          {}};
}

}  // namespace

Result<ElfReport> inspect(const std::filesystem::path& staged) {
  const UniqueFd file(::open(staged.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0)
    return system_error("cannot read the staged copy");
  const auto bytes = static_cast<std::size_t>(status.st_size);
  if (bytes == 0)
    return Error{ErrorCode::kInvalid, "the file is empty",
                 "copy it again, and rename it into the folder only when it is whole"};
  void* memory = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (memory == MAP_FAILED) return system_error("cannot map the staged copy");
  auto report = read_elf({static_cast<const std::byte*>(memory), bytes});
  ::munmap(memory, bytes);
  if (!report) return report;
  if (Status accepted = check_elf(*report, HOOKHOST_ABI_MAJOR, HOOKHOST_ABI_MINOR); !accepted)
    return std::move(accepted).error();
  return report;
}

std::vector<std::string> notes_about(const ElfReport& report) {
  std::vector<std::string> notes;
  if (report.unique_count != 0)
    notes.push_back(
        fmt::format("it defines {} STB_GNU_UNIQUE symbols, such as {}: it shares their "
                    "state with other builds and cannot be unmapped; build it with "
                    "hookhost_add_plugin (-fno-gnu-unique)",
                    report.unique_count, report.unique_symbols.front()));
  if (report.is_nodelete) notes.push_back("it was linked with -z nodelete and cannot be unmapped");
  return notes;
}

}  // namespace hookhost::plugin
