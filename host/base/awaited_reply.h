// SPDX-License-Identifier: Apache-2.0
//
// AwaitedReply<T>: co_await what another thread will say. The task that waits may go meanwhile:
// then the reply finds nobody. Not for the hot path: it allocates.
//
//   PluginReply reply = co_await AwaitedReply<PluginReply>(exchange.loop(), [&](auto reply) {
//     orders.submit(order, std::move(reply));
//     return true;
//   });
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <utility>

#include "base/executor.h"

namespace hookhost {

template <class T>
class [[nodiscard]] AwaitedReply {
 public:
  using Reply = std::function<void(T)>;  // once, on any thread, maybe inside ask; or never
  using Ask = std::function<bool(Reply)>;

  // ask: called when it is awaited. False: there will be no reply, and the result is T().
  AwaitedReply(Loop& loop, Ask ask) : ask_(std::move(ask)), wait_(std::make_shared<Wait>(loop)) {}
  ~AwaitedReply() { wait_->waiting = nullptr; }
  AwaitedReply(const AwaitedReply&) = delete;
  AwaitedReply& operator=(const AwaitedReply&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    wait_->waiting = waiting;
    return ask_([wait = wait_](T reply) {
      wait->reply = std::move(reply);
      wait->self = wait;
      wait->loop.post(*wait);
    });
  }
  T await_resume() noexcept { return std::move(wait_->reply); }

 private:
  struct Wait : Work {
    explicit Wait(Loop& on) : Work(&Wait::tell), loop(on) {}
    static void tell(Work& work) noexcept {
      const auto self = std::move(static_cast<Wait&>(work).self);
      if (self->waiting) std::exchange(self->waiting, nullptr).resume();
    }
    Loop& loop;
    std::coroutine_handle<> waiting;  // null: nobody, any more. The loop's
    T reply{};                        // written before the post
    std::shared_ptr<Wait> self;       // while it lies in the loop's queue
  };
  Ask ask_;
  std::shared_ptr<Wait> wait_;
};

}  // namespace hookhost
