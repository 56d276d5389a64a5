// SPDX-License-Identifier: Apache-2.0
//
// Does a watch hear of its own descriptor only, and of nothing any more once it is closed?
#include "http/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

namespace hookhost::http {
namespace {

struct SocketPair {
  SocketPair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
  void send_a_byte() const { EXPECT_EQ(::write(far.get(), "x", 1), 1); }
  UniqueFd near, far;
};

class CountingWatch final : public Watch {
 public:
  using Watch::Watch;
  int calls = 0;

 private:
  void ready() noexcept override { ++calls; }
};

// A poller that runs until its alarm rings, which is after everything that is ready now.
class TestPoller final : public Poller::Owner {
 public:
  TestPoller() : poller(*this) {}
  void run_what_is_ready() {
    poller.wake();
    poller.run();
  }
  Poller poller;

 private:
  // Asio serves what was posted before it looks at descriptors: one turn more than the posted one.
  void woken() noexcept override { poller.arm(std::chrono::milliseconds(1)); }
  void timer_rang() noexcept override { poller.stop(); }
};

TEST(Watch, IsToldOnceThatItsDescriptorCanBeRead) {
  TestPoller test;
  SocketPair pair;
  CountingWatch watch(test.poller);
  ASSERT_TRUE(watch.attach(std::move(pair.near)));
  pair.send_a_byte();

  watch.wait_readable();
  test.run_what_is_ready();

  EXPECT_EQ(watch.calls, 1);
}

TEST(Watch, HearsNothingBeforeItWaits) {
  TestPoller test;
  SocketPair pair;
  CountingWatch watch(test.poller);
  ASSERT_TRUE(watch.attach(std::move(pair.near)));
  pair.send_a_byte();

  test.run_what_is_ready();

  EXPECT_EQ(watch.calls, 0);
}

// A process that a plugin starts has every descriptor of ours until its exec: the kernel keeps a
// closed one in the set for as long, and would hand us the address of a watch that is gone.
TEST(Watch, HearsNothingOnceClosedEvenWhileAChildStillHasTheDescriptor) {
  TestPoller test;
  SocketPair pair;
  const UniqueFd of_the_child(::dup(pair.near.get()));
  std::optional<CountingWatch> watch(std::in_place, test.poller);
  ASSERT_TRUE(watch->attach(std::move(pair.near)));
  watch->wait_readable();

  SocketPair silent;
  watch.reset();
  watch.emplace(test.poller);  // at the address of the one that is gone
  ASSERT_TRUE(watch->attach(std::move(silent.near)));
  watch->wait_readable();
  pair.send_a_byte();
  test.run_what_is_ready();

  EXPECT_EQ(watch->calls, 0);
}

}  // namespace
}  // namespace hookhost::http
