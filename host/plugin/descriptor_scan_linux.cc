// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor_scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

namespace hookhost::plugin {
namespace {

constexpr int kSparesMax = 256;  // a host of 64 loops has about so many

// As a system call: ThreadSanitizer keeps books of who may look at a descriptor, and here whoever
// wants to know whether one was closed looks at those of others.
std::optional<Descriptor> look_at(int number) {
  struct statx facts {};
  if (::syscall(SYS_statx, number, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO, &facts) != 0)
    return std::nullopt;
  int is_listening = 0;
  socklen_t bytes = sizeof(is_listening);
  if (S_ISSOCK(facts.stx_mode))
    ::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &bytes);
  return Descriptor{number, makedev(facts.stx_dev_major, facts.stx_dev_minor), facts.stx_ino,
                    facts.stx_mode & static_cast<unsigned>(S_IFMT), is_listening != 0};
}

// All numbers in one system call: poll() says of each whether it is open.
std::vector<int> open_numbers() {
  rlimit limit{kDescriptorScanMax, 0};
  ::getrlimit(RLIMIT_NOFILE, &limit);  // poll() takes no more
  std::array<pollfd, kDescriptorScanMax> all;
  for (int number = 0; number < kDescriptorScanMax; ++number)
    all[static_cast<std::size_t>(number)] = {number, 0, 0};
  const nfds_t count = std::min<rlim_t>(limit.rlim_cur, kDescriptorScanMax);
  std::vector<int> numbers;
  if (::poll(all.data(), count, 0) < 0) return numbers;
  for (nfds_t i = 0; i < count; ++i) {
    if ((all[i].revents & POLLNVAL) == 0) numbers.push_back(all[i].fd);
  }
  return numbers;
}

bool is_closed(int number) { return ::fcntl(number, F_GETFD) == -1; }

// Room for spares where the limit is the usual 1024, once. A lower one is somebody's wish.
bool make_room() {
  static const bool has_room = [] {
    constexpr rlim_t kNeeded = kDescriptorScanMax + kSparesMax;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < kDescriptorScanMax)
      return false;
    if (limit.rlim_cur >= kNeeded) return true;
    if (limit.rlim_max < kNeeded) return false;
    limit.rlim_cur = kNeeded;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
  }();
  return has_room;
}

}  // namespace

std::vector<Descriptor> scan_descriptors(WithFiles files) {
  std::vector<Descriptor> open;
  for (const int number : open_numbers()) {
    const auto descriptor = look_at(number);
    if (!descriptor) continue;
    if (S_ISSOCK(descriptor->mode) && !descriptor->is_listening) continue;
    const bool is_file = S_ISREG(descriptor->mode) || S_ISDIR(descriptor->mode);
    if (is_file && files == WithFiles::kNo) continue;
    open.push_back(*descriptor);
  }
  return open;
}

bool is_open(const Descriptor& descriptor) { return look_at(descriptor.number) == descriptor; }

std::string name_of(const Descriptor& descriptor) {
  std::error_code ignored;
  const std::string name =
      std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", descriptor.number), ignored)
          .native();
  return S_ISSOCK(descriptor.mode) || S_ISFIFO(descriptor.mode) ? name.substr(0, name.find(':'))
                                                                : name;
}

SpareDescriptors::SpareDescriptors(const std::vector<Descriptor>& descriptors) {
  const bool has_room = make_room();
  for (const Descriptor& descriptor : descriptors) {
    Spare spare{descriptor, {}};
    if (has_room && spares_.size() < kSparesMax)
      spare.copy.reset(::fcntl(descriptor.number, F_DUPFD_CLOEXEC, kDescriptorScanMax));
    spares_.push_back(std::move(spare));
  }
}

SpareDescriptors::Loss SpareDescriptors::put_back() {
  Loss loss;
  for (const Spare& spare : spares_) {
    if (is_open(spare.original)) continue;
    ++loss.closed;
    if (spare.original.is_listening) ++loss.listening;
    // Everything of the host closes on exec, apart from the standard streams.
    const int flags = spare.original.number > STDERR_FILENO ? O_CLOEXEC : 0;
    if (spare.copy && is_closed(spare.original.number) &&
        ::dup3(spare.copy.get(), spare.original.number, flags) >= 0)
      ++loss.put_back;
  }
  spares_.clear();
  return loss;
}

}  // namespace hookhost::plugin
