// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a request to the admin listener: method and target on the first line, headers, an
// empty line, a body. Nobody without the token has anything done, and where no token is asked for,
// only what no foreign page can send changes anything.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/admin.h"
#include "admin/fake_orders.h"
#include "base/check.h"
#include "fuzz/cost_limit.h"
#include "http/head_guard.h"
#include "support/fake_exchange.h"
#include "support/fake_journal.h"

namespace {

using namespace hookhost;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// As the door lets it through: a target that is a path, names that are tokens.
bool read_request(std::string_view text, test::FakeRequest& request) {
  const std::string_view start = take_line(text);
  const std::size_t space = std::min(start.find(' '), start.size());
  request.method = start.substr(0, space);
  request.target = start.substr(std::min(start.size(), space + 1));
  request.headers.clear();
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (!http::is_token(line.substr(0, colon))) return false;
    request.headers.emplace_back(line.substr(0, colon),
                                 line.substr(std::min(line.size(), colon + 1)));
  }
  request.body = text;
  return http::is_token(request.method) && request.target.starts_with('/');
}

bool is_own_change(const test::FakeRequest& request) {
  std::vector<Header> headers;
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  RequestHead head;
  head.headers = headers;
  return admin::is_own_change(head);
}

struct Listener {
  explicit Listener(std::span<const auth::Credential> tokens)
      : admin(
            {.hosts = {}, .tokens = tokens}, health, [] { return std::string(); }, orders,
            admin::EventsApi(&journal, loop), clock) {
    journal.detail_ = store::EventDetail{.row = {.id = 7}};
  }

  int status_of(const test::FakeRequest& request) {
    orders.orders.clear();
    journal.changes_.clear();
    clock.advance(admin::TokenGate::kPause);  // for whoever guessed
    test::FakeExchange exchange(loop, request);
    exchange.start(admin);
    loop.run();
    HOOKHOST_CHECK(exchange.answers() == 1);
    return exchange.answer().status;
  }

  admin::Health health{{.oldest_tick_age = [] { return std::chrono::nanoseconds(); },
                        .endpoint_count = [] { return std::size_t{1}; },
                        .is_draining = [] { return false; },
                        .ready_checks = {}}};
  admin::FakeOrders orders;
  test::FakeClock clock;
  test::FakeLoop loop{clock};  // and the pool
  test::FakeJournal journal{clock};
  admin::Admin admin;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auth::Credential kTokens[] = {
      auth::Credential(Secret("a token that no input holds"))};
  static Listener guarded(kTokens);
  static Listener open({});
  test::FakeRequest request;
  if (!read_request({reinterpret_cast<const char*>(data), size}, request)) return 0;
  const fuzz::CostLimit cost(size);

  const int refused = guarded.status_of(request);
  HOOKHOST_CHECK(guarded.orders.orders.empty() && guarded.journal.changes_.empty());
  HOOKHOST_CHECK(refused == 200 || refused == 401 || refused == 405 || refused == 421 ||
                 refused == 429);

  const int status = open.status_of(request);
  HOOKHOST_CHECK(status >= 200 && status < 500);
  HOOKHOST_CHECK(open.journal.changes_.empty() ||
                 (request.method == "POST" && is_own_change(request)));
  for (const admin::PluginOrder& order : open.orders.orders) {
    const bool only_looks = order.kind == admin::PluginOrder::Kind::kList ||
                            order.kind == admin::PluginOrder::Kind::kHistory;
    HOOKHOST_CHECK(only_looks || (request.method == "POST" && is_own_change(request)));
  }
  return 0;
}
