// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP/1.1 client for the command line, health checks and tests: one request over one
// connection to a numeric address, blocking, within one deadline. Not for strangers' servers: it
// understands what our own door answers. Any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/event_loops.h"

namespace hookhost::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  // Host, Content-Length and Connection are added.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header of that name in any case; "" when there is none.
  std::string_view header(std::string_view name) const noexcept;
};

// kUnavailable: nobody listens, or the deadline passed. kInvalid: the address, a header with a line
// end, or an answer that is not HTTP. At most 64 MiB of answer are taken.
Result<ClientResponse> request(const ListenAddress& address, const ClientRequest& request,
                               std::chrono::milliseconds timeout);

// As above, in one call.
Result<ClientResponse> request(const ListenAddress& address, std::string_view method,
                               std::string_view target,
                               std::vector<std::pair<std::string, std::string>> headers,
                               std::string_view body, std::chrono::milliseconds timeout);

}  // namespace hookhost::http
