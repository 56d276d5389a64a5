// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "pages/folder_file.h"

namespace hookhost::pages {
namespace {

// A rename somewhere above makes the kernel give up now and then (EAGAIN); it is never for long.
constexpr int kOpenAttemptsMax = 16;

UniqueFd open_beneath(int folder, const char* path) noexcept {
  open_how how{};
  // O_NONBLOCK: a pipe in the folder must not hang us; it is refused after fstat.
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < kOpenAttemptsMax; ++attempt) {
    const long fd = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return {};
}

std::int64_t nanoseconds(const timespec& time) noexcept {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// False: the disk failed. Shorter than announced: the file was cut meanwhile, and what is there
// counts.
bool read_all(int fd, std::string& bytes) {
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return true;
}

}  // namespace

Result<UniqueFd> open_folder(const std::filesystem::path& folder) {
  const std::string name = printable(folder.string());
  UniqueFd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    const int error = errno;
    const ErrorCode code = error == EACCES   ? ErrorCode::kDenied
                           : error == ENOENT ? ErrorCode::kNotFound
                                             : ErrorCode::kInvalid;
    return Error{code, fmt::format("ui folder \"{}\": {}", name, std::strerror(error)),
                 "name a folder that this user may read"};
  }
  if (!open_beneath(fd.get(), ".")) {
    const int error = errno;
    return Error{error == EACCES ? ErrorCode::kDenied : ErrorCode::kUnavailable,
                 fmt::format("ui folder \"{}\": openat2: {}", name, std::strerror(error)),
                 "use a kernel from 5.6 on whose sandbox allows openat2"};
  }
  return fd;
}

Result<std::shared_ptr<const FolderFile>, FolderError> read_beneath(
    int folder, const std::string& path, std::size_t bytes_max,
    const std::shared_ptr<const FolderFile>& known) {
  const UniqueFd fd = open_beneath(folder, path.c_str());
  if (!fd) {
    const bool is_ours = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EAGAIN;
    return is_ours ? FolderError::kBusy : FolderError::kNotFound;
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return FolderError::kBusy;
  if (S_ISDIR(status.st_mode)) return FolderError::kIsDirectory;
  if (!S_ISREG(status.st_mode)) return FolderError::kNotFound;

  const FileVersion version{.device = status.st_dev,
                            .inode = status.st_ino,
                            .bytes = static_cast<std::uint64_t>(status.st_size),
                            .modified_ns = nanoseconds(status.st_mtim),
                            .changed_ns = nanoseconds(status.st_ctim)};
  if (version.bytes > bytes_max) return FolderError::kTooLarge;
  if (known != nullptr && known->version == version) return known;

  auto file = std::make_shared<FolderFile>();
  file->version = version;
  file->etag = fmt::format("\"{:x}-{:x}-{:x}\"", version.inode, version.bytes, version.changed_ns);
  file->bytes.resize(version.bytes);
  if (!read_all(fd.get(), file->bytes)) return FolderError::kBusy;
  return std::shared_ptr<const FolderFile>(std::move(file));
}

}  // namespace hookhost::pages
