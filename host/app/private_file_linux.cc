// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/private_file.h"
#include "base/unique_fd.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

constexpr int kNumbersMax = 10'000;  // of secrets with one stem; more is a loop

Error system_error(const fs::path& path) {
  const int error = errno;
  const bool is_denied = error == EACCES || error == EPERM || error == EROFS;
  return {is_denied ? ErrorCode::kDenied : ErrorCode::kUnavailable,
          fmt::format("{}: {}", path.native(), std::strerror(error)),
          {}};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

// A name is on the disk when its folder is.
bool sync_folder(const fs::path& folder) {
  const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.get()) == 0;
}

// Only root can, and only root needs to.
bool give_to(const fs::path& path, const struct stat& owner) {
  return ::geteuid() != 0 || ::lchown(path.c_str(), owner.st_uid, owner.st_gid) == 0;
}

}  // namespace

Status replace_file(const fs::path& file, std::string_view text) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(file, error);
  if (error) target = file;
  const fs::path beside = target.native() + ".new";
  struct stat before {};
  const bool is_there = ::stat(target.c_str(), &before) == 0;
  const mode_t mode = is_there ? before.st_mode & 07777 : 0644;
  {
    const UniqueFd out(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out && errno == EEXIST)
      return Error{ErrorCode::kUnavailable,
                   fmt::format("{} is there: somebody else changes the file, or was stopped",
                               beside.native()),
                   fmt::format("rm {}   (when nobody does)", beside.native())};
    if (!out) return system_error(beside);
    // The owner first: changing it may take bits off the mode.
    if (!write_all(out.get(), text) || (is_there && !give_to(beside, before)) ||
        ::fchmod(out.get(), mode) != 0) {
      Error failure = system_error(beside);
      ::unlink(beside.c_str());
      return failure;
    }
  }
  if (::rename(beside.c_str(), target.c_str()) != 0) {
    Error failure = system_error(target);
    ::unlink(beside.c_str());
    return failure;
  }
  if (!sync_folder(fs::absolute(target).parent_path())) return system_error(target);
  return {};
}

Result<fs::path> keep_secret(const fs::path& folder, std::string_view stem, const Secret& secret,
                             const fs::path& config_file) {
  struct stat owner {};
  const bool has_owner = ::stat(config_file.c_str(), &owner) == 0;
  const bool is_made = ::mkdir(folder.c_str(), 0700) == 0;
  if (!is_made && errno != EEXIST) return system_error(folder);
  if (is_made && has_owner && !give_to(folder, owner)) return system_error(folder);
  for (int number = 1; number <= kNumbersMax; ++number) {
    fs::path file = folder / fmt::format("{}.{}", stem, number);
    const UniqueFd out(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out && errno == EEXIST) continue;
    if (!out) return system_error(file);
    if (write_all(out.get(), secret.reveal()) && (!has_owner || give_to(file, owner)) &&
        sync_folder(folder)) {
      return file;
    }
    Error failure = system_error(file);
    ::unlink(file.c_str());
    return failure;
  }
  return Error{ErrorCode::kUnavailable,
               fmt::format("{} holds {} secrets of that name", folder.native(), kNumbersMax),
               {}};
}

}  // namespace hookhost::app
