// SPDX-License-Identifier: Apache-2.0
//
// Poller and Watch: the small interface behind which waiting lives. A Poller is the Asio io_context
// of one loop, with one timer and one wake; a Watch is a descriptor of that loop that somebody
// waits on. Nothing else in http knows how waiting works, so what is under a loop can be replaced
// here. Hot path: waiting and waking allocate nothing, and waiting for the same thing again costs
// no system call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/unique_fd.h"

namespace hookhost::http {

class Poller {
 public:
  // Told by the poller, on its thread.
  class Owner {
   public:
    virtual void woken() noexcept = 0;
    virtual void timer_rang() noexcept = 0;

   protected:
    ~Owner() = default;
  };

  // Throws std::system_error when the kernel gives no descriptor.
  explicit Poller(Owner& owner);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Runs until stop(). What Asio throws leaves it; call it again.
  void run();

  // Any thread.
  void stop() noexcept;

  // woken() is called once, soon. Any thread, but not again before woken() was called.
  void wake() noexcept;

  // timer_rang() is called once after this time, or sooner if a call before asked for it. Loop
  // thread, or before run().
  void arm(std::chrono::nanoseconds after);

 private:
  friend class Watch;
  struct State;
  std::unique_ptr<State> state_;
};

// Loop thread, except that it may be made and attached before the loop runs. Level-triggered: what
// is there when a wait begins counts.
class Watch {
 public:
  explicit Watch(Poller& poller) : poller_(*poller.state_) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Takes the descriptor; false: the kernel cannot watch it, and it is closed.
  bool attach(UniqueFd fd) noexcept;

  int fd() const noexcept { return fd_.get(); }
  bool is_open() const noexcept { return static_cast<bool>(fd_); }

  // ready() is called once when the descriptor can be read, written, or is broken; at the next turn
  // of the loop at the earliest. A second wait takes the place of the first.
  void wait_readable() noexcept;
  void wait_writable() noexcept;

  // ready() is not called any more.
  void close() noexcept;

  // Of the poller: the kernel has an event.
  void happened() noexcept;

 protected:
  ~Watch() { close(); }

 private:
  virtual void ready() noexcept = 0;
  void wait(std::uint32_t events) noexcept;
  void set_interest(std::uint32_t events) noexcept;

  Poller::State& poller_;
  UniqueFd fd_;
  std::uint32_t wanted_ = 0;    // what is waited for; 0: nothing
  std::uint32_t interest_ = 0;  // what the kernel was told
};

}  // namespace hookhost::http
