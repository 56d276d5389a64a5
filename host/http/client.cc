// SPDX-License-Identifier: Apache-2.0
//
// Plain blocking sockets with poll and one deadline: no loop, no pool, no keep-alive.
#include "http/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "base/unique_fd.h"
#include "http/limits.h"

namespace hookhost::http {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kAnswerBytesMax = 64 * 1024 * 1024;  // our own answers are far smaller

std::string name_of(const ListenAddress& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

Error system_error(const ListenAddress& address, int error) {
  return {ErrorCode::kUnavailable, fmt::format("{}: {}", name_of(address), std::strerror(error)),
          error == ECONNREFUSED ? "start the host, or check the port" : ""};
}

// False when the deadline passed first.
bool wait_for(int fd, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd poll{fd, events, 0};
    const int ready =
        ::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Error timeout_error(const ListenAddress& address) {
  return {ErrorCode::kUnavailable, fmt::format("{}: no answer in time", name_of(address)), ""};
}

Result<UniqueFd> connect_to(const ListenAddress& address, Deadline deadline) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  socklen_t size = 0;
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    size = sizeof v4;
  } else if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    size = sizeof v6;
  } else {
    return Error{ErrorCode::kInvalid,
                 fmt::format("\"{}\" is not a numeric IPv4 or IPv6 address", address.host), ""};
  }
  UniqueFd fd(socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return system_error(address, errno);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
    if (errno != EINPROGRESS) return system_error(address, errno);
    if (!wait_for(fd.get(), POLLOUT, deadline)) return timeout_error(address);
    int error = 0;
    socklen_t error_size = sizeof error;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &error_size);
    if (error != 0) return system_error(address, error);
  }
  return fd;
}

Result<std::string> to_text(const ListenAddress& address, const ClientRequest& request) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  bool has_host = false;
  for (const auto& [name, value] : request.headers) {
    if (value.find_first_of("\r\n\0", 0, 3) != std::string::npos ||
        name.find_first_of("\r\n: \0", 0, 5) != std::string::npos)
      return Error{ErrorCode::kInvalid,
                   fmt::format("header \"{}\" holds a line end", printable(name)), ""};
    has_host = has_host || ascii_iequals(name, "host");
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (!has_host) text += fmt::format("Host: {}\r\n", name_of(address));
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  return text + "Connection: close\r\n\r\n" + request.body;
}

// A peer may answer and close before it took everything: what it said counts.
Status send_all(const ListenAddress& address, int fd, std::string_view text, Deadline deadline) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_for(fd, POLLOUT, deadline)) return timeout_error(address);
    } else if (errno != EINTR) {
      return {};
    }
  }
  return {};
}

struct Parts {
  std::size_t body_at = 0;
  std::size_t body_bytes = std::string::npos;  // npos: up to the end
};

// False: not an HTTP answer. The head is complete.
bool parse_answer(std::string_view head, ClientResponse& response, Parts& parts) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
  const auto digits = head.substr(9, 3);
  const auto number = std::from_chars(digits.data(), digits.data() + 3, response.status);
  if (number.ec != std::errc{}) return false;
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    response.headers.emplace_back(line.substr(0, colon), value);
  }
  if (const std::string_view length = response.header("Content-Length"); !length.empty())
    std::from_chars(length.data(), length.data() + length.size(), parts.body_bytes);
  return true;
}

// Takes the answer off the front of text; false: it is not complete. 100 Continue is passed over.
Result<bool> take_answer(const ListenAddress& address, std::string& text, bool is_head,
                         bool is_ended, ClientResponse& response) {
  for (;;) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    response = {};
    Parts parts{end + 4};
    if (!parse_answer(std::string_view(text).substr(0, end + 2), response, parts))
      return Error{ErrorCode::kInvalid, fmt::format("{}: not an HTTP answer", name_of(address)),
                   ""};
    if (response.status == 100) {
      text.erase(0, parts.body_at);
      continue;
    }
    const bool has_body = !is_head && response.status != 204 && response.status != 304;
    if (!has_body) return true;
    const std::size_t here = text.size() - parts.body_at;
    if (parts.body_bytes == std::string::npos ? !is_ended : here < parts.body_bytes) return false;
    response.body = text.substr(parts.body_at, parts.body_bytes);
    return true;
  }
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (ascii_iequals(key, name)) return value;
  }
  return {};
}

Result<ClientResponse> request(const ListenAddress& address, const ClientRequest& request,
                               std::chrono::milliseconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  auto text = to_text(address, request);
  if (!text) return std::move(text).error();
  auto fd = connect_to(address, deadline);
  if (!fd) return std::move(fd).error();
  if (auto sent = send_all(address, fd->get(), *text, deadline); !sent)
    return std::move(sent).error();

  ClientResponse response;
  std::string answer;
  for (bool is_ended = false;;) {
    auto whole = take_answer(address, answer, request.method == "HEAD", is_ended, response);
    if (!whole) return std::move(whole).error();
    if (*whole) return response;
    if (is_ended)
      return Error{ErrorCode::kUnavailable,
                   fmt::format("{}: closed before its answer was complete", name_of(address)), ""};
    if (answer.size() > kAnswerBytesMax)
      return Error{ErrorCode::kInvalid, fmt::format("{}: answer too large", name_of(address)), ""};
    if (!wait_for(fd->get(), POLLIN, deadline)) return timeout_error(address);
    char piece[16 * 1024];
    const ssize_t got = ::recv(fd->get(), piece, sizeof piece, 0);
    if (got > 0) answer.append(piece, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) is_ended = true;
  }
}

Result<ClientResponse> request(const ListenAddress& address, std::string_view method,
                               std::string_view target,
                               std::vector<std::pair<std::string, std::string>> headers,
                               std::string_view body, std::chrono::milliseconds timeout) {
  return request(address,
                 ClientRequest{std::string(method), std::string(target), std::move(headers),
                               std::string(body)},
                 timeout);
}

}  // namespace hookhost::http
