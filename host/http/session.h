// SPDX-License-Identifier: Apache-2.0
//
// Session: one connection from accept to close: shakes hands where TLS is spoken, reads heads and
// bodies within their deadlines, writes answers in order, one exchange at a time. While it is idle
// it holds no buffer. Made by a listener, destroys itself; everything happens on its loop's thread.
// Hot path: no allocation, lock, timer or shared counter per request; one read and one write.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/unique_fd.h"
#include "http/address_places.h"
#include "http/client_address.h"
#include "http/event_loop.h"
#include "http/head_scanner.h"
#include "http/listener.h"
#include "http/open_exchange.h"
#include "http/poller.h"
#include "http/tls.h"
#include "http/transport.h"
#include "model/exchange.h"

namespace hookhost::http {

class Session final : public SessionLink, private Watch {
 public:
  // tls: of a listener that speaks it; outlives the session. place: given back at the end. Throws
  // std::bad_alloc; the connection is closed then.
  static void open(EventLoop& loop, Receiver& receiver, PublishedTls::Reader* tls, UniqueFd fd,
                   const ClientAddress& peer, AddressPlaces::Place place);

  // Of the loop.
  void tick(MonotonicTime now) noexcept;  // a busy one: deadlines, and whether the peer is there
  bool is_overdue(MonotonicTime now) const noexcept { return now >= deadline_; }
  bool has_input() noexcept;  // something can be read
  void evict() noexcept;      // closes without an answer

  // Of its exchange.
  void answer_is_ready() noexcept;
  void begin_body(OpenExchange& exchange);  // reads what is there; says 100 Continue
  void wait_for_body() { wait_for_input(); }

 private:
  //              first byte          whole head            answer            last byte
  //  accept -> Idle ----------> Head -----------> Handling ------> Writing ----+-> Idle, Head
  //            | | ^             |  refused, late                     ^        |
  //            | | |             +------------------------------------+        v
  //            | v | TLS                                          +------> Lingering
  //            | Handshake ---------------------------------------+            |
  //            v    refused                                                    |
  //          Closed <----------------------------------------------------------+
  enum class Phase : std::uint8_t {
    kIdle,
    kHandshake,
    kHead,
    kHandling,
    kWriting,
    kLingering,
    kClosed
  };

  Session(EventLoop& loop, Receiver& receiver, PublishedTls::Reader* tls, const ClientAddress& peer,
          AddressPlaces::Place place);
  ~Session() = default;

  void ready() noexcept override;
  template <class Step>
  void enter(Step step) noexcept;

  void take_input();
  void run();
  void begin_handshake();
  void shake_hands();
  void give_up_handshake();
  void begin_head();
  void read_head();
  bool take_head();
  void read_body();
  bool take_answer();
  void refuse(Rule rule);
  void send(const Response& response);
  bool write();
  bool next_request();
  void rest();
  void linger();
  void drop_input() noexcept;
  void close() noexcept;

  bool is_too_slow(MonotonicTime now, std::chrono::milliseconds timeout,
                   std::uint64_t bytes) const noexcept;

  void wait_for_input() noexcept;
  void wait_for_output() noexcept;
  long receive(char* to, std::size_t size) noexcept { return transport_.read(fd(), to, size); }

  EventLoop& loop_;
  Receiver& receiver_;
  PublishedTls::Reader* const tls_;  // nullptr: plain
  const AddressPlaces::Place place_;
  Transport transport_;
  OpenExchange* exchange_ = nullptr;
  char* block_ = nullptr;     // with the bytes of a head and what came behind it
  std::uint32_t filled_ = 0;  // bytes in it
  Phase phase_ = Phase::kIdle;
  bool ends_after_answer_ = false;
  bool peer_closed_ = false;  // its sending side
  bool is_broken_ = false;    // no answer can reach it
  std::uint8_t address_bytes_ = 0;
  HeadScanner scanner_;
  MonotonicTime phase_started_{};  // of head, body and answer
  MonotonicTime deadline_{};       // of the phase
  std::uint64_t phase_bytes_ = 0;  // written or dropped in it
  char address_[kAddressBytesMax];
};

}  // namespace hookhost::http
