// SPDX-License-Identifier: Apache-2.0
//
// The fast engine: each request is one send with a linked receive, all of a turn's requests go to
// the kernel in one system call, and the send reports only failures. More than nine tenths of its
// time is the kernel's own work for TCP (standing receives and registered buffers made no
// difference), so one core of it keeps up with any server that does that work too.
#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "loadgen/load.h"

namespace hookhost::bench {
namespace {

constexpr std::size_t kReadBytes = 4096;  // per connection; a longer answer takes several reads

struct UringConnection : Connection {
  char buffer[kReadBytes];
};

class UringEngine {
 public:
  UringEngine(Load& load, Window& window) : load_(load), window_(window) {}
  ~UringEngine() {
    for (const UringConnection& connection : connections_) {
      if (connection.fd >= 0) shutdown(connection.fd, SHUT_RDWR);
    }
    if (is_set_up_) io_uring_queue_exit(&ring_);  // no request of the kernel is left after it
    for (const UringConnection& connection : connections_) {
      if (connection.fd >= 0) close(connection.fd);
    }
  }

  std::string run() {
    const auto count = load_.options().connections;
    // Two entries per connection fit into one turn.
    unsigned entries = 64;
    while (entries < 2 * count && entries < 32768) entries *= 2;
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    const int error = io_uring_queue_init_params(entries, &ring_, &params);
    if (error < 0) return std::string("not permitted: io_uring: ") + std::strerror(-error);
    is_set_up_ = true;
    io_uring_register_ring_fd(&ring_);
    if ((params.features & IORING_FEAT_CQE_SKIP) == 0) return "not permitted: io_uring is too old";

    connections_ = std::vector<UringConnection>(count);
    for (UringConnection& connection : connections_) {
      connection.fd = connect_to(load_.options());
      if (connection.fd < 0) return std::string("connect: ") + std::strerror(errno);
    }
    for (UringConnection& connection : connections_) send(connection);
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
    __kernel_timespec patience{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (problem_.empty() && monotonic_ns() < end) {
      io_uring_cqe* first = nullptr;
      const int error = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &patience, nullptr);
      if (error < 0 && error != -ETIME && error != -EINTR) problem_ = std::strerror(-error);
      unsigned head = 0;
      unsigned seen = 0;
      io_uring_cqe* cqe = nullptr;
      io_uring_for_each_cqe(&ring_, head, cqe) {
        ++seen;
        completed(*cqe);
      }
      io_uring_cq_advance(&ring_, seen);
    }
  }

  io_uring_sqe* entry() {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {  // only after more failed sends than the queue holds
      io_uring_submit(&ring_);
      sqe = io_uring_get_sqe(&ring_);
    }
    return sqe;
  }

  void send(UringConnection& connection) {
    const auto request = load_.request();
    if (io_uring_sq_space_left(&ring_) < 2) io_uring_submit(&ring_);  // keeps the pair together
    io_uring_sqe* sqe = entry();
    io_uring_prep_send(sqe, connection.fd, request.data(), request.size(),
                       MSG_NOSIGNAL | MSG_WAITALL);
    sqe->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data(sqe, nullptr);
    connection.started_ns = monotonic_ns();
    receive(connection);
  }

  void receive(UringConnection& connection) {
    io_uring_sqe* sqe = entry();
    io_uring_prep_recv(sqe, connection.fd, connection.buffer, kReadBytes, 0);
    sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;  // an answer is never there at once
    io_uring_sqe_set_data(sqe, &connection);
  }

  void completed(const io_uring_cqe& cqe) {
    auto* connection = static_cast<UringConnection*>(io_uring_cqe_get_data(&cqe));
    if (connection == nullptr) return;  // a failed send: its receive is cancelled and reports here
    if (cqe.res <= 0) {
      load_.lost(*connection);
      return reopen(*connection);
    }
    switch (load_.take(*connection, {connection->buffer, static_cast<std::size_t>(cqe.res)})) {
      case Load::Next::kWait: return receive(*connection);
      case Load::Next::kSend: return send(*connection);
      case Load::Next::kReconnect: return reopen(*connection);
    }
  }

  void reopen(UringConnection& connection) {
    close(connection.fd);
    connection.reader.reset();
    ++load_.reconnects;
    connection.fd = connect_to(load_.options());
    if (connection.fd < 0) {
      problem_ = std::string("connect again: ") + std::strerror(errno);
      return;
    }
    send(connection);
  }

  Load& load_;
  Window& window_;
  io_uring ring_{};
  bool is_set_up_ = false;
  std::vector<UringConnection> connections_;
  std::string problem_;
};

}  // namespace

std::string run_uring(Load& load, Window& window) { return UringEngine(load, window).run(); }

}  // namespace hookhost::bench
