// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor_scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

namespace hookhost::plugin {
namespace {

constexpr int kSparesMax = 256;  // a host of 64 loops has about so many

std::optional<Descriptor> look_at(int number) {
  struct stat facts {};
  if (::fstat(number, &facts) != 0) return std::nullopt;
  int is_listening = 0;
  socklen_t bytes = sizeof(is_listening);
  if (S_ISSOCK(facts.st_mode))
    ::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &bytes);
  return Descriptor{number, facts.st_dev, facts.st_ino, facts.st_mode & S_IFMT, is_listening != 0};
}

bool is_closed(int number) { return ::fcntl(number, F_GETFD) == -1; }

// Room for spares where the limit is the usual 1024, once.
bool make_room() {
  static const bool has_room = [] {
    constexpr rlim_t kNeeded = kDescriptorScanMax + kSparesMax;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
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
  for (int number = 0; number < kDescriptorScanMax; ++number) {
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
