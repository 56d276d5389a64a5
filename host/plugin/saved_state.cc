// SPDX-License-Identifier: Apache-2.0
#include "plugin/saved_state.h"

#include <utility>

#include "plugin/abi_text.h"

namespace hookhost::plugin {

void SavedState::open() {
  const MutexLock lock(mutex_);
  is_open_ = true;
  written_ = {};
}

hookhost_status HOOKHOST_CALL SavedState::write(void* sink, hookhost_str piece) noexcept {
  if (sink == nullptr) return HOOKHOST_E_INVALID;
  SavedState& self = *static_cast<SavedState*>(sink);
  return or_no_memory([&] {
    const MutexLock lock(self.mutex_);
    if (!self.is_open_) return HOOKHOST_E_STATE;
    const std::string_view bytes = view_of(piece);
    if (bytes.size() > HOOKHOST_STATE_BYTES_MAX - self.written_.bytes.size()) {
      self.written_.is_whole = false;
      return HOOKHOST_E_LIMIT;
    }
    self.written_.bytes.append(bytes);
    return HOOKHOST_OK;
  });
}

SavedState::Bytes SavedState::close() {
  const MutexLock lock(mutex_);
  is_open_ = false;
  return std::exchange(written_, {});
}

}  // namespace hookhost::plugin
