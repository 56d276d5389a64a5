// SPDX-License-Identifier: Apache-2.0
#include "intake/stored_exchange.h"

#include <utility>

#include "base/check.h"

namespace hookhost::intake {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;   // as the door's
constexpr std::size_t kReadableBehindBody = 64;  // model/exchange.h

}  // namespace

StoredExchange::StoredExchange(store::Lease lease, Loop& loop, MonotonicTime now)
    : lease_(std::move(lease)),
      body_bytes_(lease_.body.size()),
      loop_(loop),
      block_(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes)),
      arena_({block_.get(), kBlockBytes}) {
  if (auto head = store::EventHead::read(std::move(lease_.head)); head) {
    stored_head_ = *std::move(head);
    head_ = stored_head_->head();
  }
  lease_.body.resize(body_bytes_ + kReadableBehindBody);
  head_.received_at = now;
}

void StoredExchange::release_memory() noexcept {
  HOOKHOST_CHECK(holds_ > 0);
  if (--holds_ == 0) is_free();
}

}  // namespace hookhost::intake
