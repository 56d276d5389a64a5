// SPDX-License-Identifier: Apache-2.0
//
// The pages behind real sockets, for tests in a real browser: one port per situation, printed as
// one line of JSON. Webhooks are answered by a small receiver of its own, so that a test decides
// what a handler would say; hostile routes and answers are what no honest plugin would have. Ends
// when its standard input does.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "admin/admin.h"
#include "admin/fake_orders.h"
#include "http/event_loops.h"
#include "pages/pages.h"
#include "pages/support/routes.h"
#include "payload/hub_payload.h"

namespace hookhost::test {
namespace {

constexpr std::string_view kSecret = "open sesame";

// Strangers' text in every place that a route has.
constexpr std::string_view kHostile[] = {
    "<img src=x onerror=\"window.ran=1\">",
    "</script><script>window.ran=1</script>",
    "\"><svg onload=window.ran=1>",
    "javascript:window.ran=1",
    "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} <%= 7*7 %>",
    "\xe2\x80\xae"
    "desrever \xe2\x80\x8b zero width \xef\xbb\xbf",
    "' onmouseover='window.ran=1' x='",
    "<iframe srcdoc=\"<script>parent.ran=1</script>\">",
    "__proto__",
};

class FakeWebhooks final : public Receiver {
 public:
  explicit FakeWebhooks(pages::Pages& pages) : pages_(pages) {}

  Task<Response> receive(Exchange& exchange) override {
    const RequestHead& head = exchange.head();
    if (!head.path.starts_with("/webhooks/") || head.method != "POST")
      co_return co_await pages_.receive(exchange);
    const auto body = co_await exchange.read_body(1024 * 1024);
    if (!body) co_return answer(body.error().status, body.error().body);

    if (head.path == "/webhooks/auto_retrain") {
      const std::string_view secret = head.header("x-webhook-secret");
      if (secret.data() == nullptr)
        co_return answer(401, R"({"error":"x-webhook-secret header not set."})");
      if (secret != kSecret) co_return answer(403, R"({"error":"Invalid webhook secret."})");
      co_return answer(200, R"({"started":true,"job":9007199254740993})");
    }
    if (head.path.starts_with("/webhooks/model/")) {
      const bool is_strict = head.path.ends_with("/strict");
      const auto understood =
          payload::understand(parser_, is_strict ? payload::Form::kHubStrict : payload::Form::kHub,
                              head.header("content-type"), *body, exchange.arena());
      co_return understood ? answer(200, "null")
                           : answer(understood.error().status, understood.error().body);
    }
    if (head.path.find("hostile") != std::string_view::npos) co_return hostile_answer();
    if (head.path.starts_with("/webhooks/tpl/"))
      co_return answer(200,
                       exchange.arena().copy("{\"target\":\"" + std::string(head.target) + "\"}"));
    co_return answer(200, *body);
  }

 private:
  static Response answer(int status, std::string_view body) {
    Response response;
    response.status = status;
    response.body = body;
    return response;
  }
  static Response hostile_answer() {
    static constexpr Header kHeaders[] = {{"X-Evil", "<img src=x onerror=window.ran=1>"}};
    Response response;
    response.content_type = "text/html";
    response.headers = kHeaders;
    response.body = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>\xe2\x80\xae";
    return response;
  }
  pages::Pages& pages_;
  payload::Parser parser_;  // there is one loop
};

std::vector<Route> plain_routes() {
  std::vector<Route> routes = {
      secret_route("auto_retrain", "/webhooks/auto_retrain"),
      secret_route("discussion_bot", "/webhooks/discussion_bot", PayloadForm::kHubStrict),
      route("echo", "/webhooks/echo", PayloadForm::kRaw),
      route("tpl", "/webhooks/tpl/{id}", PayloadForm::kJson),
      route("caf\xc3\xa9", "/webhooks/team/caf\xc3\xa9 x", PayloadForm::kJson)};
  routes[0].doc = "Starts a training job when someone pushes a commit to a watched dataset.";
  routes[0].events = "repo.content:update";
  routes[1].doc = "Answers comments on the Hub.";
  routes[1].events = "discussion.comment:create";
  routes[2].doc = "Sends back what it gets.";
  return routes;
}

std::vector<Route> hostile_routes() {
  std::vector<Route> routes;
  for (const std::string_view text : kHostile) {
    std::string path = "/webhooks/hostile/" + std::string(text);
    std::erase_if(path, [](char c) { return c == '{' || c == '}'; });
    routes.push_back(secret_route(std::string(text), path));
    routes.back().doc = text;
    routes.back().events = text;
  }
  return routes;
}

// One situation: its table, its pages, its webhooks.
struct Site {
  Site(std::vector<Route> routes, pages::PagesOptions options)
      : published(table(std::move(routes))),
        pages(std::move(options), published),
        webhooks(pages) {}
  routing::PublishedTable published;
  pages::Pages pages;
  FakeWebhooks webhooks;
};

int run() {
  Site plain(plain_routes(), {.version = "0.1.0"});
  Site hostile(hostile_routes(), {.version = "0.1.0"});
  Site empty({}, {.version = "0.1.0"});
  Site space(plain_routes(), {.version = "0.1.0", .on_space = true});
  Site model({route("tolerant", "/webhooks/model/tolerant"),
              route("strict", "/webhooks/model/strict", PayloadForm::kHubStrict)},
             {.version = "0.1.0"});
  const admin::Health health({.oldest_tick_age = [] { return std::chrono::nanoseconds(1); },
                              .endpoint_count = [] { return std::size_t{1}; },
                              .is_draining = [] { return false; }});
  const SystemClock clock;
  admin::FakeOrders orders;
  http::EventLoops loops({.count = 1}, clock);
  admin::Admin admin(
      {}, health, [] { return std::string("hookhost_build_info 1\n"); }, orders,
      admin::EventsApi(nullptr, loops.loop(0)), clock);

  struct Listener {
    const char* name;
    Receiver& receiver;
  };
  const std::array<Listener, 6> listeners{{{"plain", plain.webhooks},
                                           {"hostile", hostile.webhooks},
                                           {"empty", empty.webhooks},
                                           {"space", space.webhooks},
                                           {"model", model.webhooks},
                                           {"admin", admin}}};
  std::string ports = "{";
  for (const Listener& listener : listeners) {
    const auto address = loops.listen({.host = "127.0.0.1"}, listener.receiver);
    if (!address) {
      std::fprintf(stderr, "%s\n", address.error().message.c_str());
      return 1;
    }
    if (ports.size() > 1) ports += ",";
    ports += std::string("\"") + listener.name + "\":" + std::to_string(address->port);
  }
  loops.start();
  std::puts((ports + "}").c_str());
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  loops.stop();
  return 0;
}

}  // namespace
}  // namespace hookhost::test

int main() { return hookhost::test::run(); }
