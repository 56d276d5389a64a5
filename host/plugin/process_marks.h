// SPDX-License-Identifier: Apache-2.0
//
// What a plugin shares with the whole process and must leave alone (rule R8 of the ABI): working
// directory, umask, locale, signal mask and handlers. Taken before and after a call of a plugin,
// and put back. Any thread, several at once. Not for the hot path.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <string>

namespace hookhost::plugin {

struct ProcessMarks {
  std::string folder, locale;
  unsigned umask = 0;
  sigset_t blocked{};  // of the calling thread
  static constexpr std::size_t kSignals = 65;
  std::array<struct sigaction, kSignals> handlers{};  // by number

  static ProcessMarks take();
};

struct MarkChange {
  std::string names;  // "the working directory, the umask"; empty: none
  bool is_put_back = true;
};

// What has changed since before, on the same thread, is made as it is at home: as the host has left
// it. What has become as at home is no change but somebody's putting back, so that of two calls at
// the same time the second does not undo that. Nor is a handler that is for one signal
// (SA_RESETHAND) and whose signal came.
MarkChange put_back_marks(const ProcessMarks& home, const ProcessMarks& before);

}  // namespace hookhost::plugin
