// SPDX-License-Identifier: Apache-2.0
//
// The engine of a fixed schedule: request n is due at its time whatever became of the others, and
// its latency counts from then. When every connection is busy it waits for one, and that counts: a
// stall of the server is seen by all requests that it delays, and not only by those in flight.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

#include "loadgen/load.h"

namespace hookhost::bench {
namespace {

constexpr int kEventsMax = 256;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kTurnNsMax = kNsPerSecond / 10;
constexpr std::uint64_t kDrainNsMax = 10 * kNsPerSecond;

class OpenLoop {
 public:
  OpenLoop(Load& load, Window& window) : load_(load), window_(window) {}
  ~OpenLoop() {
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0) close(connection.fd);
    }
    if (epoll_ >= 0) close(epoll_);
  }

  std::string run() {
    prctl(PR_SET_TIMERSLACK, 1UL);  // or the kernel wakes us 50 us late
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    const Options& options = load_.options();
    if (options.until_eof) watch(STDIN_FILENO, nullptr);
    connections_.resize(options.connections);
    for (Connection& connection : connections_) {
      if (!open(connection)) return std::string("connect: ") + std::strerror(errno);
    }
    began_ns_ = monotonic_ns();
    turn_to(requests_in(options.warm_up_seconds));
    load_.begin_counting();
    window_.begin();
    turn_to(options.until_eof ? ~std::uint64_t{0} : sent_ + requests_in(options.seconds));
    // What was sent is waited for: the slowest ones are what the run is about.
    const std::uint64_t end = monotonic_ns() + kDrainNsMax;
    while (problem_.empty() && idle_.size() < connections_.size() && monotonic_ns() < end)
      turn(sent_);
    window_.end();
    load_.end_counting();
    load_.unanswered = connections_.size() - idle_.size();
    return problem_;
  }

 private:
  std::uint64_t requests_in(double seconds) const {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(load_.options().rate));
  }
  std::uint64_t due_ns(std::uint64_t request) const {
    return began_ns_ + request * kNsPerSecond / load_.options().rate;
  }

  // Until so many requests are sent.
  void turn_to(std::uint64_t last) {
    while (problem_.empty() && !is_over_ && sent_ < last) turn(last);
  }

  void turn(std::uint64_t last) {
    while (!idle_.empty() && sent_ < last && due_ns(sent_) <= monotonic_ns()) send_next();
    std::uint64_t wait_ns = kTurnNsMax;
    if (!idle_.empty() && sent_ < last) {
      const std::uint64_t now = monotonic_ns();
      wait_ns = std::min(kTurnNsMax, std::max(due_ns(sent_), now) - now);
    }
    const timespec wait{0, static_cast<long>(wait_ns)};
    std::array<epoll_event, kEventsMax> events;
    const int count = epoll_pwait2(epoll_, events.data(), kEventsMax, &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      void* const whose = events[static_cast<std::size_t>(i)].data.ptr;
      if (whose != nullptr) {
        receive(*static_cast<Connection*>(whose));
      } else {
        is_over_ |= read(STDIN_FILENO, buffer_.data(), buffer_.size()) <= 0;
      }
    }
  }

  void watch(int fd, Connection* connection) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  bool open(Connection& connection) {
    connection.fd = connect_to(load_.options());
    if (connection.fd < 0) return false;
    fcntl(connection.fd, F_SETFL, O_NONBLOCK);
    watch(connection.fd, &connection);
    rest(connection);
    return true;
  }

  void reopen(Connection& connection) {
    if (connection.started_ns == 0) std::erase(idle_, &connection);
    close(connection.fd);
    connection.reader.reset();
    ++load_.reconnects;
    if (!open(connection)) problem_ = std::string("connect again: ") + std::strerror(errno);
  }

  void rest(Connection& connection) {
    connection.started_ns = 0;
    connection.idle_since_ns = monotonic_ns();
    idle_.push_back(&connection);
  }

  void send_next() {
    // The one that has rested longest, or some would idle until the server closes them.
    Connection& connection = *idle_.front();
    idle_.pop_front();
    connection.started_ns = due_ns(sent_++);
    // How late we are, and not the server, which may have kept every connection busy.
    load_.count_delay(monotonic_ns() - std::max(connection.started_ns, connection.idle_since_ns));
    const auto whole = load_.request();
    const ssize_t n = ::send(connection.fd, whole.data(), whole.size(), MSG_NOSIGNAL);
    if (n == static_cast<ssize_t>(whole.size())) return;
    load_.lost(connection);
    reopen(connection);
  }

  void receive(Connection& connection) {
    const ssize_t n = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      load_.lost(connection);
      return reopen(connection);
    }
    switch (load_.take(connection, {buffer_.data(), static_cast<std::size_t>(n)})) {
      case Load::Next::kWait: return;
      case Load::Next::kSend: return rest(connection);
      case Load::Next::kReconnect: return reopen(connection);
    }
  }

  Load& load_;
  Window& window_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;
  std::uint64_t began_ns_ = 0;
  std::uint64_t sent_ = 0;
  bool is_over_ = false;
  std::array<char, kReadBytes> buffer_;
  std::string problem_;
};

}  // namespace

std::string run_open_loop(Load& load, Window& window) { return OpenLoop(load, window).run(); }

}  // namespace hookhost::bench
