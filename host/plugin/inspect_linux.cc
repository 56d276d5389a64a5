// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <hookhost/version.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "auth/digest.h"
#include "base/encoding.h"
#include "base/unique_fd.h"
#include "plugin/inspect.h"
#include "plugin/needed_libraries.h"
#include "plugin/staging.h"

namespace hookhost::plugin {
namespace {

Error system_error(std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", what, std::generic_category().message(errno)),
          {}};
}

// The whole file, however it changes meanwhile.
Result<std::vector<std::byte>> read_whole(const std::filesystem::path& file) {
  // Not blocking: the name may be that of a pipe.
  const UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) return system_error("cannot read it");
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kInvalid, "not a regular file", {}};
  if (static_cast<std::size_t>(status.st_size) > kLibraryBytesMax)
    return Error{
        ErrorCode::kInvalid, fmt::format("it has more than {} bytes", kLibraryBytesMax), {}};
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(opened.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0) return system_error("cannot read it");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
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

Result<Inspection> inspect_file(const std::filesystem::path& file, std::string_view library_path) {
  auto bytes = read_whole(file);
  if (!bytes) return std::move(bytes).error();
  auto elf = read_elf(*bytes);
  if (!elf) return std::move(elf).error();
  Inspection inspection;
  inspection.bytes = bytes->size();
  inspection.sha256 = hex_encode(auth::sha256(*bytes));
  inspection.elf = std::move(*elf);
  inspection.missing = missing_libraries(
      inspection.elf, std::filesystem::absolute(file).parent_path(), library_path);
  inspection.verdict = check_elf(inspection.elf, HOOKHOST_ABI_MAJOR, HOOKHOST_ABI_MINOR);
  return inspection;
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
