// SPDX-License-Identifier: Apache-2.0
//
// A request to a page and its answer in one line: get(receiver, "/docs", {{"Accept-Encoding",
// "gzip"}}).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/exchange.h"
#include "support/fake_clock.h"
#include "support/fake_exchange.h"

namespace hookhost::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// A loop and one request on it.
struct PageExchange {
  PageExchange(std::string_view method, std::string_view target, HeaderList headers = {})
      : exchange(loop, {.method = std::string(method),
                        .target = std::string(target),
                        .headers = std::move(headers)}) {}
  FakeClock clock;
  FakeLoop loop{clock};
  FakeExchange exchange;

  // Until the receiver has answered.
  Response finish() {
    loop.run_until([this] { return exchange.is_answered(); });
    return exchange.take();
  }
};

// An answer with copies of everything it pointed to.
struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
  HeaderList headers;
  ResponseKind kind{};
  const char* body_data = nullptr;  // where the bytes stood, to tell a copy

  // The one header of that name; "": none, "twice": more than one.
  std::string header(std::string_view name) const {
    std::string found;
    int count = 0;
    for (const auto& [key, value] : headers) {
      if (ascii_iequals(key, name)) found = value, ++count;
    }
    return count > 1 ? "twice" : found;
  }
};

inline Answer copy_and_release(Response response) {
  Answer answer{.status = response.status,
                .content_type = std::string(response.content_type),
                .body = std::string(response.body),
                .headers = {},
                .kind = response.kind,
                .body_data = response.body.data()};
  for (const Chunk& chunk : response.chunks) {
    answer.body_data = chunk.bytes.data();
    answer.body += chunk.bytes;
  }
  for (const Header& header : response.headers)
    answer.headers.emplace_back(header.name, header.value);
  release_chunks(response);
  return answer;
}

inline Answer ask(Receiver& receiver, std::string_view method, std::string_view target,
                  HeaderList headers = {}) {
  PageExchange page(method, target, std::move(headers));
  page.exchange.start(receiver);
  return copy_and_release(page.finish());
}

inline Answer get(Receiver& receiver, std::string_view target, HeaderList headers = {}) {
  return ask(receiver, "GET", target, std::move(headers));
}

}  // namespace hookhost::test
