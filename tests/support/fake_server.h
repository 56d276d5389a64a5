// SPDX-License-Identifier: Apache-2.0
//
// FakeServer: a server of somebody else's that a plugin calls. It listens on a free port of
// loopback, takes one HTTP/1.1 request per connection, remembers it and answers what the test has
// scripted. Needs nothing of the host. Its functions may be called from the test's thread.
//
//   FakeServer hub({{"POST", "/api/x", 429, "{}"}, {"POST", "/api/x", 200, "{}"}});
//   ... the plugin calls hub.url() ...
//   EXPECT_EQ(hub.requests().size(), 2u);
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace hookhost::test {

class FakeServer {
 public:
  // What the next request with this method and target gets. The last one of a kind is used again.
  struct Answer {
    std::string method, target;
    int status = 200;
    std::string body = "{}";
  };
  struct Request {
    std::string method, target, head, body;

    // The value of the first header of that name, given in lower case.
    std::string header(std::string_view name) const {
      std::string lower = head;
      std::ranges::transform(lower, lower.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const std::size_t at = lower.find("\n" + std::string(name) + ": ");
      if (at == lower.npos) return {};
      const std::size_t begin = at + name.size() + 3;
      return head.substr(begin, head.find('\r', begin) - begin);
    }
  };

  explicit FakeServer(std::vector<Answer> answers = {}) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, raw, &size) != 0) {
      throw std::runtime_error("no free port on loopback");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    release();
    ::shutdown(listener_, SHUT_RDWR);  // wakes accept
    thread_.join();
    ::close(listener_);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t count(std::string_view method, std::string_view target) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(requests_, [&](const Request& request) {
      return request.method == method && request.target == target;
    }));
  }

  // Until release(), requests are taken and remembered, but not answered.
  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    changed_.notify_all();
  }
  // Waits until that many requests have come.
  void wait_for_requests(std::size_t count) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return requests_.size() >= count; });
  }

 private:
  void serve() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      Request request;
      if (read(fd, request)) answer(fd, request);
      ::close(fd);
    }
  }
  static bool read(int fd, Request& request) {
    std::string bytes;
    std::size_t head_end = bytes.npos;
    std::size_t body_size = 0;
    while (head_end == bytes.npos || bytes.size() < head_end + body_size) {
      char part[4096];
      const ssize_t got = ::recv(fd, part, sizeof part, 0);
      if (got <= 0) return false;
      bytes.append(part, static_cast<std::size_t>(got));
      if (head_end != bytes.npos || bytes.find("\r\n\r\n") == bytes.npos) continue;
      head_end = bytes.find("\r\n\r\n") + 4;
      request.head = bytes.substr(0, head_end);
      body_size = std::strtoull(request.header("content-length").c_str(), nullptr, 10);
    }
    const std::size_t space = bytes.find(' ');
    request.method = bytes.substr(0, space);
    request.target = bytes.substr(space + 1, bytes.find(' ', space + 1) - space - 1);
    request.body = bytes.substr(head_end);
    return true;
  }
  void answer(int fd, const Request& request) {
    Answer answer{.method = {}, .target = {}, .status = 404, .body = R"({"error":"Not Found"})"};
    {
      std::unique_lock lock(mutex_);
      requests_.push_back(request);
      changed_.notify_all();
      changed_.wait(lock, [&] { return !is_held_; });
      const auto fits = [&](const Answer& one) {
        return one.method == request.method && one.target == request.target;
      };
      const auto found = std::ranges::find_if(answers_, fits);
      if (found != answers_.end()) {
        answer = *found;
        if (std::ranges::count_if(answers_, fits) > 1) answers_.erase(found);
      }
    }
    const std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                             " Scripted\r\nContent-Type: application/json\r\nConnection: close\r\n"
                             "Content-Length: " +
                             std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
    static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
  }

  int listener_ = -1;
  unsigned port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Answer> answers_;  // this and the next two: guarded by mutex_
  std::vector<Request> requests_;
  bool is_held_ = false;
  std::thread thread_;
};

}  // namespace hookhost::test
