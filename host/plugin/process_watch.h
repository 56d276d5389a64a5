// SPDX-License-Identifier: Apache-2.0
//
// ProcessWatch: does a call of a plugin leave the process as it was (rule R8 of the ABI)? What can
// be put back is put back. One per host, from the level basic on.
//
//   coming up    load, create, activate, the self-test: the control thread waits for them and does
//                nothing else. Marks of the process, and descriptors of the host that are closed.
//   anything     quiesce, destroy, and from the level strict on each call of a handler: they run
//                beside the host, which may close descriptors of its own. Marks of the process.
//
// A build that changes something while it comes up is refused: it has shown that it does not keep
// the contract, and the build before goes on. Later there is no way back, so that it is only told.
// Connections are not put back: whoever had one has lost it, and its number may be somebody else's.
// Nor is a build refused for what happened while another look was open: it may have been that
// one's doing. At the level basic calls of handlers are not looked at, and what one of them does
// while a build comes up is taken for that build's.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "plugin/descriptor_scan.h"
#include "plugin/process_marks.h"

namespace hookhost::plugin {

// What a call has begun to hold, to be given back at the latest in destroy.
struct Belongings {
  std::vector<Descriptor> descriptors;
  std::vector<int> threads;  // of the kernel's numbers

  void add(Belongings more);
  // What of it is still there, in words: "2 descriptors (/dev/full) and 1 thread (sleeper)". Waits
  // a moment for threads, which the kernel lists a little longer than they are.
  std::string remaining() const;
};

class ProcessWatch {
 public:
  explicit ProcessWatch(bool is_on) noexcept : is_on_(is_on) {}

  enum class Scope : std::uint8_t { kComingUp, kAnything };

  struct Finding {
    // "changed the umask of the whole process (rule R8), put back"; empty: nothing.
    std::string words;
    bool is_sole = true;  // nobody else was looked at meanwhile
    // Behind the words.
    std::string_view aside() const noexcept {
      return is_sole ? "" : "; or another call did, at the same time";
    }
    Belongings added;  // of kComingUp
  };

  // Around one call, on its thread.
  class Look {
   public:
    Look(ProcessWatch& watch, Scope scope);
    ~Look() { static_cast<void>(end()); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;
    // Once; afterwards nothing is found.
    Finding end();

   private:
    ProcessWatch& watch_;
    const Scope scope_;
    bool is_open_;
    bool has_company_ = false;
    std::uint64_t number_ = 0;
    ProcessMarks before_;
    std::optional<SpareDescriptors> spares_;
    std::vector<Descriptor> descriptors_;
    std::vector<int> threads_;
  };

 private:
  // How the host has left things when the first plugin came.
  struct Home {
    ProcessMarks marks;
    std::vector<Descriptor> descriptors;
  };
  const Home& home();

  const bool is_on_;
  Mutex mutex_;
  std::optional<Home> home_ HOOKHOST_GUARDED_BY(mutex_);  // set once
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<int> open_{0};
};

}  // namespace hookhost::plugin
