// SPDX-License-Identifier: Apache-2.0
//
// The parts of a run that both engines share.
#include "loadgen/load.h"

#include <time.h>

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
