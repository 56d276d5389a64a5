// SPDX-License-Identifier: Apache-2.0
//
// What a plugin shares with the whole process and must leave alone (rule R8 of the ABI): working
// directory, umask, locale, signal mask and handlers. Taken before and after a call of a plugin.
// Not for the hot path.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <string>

namespace hookhost::plugin {

class ProcessMarks {
 public:
  // Of the calling thread, where it is a thread's.
  static ProcessMarks take();

  // What is different in later, in words: "the working directory, the umask"; empty: nothing.
  std::string difference(const ProcessMarks& later) const;

 private:
  static constexpr std::array<int, 8> kSignals = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE,
                                                  SIGTERM, SIGCHLD, SIGSEGV, SIGABRT};
  std::string folder_, locale_;
  unsigned umask_ = 0;
  std::array<bool, 65> blocked_{};
  std::array<void*, kSignals.size()> handlers_{};
};

// Threads of this process.
std::size_t thread_count();

}  // namespace hookhost::plugin
