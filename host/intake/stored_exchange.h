// SPDX-License-Identifier: Apache-2.0
//
// StoredExchange: an event that came back from the journal, as an exchange without a sender: head,
// body and memory for one attempt, nobody who waits for the answer and no peer that could go.
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/exchange.h"
#include "store/event_head.h"
#include "store/journal.h"

namespace hookhost::intake {

class StoredExchange : public Exchange {
 public:
  // loop outlives it; everything happens on its thread. now: when the attempt begins.
  StoredExchange(store::Lease lease, Loop& loop, MonotonicTime now);
  StoredExchange(const StoredExchange&) = delete;
  StoredExchange& operator=(const StoredExchange&) = delete;

  const store::Lease& lease() const noexcept { return lease_; }
  // False: it cannot be read any more, and head() is empty.
  bool has_head() const noexcept { return stored_head_ != nullptr; }
  std::string_view stored_body() const noexcept { return {lease_.body.data(), body_bytes_}; }

  const RequestHead& head() const noexcept override { return head_; }
  Arena& arena() noexcept override { return arena_; }
  Loop& loop() noexcept override { return loop_; }
  void hold_memory() noexcept override { ++holds_; }
  void release_memory() noexcept override;  // the last one: is_free()
  void watch_peer(PeerWatch*) noexcept override {}

 protected:
  bool is_held() const noexcept { return holds_ > 0; }

 private:
  // Nobody holds its memory any more.
  virtual void is_free() noexcept = 0;

  bool start_body(std::size_t) override { return true; }
  void wait_for_body(std::coroutine_handle<>) noexcept override {}
  Result<std::string_view, Refusal> body() noexcept override { return stored_body(); }

  store::Lease lease_;
  const std::size_t body_bytes_;
  std::unique_ptr<store::EventHead> stored_head_;  // nullptr: it is damaged
  RequestHead head_;
  Loop& loop_;
  std::unique_ptr<std::byte[]> block_;
  Arena arena_;
  int holds_ = 0;
};

}  // namespace hookhost::intake
