// SPDX-License-Identifier: Apache-2.0
//
// What a run sends and what came of it: N keep-alive connections with one request in flight each,
// as a closed loop or, with a rate, at times fixed in advance. Load judges the bytes that arrive
// and keeps the counters; the engines (epoll_engine.cc, uring_engine.cc, open_loop.cc) only move
// bytes. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/histogram.h"
#include "loadgen/identity.h"
#include "loadgen/response_reader.h"

struct ssl_st;

namespace hookhost::bench {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  unsigned connections = 64;
  double seconds = 1.0;
  double warm_up_seconds = 0.2;    // sent like the rest, not counted
  int core = -1;                   // of the generator; -1: wherever the kernel likes
  std::string engine = "auto";     // io_uring where it is permitted, else epoll
  std::vector<pid_t> server_pids;  // whose processor time is read over the counted seconds
  std::uint64_t rate = 0;          // requests per second of an open loop; 0: a closed one
  bool until_eof = false;          // an open loop ends with stdin and not after `seconds`
  bool identity = false;           // every answer names its build and generation: see Identity
  bool tls = false;                // whoever is there is trusted; epoll and hold only
  bool hold = false;  // one request per connection, then hold them open until stdin ends
};

// The request's bytes, head and body, the same for every request.
std::string make_request(const Options& options);

std::uint64_t monotonic_ns() noexcept;

// A connected TCP socket with no delay; -1 and errno otherwise. Blocking until connected: loopback.
int connect_to(const Options& options);

struct Connection {
  int fd = -1;
  ssl_st* tls = nullptr;
  std::size_t sent = 0;          // of the request in flight
  std::uint64_t started_ns = 0;  // of an open loop: when it was due; 0: no request is in flight
  std::uint64_t idle_since_ns = 0;
  std::uint64_t generation = 0;  // the newest that has answered
  ResponseReader reader;
};

// Connects, and shakes hands if options.tls. False, and errno, otherwise. Blocking.
bool open_connection(const Options& options, Connection& connection);
// As send(2) and recv(2), through TLS where it is spoken.
ssize_t send_some(Connection& connection, std::string_view bytes);
ssize_t receive_some(Connection& connection, char* to, std::size_t size);
void close_connection(Connection& connection);

class Load {
 public:
  enum class Next { kWait, kSend, kReconnect };

  explicit Load(const Options& options) : options_(options), request_(make_request(options)) {}

  const Options& options() const noexcept { return options_; }
  std::string_view request() const noexcept { return request_; }

  // Between these two calls every complete response counts.
  void begin_counting() { is_counting_ = true; }
  void end_counting() { is_counting_ = false; }

  // Bytes of the connection arrived; says what to do with it.
  Next take(Connection& connection, std::string_view bytes);

  // An open loop sent a request so late by its own fault.
  void count_delay(std::uint64_t ns) {
    if (is_counting_) delays.add(ns);
  }

  // The connection ended. It is the server's right between two requests; during one it is an error.
  void lost(const Connection& connection);

  Histogram latencies, delays;
  Identity identity;
  std::uint64_t responses = 0;      // counted, of any status
  std::uint64_t responses_all = 0;  // with those of the warm-up
  std::uint64_t not_2xx = 0;
  std::uint64_t broken = 0;      // not a response, or bytes behind its end
  std::uint64_t broken_off = 0;  // the connection ended during a response
  std::uint64_t reconnects = 0;
  std::uint64_t unanswered = 0;  // at the end of an open loop
  int last_status = 0;

 private:
  const Options& options_;
  std::string request_;
  bool is_counting_ = false;
};

// Called by an engine when the counted time begins and ends.
class Window {
 public:
  virtual void begin() = 0;
  virtual void end() = 0;

 protected:
  ~Window() = default;
};

// Runs the load to its end. An empty text, or why it could not. run_uring says "not permitted ..."
// before it has sent anything where the kernel forbids io_uring or lacks what is needed.
std::string run_epoll(Load& load, Window& window);
std::string run_uring(Load& load, Window& window);
std::string run_open_loop(Load& load, Window& window);

}  // namespace hookhost::bench
