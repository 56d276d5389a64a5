// SPDX-License-Identifier: Apache-2.0
#include "plugin/token_table.h"

namespace hookhost::plugin {

hookhost_token TokenTable::add(hookhost_call* call) {
  const MutexLock lock(mutex_);
  if (size_ == kDeferredMax) return 0;
  if (first_free_ == 0) {
    slots_.emplace_back();
    first_free_ = static_cast<std::uint32_t>(slots_.size());
  }
  const std::size_t index = first_free_ - 1;
  Slot& slot = slots_[index];
  first_free_ = slot.next_free;
  const std::uint32_t uses = slot.uses + 1 == 0 ? 1 : slot.uses + 1;
  slot = Slot{};
  slot.call = call;
  slot.uses = uses;
  ++size_;
  return token_of(index);
}

TokenTable::Slot* TokenTable::find(hookhost_token token) {
  const std::uint64_t index = (token & 0xffffffffU) - 1;  // a lower half of 0 becomes huge
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  const bool is_live = slot.call != nullptr && !slot.is_completed && slot.uses == token >> 32;
  return is_live ? &slot : nullptr;
}

void TokenTable::release(Slot& slot) {
  slot.call = nullptr;
  slot.next_free = first_free_;
  first_free_ = static_cast<std::uint32_t>(&slot - slots_.data()) + 1;
  --size_;
}

hookhost_call* TokenTable::resume(hookhost_token token) {
  const MutexLock lock(mutex_);
  Slot* slot = find(token);
  if (slot == nullptr) return nullptr;
  slot->is_resumed = true;
  return slot->call;
}

TokenTable::Completion TokenTable::complete(hookhost_token token, hookhost_status status) {
  const MutexLock lock(mutex_);
  Slot* slot = find(token);
  if (slot == nullptr) return {};
  if (slot->is_returned) {
    hookhost_call* call = slot->call;
    release(*slot);
    return {HOOKHOST_OK, call};
  }
  slot->is_completed = true;
  slot->status = status;
  return {HOOKHOST_OK, nullptr};
}

std::optional<hookhost_status> TokenTable::handle_returned(hookhost_token token) {
  const MutexLock lock(mutex_);
  Slot& slot = slots_[(token & 0xffffffffU) - 1];  // our own call's token: it is there
  if (!slot.is_completed) {
    slot.is_returned = true;
    return std::nullopt;
  }
  const hookhost_status status = slot.status;
  release(slot);
  return status;
}

bool TokenTable::withdraw(hookhost_token token) {
  const MutexLock lock(mutex_);
  Slot& slot = slots_[(token & 0xffffffffU) - 1];
  if (slot.is_resumed && !slot.is_completed) return false;
  release(slot);
  return true;
}

bool TokenTable::announce_cancel(hookhost_token token, UseCount& uses) {
  const MutexLock lock(mutex_);
  Slot* slot = find(token);
  if (slot == nullptr || slot->is_announced) return false;
  slot->is_announced = true;
  uses.hold();
  return true;
}

std::size_t TokenTable::size() const {
  const MutexLock lock(mutex_);
  return size_;
}

}  // namespace hookhost::plugin
