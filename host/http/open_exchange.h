// SPDX-License-Identifier: Apache-2.0
//
// OpenExchange: one request being answered, the Exchange that receivers see. It stands at the front
// of the arena block that its request borrows, so that an idle connection holds none of this. It
// may outlive its session: a handler that has not let go keeps head, body and arena. Loop thread.
// Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <coroutine>
#include <cstddef>
#include <span>
#include <string_view>

#include "http/body_reader.h"
#include "http/event_loop.h"
#include "http/head_guard.h"
#include "http/response_writer.h"
#include "http/rules.h"
#include "model/exchange.h"

namespace hookhost::http {

class Session;

class OpenExchange final : public Exchange {
 public:
  // In a block of the loop's pool, the rest of which becomes the arena. head_block holds the head;
  // it stays the session's until detach(). Throws std::bad_alloc.
  static OpenExchange* create(Session& session, EventLoop& loop, char* head_block);

  // Splits the head and judges it. kAccepted: the exchange may start. input: what the head's block
  // holds, head_begin and head_end as HeadScanner found them.
  Rule read_head(std::span<char> input, std::size_t head_begin, std::size_t head_end,
                 std::string_view peer_address, MonotonicTime received_at);

  // Hands it to the receiver.
  void start(Receiver& receiver) noexcept;

  // True once the task has ended; then take_response(): what it returned, or what its exception
  // stands for.
  bool is_done() const noexcept { return is_done_; }
  const Response& take_response() noexcept;
  const Response& refuse(Rule rule) noexcept;

  // The answer was written or given up, or the connection ended; the exchange is not the session's
  // any more. Its memory goes back now or with the last hold; the head's block too if asked.
  void detach(bool with_head_block) noexcept;

  // The body, for the session that reads it.
  BodyReader& reader() noexcept { return reader_; }
  bool waits_for_body() const noexcept { return static_cast<bool>(waiting_); }
  void resume() noexcept;  // the body is complete or refused

  ResponseWriter& writer() noexcept { return writer_; }
  const Framing& framing() const noexcept { return framing_; }
  int version() const noexcept { return version_; }
  bool is_held() const noexcept { return holds_ != 0; }
  bool is_watched() const noexcept { return watch_ != nullptr; }
  void peer_gone() noexcept;  // tells the watch, once

  // Of Exchange.
  const RequestHead& head() const noexcept override { return head_; }
  Arena& arena() noexcept override { return arena_; }
  Loop& loop() noexcept override { return loop_; }
  void hold_memory() noexcept override { ++holds_; }
  void release_memory() noexcept override;
  void watch_peer(PeerWatch* watch) noexcept override { watch_ = watch; }

 private:
  struct FinishWork : Work {
    explicit FinishWork(OpenExchange& owner) noexcept : Work(&OpenExchange::finish), of(owner) {}
    OpenExchange& of;
  };

  OpenExchange(Session& session, EventLoop& loop, char* head_block, std::span<std::byte> arena)
      : session_(&session), loop_(loop), head_block_(head_block), arena_(arena) {}
  ~OpenExchange() = default;

  bool start_body(std::size_t bytes_max) override;
  void wait_for_body(std::coroutine_handle<> waiting) noexcept override;
  Result<std::string_view, Refusal> body() noexcept override;

  std::string_view client_of(std::string_view peer_address);
  static void task_ended(void* self) noexcept;
  static void finish(Work& work) noexcept;
  void destroy_if_free() noexcept;

  Session* session_;  // nullptr: detached
  EventLoop& loop_;
  char* head_block_;
  Arena arena_;
  RequestHead head_;
  Framing framing_;
  int version_ = 11;
  BodyReader reader_{loop_.memory()};
  Task<Response> task_;
  std::coroutine_handle<> waiting_;
  Response response_;
  ResponseWriter writer_;
  PeerWatch* watch_ = nullptr;
  FinishWork finish_{*this};
  unsigned holds_ = 0;
  bool is_done_ = false;
  bool is_inside_ = false;     // the session is calling into the task and looks at is_done_ itself
  bool is_finishing_ = false;  // finish_ is posted
  bool owns_head_block_ = false;
};

}  // namespace hookhost::http
