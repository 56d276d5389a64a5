// SPDX-License-Identifier: Apache-2.0
//
// TokenTable: the deferred calls of one generation. A token is a slot and the number of times that
// the slot was used, so a stale one finds nothing instead of somebody else's call. A mutex: a
// deferred call has left the path of inline handlers. Any thread.
//
// The life of a slot; complete() and the return of handle() may come in either order, and the later
// of the two ends the attempt:
//
//   free -> deferred -> returned (handle gave PENDING) -> complete(): the caller ends the attempt
//                   \-> completed (status kept)        -> handle returns: the bridge ends it
#pragma once

#include <hookhost/plugin.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "plugin/use_count.h"

namespace hookhost::plugin {

inline constexpr std::size_t kDeferredMax = 65536;  // plugin.h, defer: beyond it E_LIMIT

class TokenTable {
 public:
  // Takes the call in. 0: kDeferredMax are in.
  hookhost_token add(hookhost_call* call);

  // The call of a live token; nullptr: finished, or never there. Marks it as taken: its memory may
  // be in use by the plugin from now on.
  hookhost_call* resume(hookhost_token token);

  // complete() of the plugin. nullptr in call with HOOKHOST_OK: handle has not returned yet and
  // will end the attempt.
  struct Completion {
    hookhost_status result = HOOKHOST_E_GONE;  // what complete() answers
    hookhost_call* call = nullptr;             // end this attempt now
  };
  Completion complete(hookhost_token token, hookhost_status status);

  // handle() has returned. Nothing: the attempt goes on, complete() will end it. A status: it was
  // completed meanwhile with that, the token is gone.
  std::optional<hookhost_status> handle_returned(hookhost_token token);

  // handle() returned something else than PENDING after defer. True: nobody had resumed it, the
  // token is gone and the attempt can end. False: somebody may use the call, wait for complete().
  bool withdraw(hookhost_token token);

  // Once per live token: true, with uses held, and the caller tells the plugin and lets go. Held
  // under the lock, since the call may be completed and the code unmapped right after it.
  bool announce_cancel(hookhost_token token, UseCount& uses);

  std::size_t size() const;

  // Calls visit(token, call) for every one that is not completed, with the table locked.
  template <class Visit>
  void for_each(Visit visit) {
    const MutexLock lock(mutex_);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].call != nullptr && !slots_[i].is_completed) visit(token_of(i), slots_[i].call);
    }
  }

 private:
  struct Slot {
    hookhost_call* call = nullptr;  // nullptr: free
    std::uint32_t uses = 0;         // of the slot; the upper half of its token, never 0
    std::uint32_t next_free = 0;    // index + 1
    hookhost_status status = HOOKHOST_OK;
    bool is_returned = false, is_completed = false, is_resumed = false, is_announced = false;
  };

  hookhost_token token_of(std::size_t index) const HOOKHOST_REQUIRES(mutex_) {
    return std::uint64_t{slots_[index].uses} << 32 | (index + 1);
  }
  Slot* find(hookhost_token token) HOOKHOST_REQUIRES(mutex_);
  void release(Slot& slot) HOOKHOST_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::vector<Slot> slots_ HOOKHOST_GUARDED_BY(mutex_);
  std::uint32_t first_free_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // index + 1; 0: none
  std::size_t size_ HOOKHOST_GUARDED_BY(mutex_) = 0;
};

}  // namespace hookhost::plugin
