// SPDX-License-Identifier: Apache-2.0
//
// FakeLoop and FakeExchange: a loop that turns when the test says so, and a request without a
// socket. The exchange behaves as the door does: it answers once, counts who holds its memory, can
// lose its peer, and can be destroyed while its task waits. When the last holder is gone its memory
// is overwritten, so that a late reader shows.
//
//   FakeLoop loop(clock);
//   FakeExchange exchange(loop, {.target = "/webhooks/x", .body = "{}"});
//   exchange.start(receiver);
//   loop.run();
//   EXPECT_EQ(exchange.answer().status, 200);
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"
#include "base/timer_queue.h"
#include "model/exchange.h"
#include "support/fake_clock.h"

namespace hookhost::test {

// Everything but post() and wait_for_post() belongs to the thread of the test.
class FakeLoop final : public Loop {
 public:
  explicit FakeLoop(FakeClock& clock, unsigned index = 0) : clock_(clock), index_(index) {}

  void post(Work& work) noexcept override {
    const MutexLock lock(mutex_);
    work.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &work;
    last_ = &work;
    posted_.notify_one();
  }
  void set_alarm(Alarm& alarm, MonotonicTime at) override { alarms_.set(alarm, at); }
  void cancel_alarm(Alarm& alarm) noexcept override { alarms_.cancel(alarm); }
  unsigned index() const noexcept override { return index_; }

  // Runs what was posted before, then the alarms that are due. False: there was nothing.
  bool turn() {
    Work* work = nullptr;
    {
      const MutexLock lock(mutex_);
      work = std::exchange(first_, nullptr);
      last_ = nullptr;
    }
    bool has_run = work != nullptr;
    while (work != nullptr) {
      Work* next = work->next;
      work->run(*work);
      work = next;
    }
    return alarms_.ring_due(clock_.monotonic_now()) > 0 || has_run;
  }
  // The alarms alone, as a loop does that looks at its clock before its queue.
  void ring_due() { alarms_.ring_due(clock_.monotonic_now()); }
  // Until nothing is left to do now.
  void run() {
    while (turn()) {
    }
  }
  // Time passes, and what falls due happens.
  void advance(std::chrono::nanoseconds by) {
    clock_.advance(by);
    run();
  }
  // Until the condition is true, which what other threads post makes it.
  template <class Condition>
  void run_until(Condition condition) {
    run();
    while (!condition()) {
      wait_for_post();
      run();
    }
  }
  void wait_for_post() {
    const MutexLock lock(mutex_);
    while (first_ == nullptr) posted_.wait(mutex_);
  }
  std::size_t alarms() const noexcept { return alarms_.size(); }

 private:
  FakeClock& clock_;
  unsigned index_;
  TimerQueue alarms_;
  Mutex mutex_;
  hookhost::Condition posted_;
  Work* first_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  Work* last_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
};

struct FakeRequest {
  std::string method = "POST";
  std::string target = "/webhooks/x";
  std::vector<std::pair<std::string, std::string>> headers = {{"Content-Type", "application/json"}};
  std::string body = {};
  std::string remote_address = "127.0.0.1:4711";
};

// The answer as the sender would read it.
struct FakeAnswer {
  int status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool closes = false;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (ascii_iequals(key, name)) return value;
    }
    return "";
  }
};

class FakeExchange final : public Exchange {
 public:
  FakeExchange(FakeLoop& loop, FakeRequest request) : loop_(loop), request_(std::move(request)) {
    for (const auto& [name, value] : request_.headers) headers_.push_back({name, value});
    const std::string_view target = request_.target;
    const std::size_t mark = target.find('?');
    head_.method = request_.method;
    head_.target = target;
    head_.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head_.query = target.substr(mark + 1);
    head_.headers = headers_;
    head_.remote_address = request_.remote_address;
    head_.received_at = FakeClock::kMonotonicStart;
    body_.resize(request_.body.size() + kPaddingBytes);
    std::memcpy(body_.data(), request_.body.data(), request_.body.size());
    arena_.reset(*block_);
  }
  ~FakeExchange() override {
    task_.destroy();
    HOOKHOST_CHECK(holds_ == 0);  // a handler that never lets go: let it, before the end
  }
  FakeExchange(const FakeExchange&) = delete;
  FakeExchange& operator=(const FakeExchange&) = delete;

  // ---- What the test does ----

  // Before start(): the body is not there yet when it is asked for.
  void keep_body_back() { is_body_back_ = true; }
  void deliver_body() {
    is_body_back_ = false;
    if (reader_) std::exchange(reader_, nullptr).resume();
  }
  // The body ends with this instead: too slow, too large, broken.
  void break_body(const Refusal& refusal) {
    broken_ = refusal;
    deliver_body();
  }

  void start(Receiver& receiver) {
    task_ = receiver.receive(*this);
    task_.start([](void* self) noexcept { ++static_cast<FakeExchange*>(self)->answers_; }, this);
  }

  bool is_answered() const noexcept { return answers_ > 0; }
  int answers() const noexcept { return answers_; }
  bool is_body_read() const noexcept { return is_body_read_; }

  // The response as it stands; the exception that ended the task comes out here.
  Response take() {
    HOOKHOST_CHECK(answers_ == 1);
    return task_.take();
  }
  // Takes it, writes it and releases its chunks.
  const FakeAnswer& answer() {
    if (answer_) return *answer_;
    Response response = take();
    answer_.emplace();
    answer_->status = response.status;
    answer_->content_type = response.content_type;
    answer_->closes = response.close;
    for (const Header& header : response.headers)
      answer_->headers.emplace_back(header.name, header.value);
    answer_->body = response.body;
    if (!response.chunks.empty()) {
      answer_->body.clear();
      for (const Chunk& chunk : response.chunks) answer_->body += chunk.bytes;
    }
    release_chunks(response);
    return *answer_;
  }

  // The peer closes: the watch hears it at the next turn, once.
  void lose_peer() {
    if (!std::exchange(is_peer_lost_, true)) loop_.post(gone_work_);
  }
  bool is_watched() const noexcept { return watch_ != nullptr; }

  // The connection ends, whatever the task is doing. Its memory goes when nobody holds it.
  void end() {
    task_.destroy();
    is_ended_ = true;
    if (holds_ == 0) forget();
  }
  int holds() const noexcept { return holds_; }

  // The same request once more, in the same memory.
  void again() {
    HOOKHOST_CHECK(holds_ == 0);
    task_ = {};
    answers_ = 0;
    answer_.reset();
    is_body_read_ = false;
    arena_.reset(*block_);
  }

  // ---- Exchange ----
  const RequestHead& head() const noexcept override { return head_; }
  Arena& arena() noexcept override { return arena_; }
  Loop& loop() noexcept override { return loop_; }
  void hold_memory() noexcept override { ++holds_; }
  void release_memory() noexcept override {
    HOOKHOST_CHECK(holds_ > 0);
    if (--holds_ == 0 && is_ended_) forget();
  }
  void watch_peer(PeerWatch* watch) noexcept override {
    HOOKHOST_CHECK(watch == nullptr || watch_ == nullptr);
    watch_ = watch;
  }

 private:
  static constexpr std::size_t kPaddingBytes = 64;
  static constexpr std::size_t kBlockBytes = 32 * 1024;  // as the door's
  using Block = std::array<std::byte, kBlockBytes>;

  struct GoneWork : Work {
    explicit GoneWork(FakeExchange& owner)
        : Work([](Work& work) noexcept {
            FakeExchange& mine = static_cast<GoneWork&>(work).exchange;
            if (mine.watch_ != nullptr) mine.watch_->gone(*mine.watch_);
          }),
          exchange(owner) {}
    FakeExchange& exchange;
  };

  bool start_body(std::size_t bytes_max) override {
    HOOKHOST_CHECK(!is_body_read_);
    is_body_read_ = true;
    if (request_.body.size() > bytes_max) {
      broken_ = Refusal{.status = 413,
                        .body = R"({"detail":"Request body too large"})",
                        .rule = "body-too-large",
                        .close = true};
      return true;
    }
    return !is_body_back_;
  }
  void wait_for_body(std::coroutine_handle<> waiting) noexcept override { reader_ = waiting; }
  Result<std::string_view, Refusal> body() noexcept override {
    if (broken_) return *broken_;
    return std::string_view(body_.data(), request_.body.size());
  }

  void forget() {
    std::fill(body_.begin(), body_.end(), '\xdd');
    arena_.reset({});
    std::memset(block_->data(), 0xdd, block_->size());
  }

  FakeLoop& loop_;
  FakeRequest request_;
  std::vector<Header> headers_;
  RequestHead head_;
  std::vector<char> body_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
  Arena arena_;
  GoneWork gone_work_{*this};
  PeerWatch* watch_ = nullptr;
  std::coroutine_handle<> reader_;
  std::optional<Refusal> broken_;
  bool is_body_back_ = false;
  bool is_body_read_ = false;
  bool is_ended_ = false;
  bool is_peer_lost_ = false;
  int holds_ = 0;
  int answers_ = 0;
  std::optional<FakeAnswer> answer_;
  Task<Response> task_;
};

}  // namespace hookhost::test
