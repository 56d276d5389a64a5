// SPDX-License-Identifier: Apache-2.0
//
// The engine for machines that forbid io_uring: level-triggered epoll, one read and one write per
// request.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "loadgen/load.h"

namespace hookhost::bench {
namespace {

constexpr int kEventsMax = 256;
constexpr std::size_t kReadBytes = 64 * 1024;

class EpollEngine {
 public:
  EpollEngine(Load& load, Window& window) : load_(load), window_(window) {}
  ~EpollEngine() {
    for (Connection& connection : connections_) close_connection(connection);
    if (epoll_ >= 0) close(epoll_);
  }

  std::string run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(load_.options().connections);
    for (Connection& connection : connections_) {
      if (!open(connection)) return std::string("connect: ") + std::strerror(errno);
    }
    turn_until(load_.options().warm_up_seconds);
    load_.begin_counting();
    window_.begin();
    turn_until(load_.options().seconds);
    window_.end();
    load_.end_counting();
    return problem_;
  }

 private:
  void turn_until(double seconds) {
    const std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(seconds * 1e9);
    std::array<epoll_event, kEventsMax> events;
    while (problem_.empty() && monotonic_ns() < end) {
      const int count = epoll_wait(epoll_, events.data(), kEventsMax, 100);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        if ((event.events & EPOLLOUT) != 0) send_rest(connection);
        if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(connection);
      }
    }
  }

  bool open(Connection& connection) {
    if (!open_connection(load_.options(), connection)) return false;
    fcntl(connection.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    send(connection);
    return true;
  }

  void reopen(Connection& connection) {
    close_connection(connection);
    connection.reader.reset();
    ++load_.reconnects;
    if (!open(connection)) problem_ = std::string("connect again: ") + std::strerror(errno);
  }

  void send(Connection& connection) {
    connection.sent = 0;
    connection.started_ns = monotonic_ns();
    const auto whole = load_.request();
    if (!write_some(connection) || connection.sent < whole.size()) watch_writing(connection, true);
  }

  void send_rest(Connection& connection) {
    write_some(connection);
    if (connection.sent == load_.request().size()) watch_writing(connection, false);
  }

  bool write_some(Connection& connection) {
    const auto rest = load_.request().substr(connection.sent);
    const ssize_t n = send_some(connection, rest);
    if (n > 0) connection.sent += static_cast<std::size_t>(n);
    return n >= 0;
  }

  void watch_writing(Connection& connection, bool on) {
    epoll_event event{.events = static_cast<std::uint32_t>(on ? EPOLLIN | EPOLLOUT : EPOLLIN),
                      .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void receive(Connection& connection) {
    const ssize_t n = receive_some(connection, buffer_.data(), buffer_.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      load_.lost(connection);
      reopen(connection);
      return;
    }
    switch (load_.take(connection, {buffer_.data(), static_cast<std::size_t>(n)})) {
      case Load::Next::kWait: return;
      case Load::Next::kSend: return send(connection);
      case Load::Next::kReconnect: return reopen(connection);
    }
  }

  Load& load_;
  Window& window_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::array<char, kReadBytes> buffer_;
  std::string problem_;
};

}  // namespace

std::string run_epoll(Load& load, Window& window) { return EpollEngine(load, window).run(); }

}  // namespace hookhost::bench
