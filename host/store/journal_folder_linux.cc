// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <array>
#include <utility>

#include "store/journal_folder.h"

namespace hookhost::store {
namespace {

struct NetworkFileSystem {
  std::int64_t magic;
  std::string_view name;
};
// Those that linux/magic.h does not know have their number from the source of their driver.
constexpr std::array kNetworkFileSystems = {
    NetworkFileSystem{NFS_SUPER_MAGIC, "NFS"},     NetworkFileSystem{SMB_SUPER_MAGIC, "SMB"},
    NetworkFileSystem{SMB2_SUPER_MAGIC, "SMB2"},   NetworkFileSystem{CIFS_SUPER_MAGIC, "CIFS"},
    NetworkFileSystem{V9FS_MAGIC, "9p"},           NetworkFileSystem{AFS_SUPER_MAGIC, "AFS"},
    NetworkFileSystem{AFS_FS_MAGIC, "AFS"},        NetworkFileSystem{CEPH_SUPER_MAGIC, "Ceph"},
    NetworkFileSystem{CODA_SUPER_MAGIC, "Coda"},   NetworkFileSystem{NCP_SUPER_MAGIC, "NCP"},
    NetworkFileSystem{OCFS2_SUPER_MAGIC, "OCFS2"}, NetworkFileSystem{0x0BD00BD0, "Lustre"},
    NetworkFileSystem{0x01161970, "GFS2"},         NetworkFileSystem{0x47504653, "GPFS"}};

constexpr const char* kDatabase = "journal.db";

Error failure(const std::filesystem::path& path, std::string_view what, int number) {
  const bool is_denied = number == EACCES || number == EPERM || number == EROFS;
  const bool is_wrong = number == ENOTDIR || number == EEXIST || number == ELOOP;
  return {is_denied  ? ErrorCode::kDenied
          : is_wrong ? ErrorCode::kInvalid
                     : ErrorCode::kUnavailable,
          fmt::format("journal folder {}: {}: {}", path.string(), what, ::strerror(number)),
          {}};
}

}  // namespace

std::optional<std::string_view> network_file_system(std::int64_t magic) noexcept {
  for (const NetworkFileSystem& known : kNetworkFileSystems) {
    if (known.magic == magic) return known.name;
  }
  return std::nullopt;
}

Result<std::unique_ptr<JournalFolder>> JournalFolder::open(const std::filesystem::path& folder) {
  std::error_code no_path;
  const std::filesystem::path path = std::filesystem::absolute(folder, no_path);
  if (no_path) return failure(folder, "cannot be named", no_path.value());
  std::filesystem::create_directories(path.parent_path(), no_path);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure(path, "cannot be made", errno);
  }
  UniqueFd descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return failure(path, "cannot be opened", errno);

  struct statfs system {};
  if (::fstatfs(descriptor.get(), &system) != 0) return failure(path, "cannot be read", errno);
  // The kernel's numbers have 32 bits; the type of the member differs by machine.
  const auto magic = static_cast<std::int64_t>(static_cast<std::uint32_t>(system.f_type));
  if (const auto name = network_file_system(magic)) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("journal folder {}: is on a network file system ({})", path.string(), *name),
        "name a folder on a disk of this machine"};
  }

  UniqueFd lock(
      ::openat(descriptor.get(), ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return failure(path, ".lock cannot be opened", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(path, ".lock cannot be locked", errno);
    return Error{ErrorCode::kUnavailable,
                 fmt::format("journal folder {}: another process has it", path.string()),
                 "stop the other hookhost, or name another folder"};
  }
  // Made by us and not by SQLite, for our user alone: the folder may have been somebody's before.
  const UniqueFd database(
      ::openat(descriptor.get(), kDatabase, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!database) return failure(path, "journal.db cannot be opened", errno);
  return std::unique_ptr<JournalFolder>(
      new JournalFolder(path, std::move(descriptor), std::move(lock)));
}

std::string JournalFolder::database() const { return (path_ / kDatabase).string(); }

Status JournalFolder::sync() const {
  if (::fsync(folder_.get()) != 0) return failure(path_, "cannot be synced", errno);
  // The folder itself may be new.
  const UniqueFd parent(::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent && ::fsync(parent.get()) != 0) return failure(path_, "cannot be synced", errno);
  return {};
}

std::optional<std::uint64_t> JournalFolder::free_bytes() const noexcept {
  struct statvfs space {};
  if (::fstatvfs(folder_.get(), &space) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

}  // namespace hookhost::store
