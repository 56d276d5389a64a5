// SPDX-License-Identifier: Apache-2.0
//
// RawClient: a TCP connection to loopback that sends exactly the bytes it is given and reads
// answers, each call within a time limit. For tests that say things which no proper client would.
// RawAnswer: one HTTP answer taken apart. Blocking; one thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/unique_fd.h"

namespace hookhost::testing {

struct RawAnswer {
  int status = 0;
  std::string head;  // with the empty line
  std::string body;

  // The value of the first header of that name; "" when there is none.
  std::string_view header(std::string_view name) const {
    std::string_view rest = head;
    for (std::size_t end = rest.find("\r\n"); end != rest.npos; end = rest.find("\r\n")) {
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end + 2);
      const std::size_t colon = line.find(": ");
      if (colon != line.npos && ascii_iequals(line.substr(0, colon), name))
        return line.substr(colon + 2);
    }
    return {};
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port,
                     std::chrono::milliseconds timeout = std::chrono::seconds(20))
      : timeout_(timeout) {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  virtual ~RawClient() = default;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return is_connected_; }
  int fd() const { return fd_.get(); }

  // False: the peer does not take it any more.
  virtual bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // One byte per segment, so that the peer sees as many splits as the kernel allows.
  bool send_bytewise(std::string_view bytes) {
    for (char byte : bytes) {
      if (!send({&byte, 1})) return false;
    }
    return true;
  }

  // No more will be sent; answers can still be read.
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  // Closes so that the peer sees a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
  }

  // The next answer, or nothing: closed, or not in time. is_head: it has no body.
  std::optional<RawAnswer> read_answer(bool is_head = false) {
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    RawAnswer answer;
    answer.head = buffer_.substr(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + std::min<std::size_t>(9, answer.head.size()));
    buffer_.erase(0, end + 4);
    const std::size_t length =
        is_head ? 0
                : std::strtoull(std::string(answer.header("Content-Length")).c_str(), nullptr, 10);
    while (buffer_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }

  // True once the peer has closed its side; false: it sent something instead, or nothing in time.
  bool is_closed_by_peer() { return buffer_.empty() && !receive() && is_ended_; }

  // Everything up to the end of the connection.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(buffer_, {});
  }

  // What ended it was a reset, not an orderly close.
  bool was_reset() const { return was_reset_; }

 protected:
  // As recv(2).
  virtual ssize_t take(char* to, std::size_t size) { return ::recv(fd_.get(), to, size, 0); }
  // take() can be called without waiting.
  virtual bool has_input() {
    pollfd waiting{fd_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(timeout_.count())) > 0;
  }

 private:
  bool receive() {
    if (!has_input()) return false;
    char bytes[64 * 1024];
    const ssize_t got = take(bytes, sizeof bytes);
    if (got > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(got));
      return true;
    }
    is_ended_ = true;
    was_reset_ = got < 0;
    return false;
  }

  UniqueFd fd_;
  std::chrono::milliseconds timeout_;
  std::string buffer_;
  bool is_connected_ = false;
  bool is_ended_ = false;
  bool was_reset_ = false;
};

}  // namespace hookhost::testing
