// SPDX-License-Identifier: Apache-2.0
//
// SavedState: what a generation writes for the next one (hookhost.state/1), on the host's side of
// the call. It belongs to the generation that saves, so that a write after save has returned finds
// it closed, and not freed.
#pragma once

#include <hookhost/ext/state.h>

#include <cstdint>
#include <string>

#include "base/mutex.h"

namespace hookhost::plugin {

class SavedState {
 public:
  // For a save that begins.
  void open();
  // The function that save gets; sink is the SavedState. Any thread.
  static hookhost_status HOOKHOST_CALL write(void* sink, hookhost_str piece) noexcept;
  // What was written, and no more is taken. False in is_whole: something was too much.
  struct Bytes {
    std::string bytes;
    bool is_whole = true;
  };
  Bytes close();

 private:
  Mutex mutex_;
  bool is_open_ HOOKHOST_GUARDED_BY(mutex_) = false;
  Bytes written_ HOOKHOST_GUARDED_BY(mutex_);
};

}  // namespace hookhost::plugin
