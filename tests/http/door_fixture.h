// SPDX-License-Identifier: Apache-2.0
//
// RunningDoor: real event loops on an ephemeral loopback port with a receiver that does what the
// path says and remembers what it saw. For the tests of http that need a socket.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "http/event_loops.h"
#include "support/raw_client.h"
#include "support/rest.h"

namespace hookhost::http {

using namespace std::chrono_literals;
using testing::RawAnswer;
using testing::RawClient;

// Limits that make a test short; deadlines stay long unless the test is about them.
inline Limits quick_limits() {
  Limits limits;
  limits.tick = 10ms;
  limits.linger_timeout = 200ms;
  return limits;
}

// What the receiver saw of one request.
struct Seen {
  std::string method, target, path, query, remote_address, body;
  bool has_query = false;
  std::vector<std::pair<std::string, std::string>> headers;
  int body_status = 0;  // of the refusal; 0: there was a body
  std::string body_rule;
};

// Lets a coroutine go on when the test says so, on its loop.
class Gate : public Work {
 public:
  Gate() : Work(&run_gate) {}

  struct Awaiter {
    Gate& gate;
    // Also of a task that is destroyed while it waits: the gate must not resume it.
    ~Awaiter() {
      MutexLock lock(gate.mutex_);
      gate.waiting_ = nullptr;
    }
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      MutexLock lock(gate.mutex_);
      gate.waiting_ = waiting;
      gate.changed_.notify_all();
    }
    void await_resume() noexcept {}
  };
  Awaiter wait(Loop& loop) {
    loop_ = &loop;
    return {*this};
  }

  void wait_until_reached() {
    MutexLock lock(mutex_);
    while (!waiting_) changed_.wait(mutex_);
  }
  void open() {
    wait_until_reached();
    loop_->post(*this);
  }

 private:
  static void run_gate(Work& work) noexcept {
    auto& gate = static_cast<Gate&>(work);
    std::coroutine_handle<> waiting;
    {
      MutexLock lock(gate.mutex_);
      waiting = std::exchange(gate.waiting_, nullptr);
    }
    if (waiting) waiting.resume();
  }

  Mutex mutex_;
  Condition changed_;
  std::coroutine_handle<> waiting_;
  Loop* loop_ = nullptr;
};

// The paths:
//   /echo      200 with the body           /unread   200 without reading it
//   /quiet     204                         /throw, /no-memory
//   /gate      waits for the gate first    /watch    like /gate, with a PeerWatch
//   /hold      answers with its memory held; the gate releases it
//   /large     40 MiB in two chunks        /page     a page
//   /large-gate  the same after the gate
//   /close     200 and the end             /headers  one header of its own
class ScriptedReceiver final : public Receiver {
 public:
  Task<Response> receive(Exchange& exchange) override {
    const RequestHead& head = exchange.head();
    const std::size_t number = remember(head);
    if (head.path == "/unread") co_return text("unread");
    if (head.path == "/throw") throw std::runtime_error("ours");
    if (head.path == "/no-memory") throw std::bad_alloc();
    const auto body = co_await exchange.read_body(body_bytes_max);
    {
      MutexLock lock(mutex_);
      Seen& seen = seen_[number];
      seen.body_status = body ? 0 : body.error().status;
      if (!body) seen.body_rule = body.error().rule;
      if (body) seen.body = *body;
    }
    if (!body)
      co_return Response{
          .status = body.error().status, .body = body.error().body, .close = body.error().close};
    co_return co_await answer(exchange, *body);
  }

  std::vector<Seen> seen() {
    MutexLock lock(mutex_);
    return seen_;
  }

  static inline const std::string kLarge = std::string(20 * 1024 * 1024, 'x');

  std::size_t body_bytes_max = 1024 * 1024;
  Gate gate;
  std::atomic<int> gone{0};
  std::atomic<int> released{0};
  // The body's view lies in the same block as the head, and its padding can be read.
  std::atomic<bool> body_follows_head{false};

 private:
  static Response text(std::string_view body) {
    return {.content_type = "text/plain", .body = body};
  }

  Task<Response> answer(Exchange& exchange, std::string_view body) {
    const std::string_view path = exchange.head().path;
    const char* head_end = exchange.head().target.data();
    body_follows_head = body.data() > head_end && body.data() < head_end + 32 * 1024;
    volatile int padding = 0;  // read, so that a sanitizer sees whether it may be
    for (std::size_t i = 0; i < 64; ++i) padding = padding + body.data()[body.size() + i];

    if (path == "/quiet") co_return Response{.status = 204, .content_type = ""};
    if (path == "/page")
      co_return Response{.content_type = "text/html", .body = "<p>", .kind = ResponseKind::kPage};
    if (path == "/close") co_return Response{.body = "{}", .close = true};
    if (path == "/headers") {
      static constexpr Header kHeaders[] = {{"Allow", "POST"}, {"Retry-After", "5"}};
      co_return Response{.status = 405, .headers = kHeaders, .body = "{}"};
    }
    if (path == "/large-gate") co_await gate.wait(exchange.loop());
    if (path == "/large" || path == "/large-gate") {
      auto chunks = exchange.arena().allocate_array<Chunk>(3);
      auto count = [](void* user) { ++*static_cast<std::atomic<int>*>(user); };
      chunks[0] = {kLarge, count, &released};
      chunks[1] = {"", count, &released};
      chunks[2] = {kLarge, count, &released};
      co_return Response{.content_type = "text/plain", .chunks = chunks};
    }
    if (path == "/gate") co_await gate.wait(exchange.loop());
    if (path == "/hold") {
      exchange.hold_memory();
      held_ = &exchange;
      held_body_ = body;
    }
    if (path == "/watch") {
      struct CountingWatch : PeerWatch {
        explicit CountingWatch(std::atomic<int>& counter) : PeerWatch(&ring), gone_count(counter) {}
        static void ring(PeerWatch& watch) noexcept {
          ++static_cast<CountingWatch&>(watch).gone_count;
        }
        std::atomic<int>& gone_count;
      } watch(gone);
      exchange.watch_peer(&watch);
      co_await gate.wait(exchange.loop());
      exchange.watch_peer(nullptr);
    }
    co_return text(body);
  }

  // Its place in seen(): with several loops the last one may be another's.
  std::size_t remember(const RequestHead& head) {
    Seen seen;
    seen.method = head.method;
    seen.target = head.target;
    seen.path = head.path;
    seen.query = head.query;
    seen.remote_address = head.remote_address;
    seen.has_query = head.query.data() != nullptr;
    for (const Header& header : head.headers) seen.headers.emplace_back(header.name, header.value);
    MutexLock lock(mutex_);
    seen_.push_back(std::move(seen));
    return seen_.size() - 1;
  }

 public:
  // Of /hold, on its loop.
  Exchange* held_ = nullptr;
  std::string_view held_body_;

 private:
  Mutex mutex_;
  std::vector<Seen> seen_ HOOKHOST_GUARDED_BY(mutex_);
};

class RunningDoor {
 public:
  explicit RunningDoor(Limits limits = quick_limits(), unsigned loops = 1,
                       PublishedTls* tls = nullptr, IpRanges trusted_proxies = {})
      : loops_({.count = loops,
                .limits = limits,
                .trusted_proxies = std::move(trusted_proxies),
                .log = [](std::string_view) {},
                .head_refused = [this](const RefusedHead& head) { note(head); }},
               clock_) {
    const auto address = loops_.listen({"127.0.0.1", 0}, receiver, tls);
    EXPECT_TRUE(address);
    port_ = address->port;
    loops_.start();
  }
  ~RunningDoor() { loops_.stop(); }

  std::uint16_t port() const { return port_; }
  EventLoops& loops() { return loops_; }

  // Waits until the door's numbers are as wanted.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition(loops_.stats())) {
      if (std::chrono::steady_clock::now() > until) return false;
      test::rest();
    }
    return true;
  }

  std::uint64_t refused(std::string_view rule) {
    for (const auto& [name, count] : loops_.stats().refused) {
      if (name == rule) return count;
    }
    ADD_FAILURE() << "no rule " << rule;
    return 0;
  }

  // "rule method path" of the heads that were turned away.
  std::vector<std::string> refused_heads() {
    MutexLock lock(mutex_);
    return refused_heads_;
  }

  ScriptedReceiver receiver;

 private:
  void note(const RefusedHead& head) {
    MutexLock lock(mutex_);
    refused_heads_.push_back(std::string(head.why.rule) + ' ' + std::string(head.method) + ' ' +
                             std::string(head.path));
  }

  Mutex mutex_;
  std::vector<std::string> refused_heads_ HOOKHOST_GUARDED_BY(mutex_);
  SystemClock clock_;
  EventLoops loops_;
  std::uint16_t port_ = 0;
};

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string post_chunked(std::string_view path, std::string_view chunks,
                                std::string_view headers = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
         "Transfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

}  // namespace hookhost::http
