// SPDX-License-Identifier: Apache-2.0
//
// The parts of a run that both engines share.
#include "loadgen/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

namespace hookhost::bench {

std::string make_request(const Options& options) {
  std::string request = options.method + " " + options.target +
                        " HTTP/1.1\r\nHost: " + options.host + ":" + std::to_string(options.port) +
                        "\r\n";
  for (const std::string& header : options.headers) request += header + "\r\n";
  if (!options.body.empty() || options.method == "POST")
    request += "Content-Length: " + std::to_string(options.body.size()) + "\r\n";
  return request + "\r\n" + options.body;
}

int connect_to(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

std::uint64_t monotonic_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Load::Next Load::take(Connection& connection, std::string_view bytes) {
  switch (connection.reader.take(bytes)) {
    case ResponseReader::State::kMore: return Next::kWait;
    case ResponseReader::State::kBroken: ++broken; return Next::kReconnect;
    case ResponseReader::State::kDone: break;
  }
  last_status = connection.reader.status();
  ++responses_all;
  if (options_.identity) identity.look(connection.reader.body(), connection.generation);
  if (is_counting_) {
    ++responses;
    if (last_status < 200 || last_status > 299) ++not_2xx;
    latencies.add(monotonic_ns() - connection.started_ns);
  }
  return connection.reader.closes() ? Next::kReconnect : Next::kSend;
}

void Load::lost(const Connection& connection) {
  if (connection.started_ns != 0) ++broken_off;
}

}  // namespace hookhost::bench
