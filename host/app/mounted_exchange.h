// SPDX-License-Identifier: Apache-2.0
//
// MountedExchange: an exchange of the public listener as the receiver below a prefix sees it: its
// paths without the prefix. Lives as long as that receiver's task; answers live in the arena of the
// exchange behind it.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <string_view>

#include "model/exchange.h"

namespace hookhost::app {

class MountedExchange final : public Exchange {
 public:
  // prefix: begins the path, and ends with the slash before what is left of it: "/_host".
  MountedExchange(Exchange& outer, std::string_view prefix) : outer_(outer), head_(outer.head()) {
    head_.target.remove_prefix(prefix.size());
    head_.path.remove_prefix(prefix.size());
  }

  const RequestHead& head() const noexcept override { return head_; }
  Arena& arena() noexcept override { return outer_.arena(); }
  Loop& loop() noexcept override { return outer_.loop(); }
  void hold_memory() noexcept override { outer_.hold_memory(); }
  void release_memory() noexcept override { outer_.release_memory(); }
  void watch_peer(PeerWatch* watch) noexcept override { outer_.watch_peer(watch); }

 private:
  bool start_body(std::size_t bytes_max) override {
    return body_.emplace(outer_.read_body(bytes_max)).await_ready();
  }
  void wait_for_body(std::coroutine_handle<> waiting) noexcept override {
    body_->await_suspend(waiting);
  }
  Result<std::string_view, Refusal> body() noexcept override { return body_->await_resume(); }

  Exchange& outer_;
  RequestHead head_;
  std::optional<BodyAwaiter> body_;
};

}  // namespace hookhost::app
