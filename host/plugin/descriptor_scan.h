// SPDX-License-Identifier: Apache-2.0
//
// The open descriptors of this process below kDescriptorScanMax, and spare copies of those that the
// host cannot do without. Any thread. Not for the hot path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace hookhost::plugin {

// What a process has from its start on has low numbers; on a host with more, the others are
// connections. It costs a system call, and one more for each open descriptor.
inline constexpr int kDescriptorScanMax = 1024;

struct Descriptor {
  int number = -1;
  std::uint64_t device = 0, inode = 0;
  std::uint32_t mode = 0;
  bool is_listening = false;

  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

// By number. Without connections, which come and go with the clients of the host, and files, which
// its threads open while they serve from them: nobody could tell whose work that was. Only with
// files where a plugin's own are looked for.
enum class WithFiles : bool { kNo, kYes };
std::vector<Descriptor> scan_descriptors(WithFiles files);

// Is it still open, and the same?
bool is_open(const Descriptor& descriptor);
// "/dev/full", or "socket".
std::string name_of(const Descriptor& descriptor);

// Copies under numbers that no loop over all small ones closes. Made before a call of a plugin, so
// that it can cost the host nothing.
class SpareDescriptors {
 public:
  // Without room for numbers beyond kDescriptorScanMax (RLIMIT_NOFILE) there are none, and what is
  // lost stays lost.
  explicit SpareDescriptors(const std::vector<Descriptor>& descriptors);

  struct Loss {
    std::size_t closed = 0;     // or replaced by something else
    std::size_t listening = 0;  // of these
    std::size_t put_back = 0;   // of these; a number that somebody has by now is not taken away
  };
  // Once.
  Loss put_back();

 private:
  struct Spare {
    Descriptor original;
    UniqueFd copy;
  };
  std::vector<Spare> spares_;
};

}  // namespace hookhost::plugin
