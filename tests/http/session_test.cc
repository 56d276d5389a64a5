// SPDX-License-Identifier: Apache-2.0
//
// What happens to a connection over time: deadlines, slow readers, peers that go, memory that is
// held, limits of connections, drain and stop. Deadlines are short here and waited for by their
// effect.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <thread>

#include "http/door_fixture.h"
#include "support/rest.h"

namespace hookhost::http {
namespace {

// Deadlines.

TEST(Session, RefusesAHeadThatTakesTooLongHoweverItTrickles) {
  Limits limits = quick_limits();
  limits.head_timeout = 100ms;
  RunningDoor door(limits);
  RawClient client(door.port(), 1ms);
  // A byte whenever the reader's patience of 1 ms is over: no single wait is long.
  const std::string head = "GET /echo HTTP/1.1\r\nHost: " + std::string(10'000, 'a');
  std::optional<RawAnswer> answer;
  for (std::size_t i = 0; i < head.size() && !answer; ++i) {
    client.send(std::string_view(head).substr(i, 1));
    answer = client.read_answer();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(door.refused("head-timeout"), 1U);
}

TEST(Session, RefusesABodyThatStalls) {
  Limits limits = quick_limits();
  limits.body_timeout = 100ms;
  RunningDoor door(limits);
  RawClient client(door.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  EXPECT_EQ(client.read_answer()->status, 408);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_EQ(door.receiver.seen().back().body_status, 408);
  EXPECT_EQ(door.receiver.seen().back().body_rule, "body-timeout");
}

TEST(Session, GivesABodyMoreTimeForWhatItBroughtOnly) {
  Limits limits = quick_limits();
  limits.body_timeout = 0ms;
  limits.bytes_per_second_min = 1;  // 5 bytes earn 5 s
  RunningDoor door(limits);
  RawClient client(door.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello");
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.requests == 1; }));
  client.send("!");
  EXPECT_EQ(client.read_answer()->body, "hello!");
}

TEST(Session, ClosesAnIdleConnection) {
  Limits limits = quick_limits();
  limits.idle_timeout = 50ms;
  RunningDoor door(limits);
  RawClient silent(door.port());
  RawClient client(door.port());
  client.send(post("/echo", "x"));
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_TRUE(silent.is_closed_by_peer());
}

TEST(Session, DoesNotAnswerAnEmptyLineThatNothingFollows) {
  Limits limits = quick_limits();
  limits.head_timeout = 50ms;
  RunningDoor door(limits);
  RawClient client(door.port());
  client.send(post("/echo", "x") + "\r\n");
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_EQ(client.read_all(), "");
}

TEST(Session, DropsAReaderThatTakesNothing) {
  Limits limits = quick_limits();
  limits.write_timeout = 100ms;
  RunningDoor door(limits);
  RawClient client(door.port());
  client.send(post("/large", "") + post("/echo", "never read"));
  EXPECT_TRUE(door.eventually(
      [](const DoorStats& s) { return s.connections_accepted == 1 && s.connections_open == 0; }));
  EXPECT_EQ(door.receiver.released, 3) << "chunks are released when they are not written";
  EXPECT_EQ(door.receiver.seen().size(), 1U) << "nothing is read while output waits";
}

TEST(Session, WritesALargeAnswerToASlowReaderAndReleasesItsChunksOnce) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/large", "") + post("/echo", "next"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 2 * ScriptedReceiver::kLarge.size());
  EXPECT_EQ(client.read_answer()->body, "next");
  EXPECT_EQ(door.receiver.released, 3);
}

// Peers that go, handlers that stay.

TEST(Session, TellsTheWatchThatThePeerWentAndLetsTheTaskGoOn) {
  RunningDoor door;
  {
    RawClient client(door.port());
    client.send(post("/watch", "x"));
    door.receiver.gate.wait_until_reached();
    EXPECT_EQ(door.receiver.gone, 0);
  }
  EXPECT_TRUE(door.eventually([&](const DoorStats&) { return door.receiver.gone == 1; }));
  EXPECT_EQ(door.loops().stats().connections_open, 1U) << "the task is not done";
  door.receiver.gate.open();
  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
  EXPECT_EQ(door.receiver.gone, 1);
}

TEST(Session, DoesNotTakePipelinedBytesForAPeerThatWent) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/watch", "x"));
  door.receiver.gate.wait_until_reached();
  client.send(post("/echo", "next"));
  const auto ticks = door.loops().stats();
  (void)ticks;
  door.receiver.gate.open();
  EXPECT_EQ(client.read_answer()->body, "x");
  EXPECT_EQ(client.read_answer()->body, "next");
  EXPECT_EQ(door.receiver.gone, 0);
}

TEST(Session, AnswersLaterFromItsLoop) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/gate", "later"));
  door.receiver.gate.open();
  EXPECT_EQ(client.read_answer()->body, "later");
}

// Runs once on the loop and says so.
class OnLoop : public Work {
 public:
  OnLoop(Loop& loop, std::function<void()> function)
      : Work([](Work& work) noexcept { static_cast<OnLoop&>(work).run_it(); }),
        function_(std::move(function)) {
    loop.post(*this);
    MutexLock lock(mutex_);
    while (!is_done_) changed_.wait(mutex_);
  }

 private:
  void run_it() {
    function_();
    MutexLock lock(mutex_);
    is_done_ = true;
    changed_.notify_all();
  }
  std::function<void()> function_;
  Mutex mutex_;
  Condition changed_;
  bool is_done_ = false;
};

TEST(Session, KeepsHeldMemoryBeyondTheAnswerAndTheConnection) {
  RunningDoor door;
  {
    RawClient client(door.port());
    client.send(post("/hold", "held body") + post("/echo", "not answered"));
    const auto answer = client.read_answer();
    EXPECT_EQ(answer->body, "held body");
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_TRUE(client.is_closed_by_peer());
  }
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
  RawClient other(door.port());  // its blocks are other ones
  other.send(post("/echo", std::string(500, 'z')));
  EXPECT_EQ(other.read_answer()->status, 200);

  std::string body, path;
  OnLoop read(door.loops().loop(0), [&] {
    Exchange& exchange = *door.receiver.held_;
    body = door.receiver.held_body_;
    path = exchange.head().path;
    exchange.arena().copy("more");
    exchange.release_memory();
  });
  EXPECT_EQ(body, "held body");
  EXPECT_EQ(path, "/hold");
}

// How many.

TEST(Session, TheLongestIdleConnectionMakesRoom) {
  Limits limits = quick_limits();
  limits.connections_max = 2;
  RunningDoor door(limits);
  RawClient first(door.port());
  first.send(post("/echo", "1"));
  EXPECT_TRUE(first.read_answer());
  RawClient second(door.port());
  second.send(post("/echo", "2"));
  EXPECT_TRUE(second.read_answer());
  RawClient third(door.port());
  third.send(post("/echo", "3"));
  EXPECT_EQ(third.read_answer()->body, "3");
  EXPECT_TRUE(first.is_closed_by_peer());
  second.send(post("/echo", "2"));
  EXPECT_EQ(second.read_answer()->body, "2");
}

// Both wait for the loop with their requests: the first is accepted and not read yet when the
// second wants its place.
TEST(Session, NobodyWhoHasSpokenMakesRoom) {
  Limits limits = quick_limits();
  limits.connections_max = 1;
  RunningDoor door(limits);
  std::optional<RawClient> first, second;
  OnLoop both(door.loops().loop(0), [&] {
    first.emplace(door.port()).send(post("/echo", "1"));
    second.emplace(door.port()).send(post("/echo", "2"));
  });
  const auto answer = first->read_answer();
  ASSERT_TRUE(answer) << "its request was thrown away";
  EXPECT_EQ(answer->body, "1");
  EXPECT_EQ(second->read_answer()->body, "2");
}

TEST(Session, NewcomersWaitWhileEveryConnectionIsBusy) {
  Limits limits = quick_limits();
  limits.connections_max = 1;
  RunningDoor door(limits);
  RawClient busy(door.port());
  busy.send(post("/gate", "busy"));
  door.receiver.gate.wait_until_reached();
  RawClient waiting(door.port());
  ASSERT_TRUE(waiting.is_connected()) << "the kernel's backlog takes it";
  waiting.send(post("/echo", "at last"));
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.accept_pauses > 0; }));
  EXPECT_EQ(door.loops().stats().connections_accepted, 1U);
  door.receiver.gate.open();
  EXPECT_EQ(busy.read_answer()->body, "busy");
  EXPECT_EQ(waiting.read_answer()->body, "at last");
}

// Eight bodies of 1 MiB want more than there is, until some are refused.
TEST(Session, BodiesBeyondTheMemoryAreRefusedAndTheOthersHandled) {
  constexpr std::size_t kBytes = 1024 * 1024;
  constexpr std::size_t kSenders = 8;
  Limits limits = quick_limits();
  limits.memory_bytes_max = 4 * kBytes;
  RunningDoor door(limits);
  const std::string request = post("/echo", std::string(kBytes, 'b'));
  std::vector<std::unique_ptr<RawClient>> senders;
  for (std::size_t i = 0; i < kSenders; ++i) {
    senders.push_back(std::make_unique<RawClient>(door.port()));
    senders.back()->send(std::string_view(request).substr(0, request.size() - 1));
  }
  RawClient small(door.port());
  small.send(post("/echo", "small"));
  EXPECT_EQ(small.read_answer()->body, "small");

  std::size_t handled = 0;
  for (const auto& sender : senders) {
    sender->send("b");
    const auto answer = sender->read_answer();
    if (answer && answer->status == 200) ++handled;
  }
  senders.clear();

  std::size_t refused = 0;
  for (const Seen& seen : door.receiver.seen()) refused += seen.body_rule == "memory-full";
  EXPECT_GT(handled, 0U);
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(handled + refused, kSenders);
  // Of each connection, two blocks wait in the pool for the next ones.
  EXPECT_TRUE(door.eventually([](const DoorStats& s) {
    return s.memory_bytes <= 2 * (kSenders + 1) * (kBlockBytes + kPaddingBytes) &&
           s.memory_bytes % (kBlockBytes + kPaddingBytes) == 0;
  })) << door.loops().stats().memory_bytes;
}

TEST(Session, SurvivesRunningOutOfDescriptors) {
  RunningDoor door;
  RawClient busy(door.port());
  busy.send(post("/gate", "busy"));
  door.receiver.gate.wait_until_reached();
  UniqueFd last(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(last.get()) + 1;

  ::setrlimit(RLIMIT_NOFILE, &none);  // no further descriptor in this process
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(door.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(last.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.accept_pauses > 0; }));
  ::setrlimit(RLIMIT_NOFILE, &before);

  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_accepted == 2; }));
  door.receiver.gate.open();
  EXPECT_EQ(busy.read_answer()->body, "busy");
}

// The end.

TEST(Session, DrainAnswersWhatIsInFlightAndClosesTheRest) {
  RunningDoor door;
  RawClient idle(door.port());
  idle.send(post("/echo", "x"));
  EXPECT_TRUE(idle.read_answer());
  RawClient busy(door.port());
  busy.send(post("/gate", "in flight"));
  door.receiver.gate.wait_until_reached();

  std::thread draining([&] { door.loops().drain(20s); });
  EXPECT_TRUE(idle.is_closed_by_peer());
  RawClient late(door.port());
  EXPECT_FALSE(late.is_connected());
  door.receiver.gate.open();
  const auto answer = busy.read_answer();
  EXPECT_EQ(answer->body, "in flight");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(busy.is_closed_by_peer());
  draining.join();
  EXPECT_EQ(door.loops().stats().connections_open, 0U);
}

TEST(Session, DrainClosesWhatTakesTooLong) {
  RunningDoor door;
  RawClient busy(door.port());
  busy.send(post("/gate", "never"));
  door.receiver.gate.wait_until_reached();
  door.loops().drain(1ms);
  EXPECT_EQ(busy.read_all(), "");
  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
}

TEST(Session, StopEndsEverythingThatWaits) {
  RunningDoor door;
  RawClient half_head(door.port()), half_body(door.port()), gate(door.port()), slow(door.port());
  half_head.send("GET /");
  half_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  gate.send(post("/gate", "x"));
  slow.send(post("/large", ""));
  door.receiver.gate.wait_until_reached();
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.requests == 3; }));
  door.loops().stop();
  EXPECT_EQ(door.loops().stats().connections_open, 0U);
  EXPECT_EQ(door.receiver.released, 3);
}

// Keeps the loop from running what is posted behind it.
struct Blocker : Work {
  Blocker()
      : Work([](Work& work) noexcept {
          while (!static_cast<Blocker&>(work).is_free.load()) test::rest();
        }) {}
  std::atomic<bool> is_free{false};
};

TEST(Session, ClosingReleasesTheChunksOfAnAnswerThatNobodyHasTaken) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/large-gate", ""));
  door.receiver.gate.wait_until_reached();
  Blocker blocker;
  door.loops().loop(0).post(blocker);

  door.receiver.gate.open();  // the task ends, and the session would hear of it behind
  door.loops().drain(0ms);    // the end of every connection
  blocker.is_free = true;

  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
  door.loops().stop();
  EXPECT_EQ(door.receiver.released, 3);
}

}  // namespace
}  // namespace hookhost::http
