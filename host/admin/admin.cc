// SPDX-License-Identifier: Apache-2.0
#include "admin/admin.h"

#include <utility>

#include "pages/answers.h"
#include "pages/content_security_policy.h"
#include "pages/embedded_file.h"

namespace hookhost::pages {

const EmbeddedTree& embedded_admin_ui();

}  // namespace hookhost::pages

namespace hookhost::admin {
namespace {

constexpr pages::StaticPage kPages[] = {{"/", "index.html"}, {"/favicon.ico", "favicon.svg"}};

Response metrics_response(Exchange& exchange, std::string text) {
  static constexpr Header kNoStore[] = {{"Cache-Control", "no-store"}};
  Response response;
  response.kind = ResponseKind::kPage;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.headers = kNoStore;
  pages::set_owned_body(response, exchange.arena(), std::move(text));
  return response;
}

Response wants_token() noexcept {
  static constexpr Header kScheme[] = {{"WWW-Authenticate", R"(Bearer realm="hookhost admin")"}};
  Response response = pages::refusal(401, R"({"detail":"Authorization: Bearer TOKEN is needed"})");
  response.headers = kScheme;
  return response;
}

Response slow_down() noexcept {
  static constexpr Header kSoon[] = {{"Retry-After", "1"}};
  Response response = pages::refusal(429, R"({"detail":"too many wrong tokens"})");
  response.headers = kSoon;
  return response;
}

}  // namespace

Admin::Admin(AdminOptions options, const Health& health, std::function<std::string()> metrics,
             PluginOrders& orders, EventsApi events, const Clock& clock)
    : hosts_(std::move(options.hosts)),
      gate_(options.tokens, clock),
      plugins_(orders),
      events_(events),
      health_(health),
      metrics_(std::move(metrics)),
      files_(pages::embedded_admin_ui(), pages::kPageCsp, kPages) {}

Task<Response> Admin::receive(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  if (!hosts_.allows(head)) co_return pages::refusal(421, R"({"detail":"Misdirected Request"})");

  if (head.path == "/healthz" || head.path == "/livez") co_return health_.answer_healthz(exchange);
  if (head.path == "/readyz") co_return health_.answer_readyz(exchange);
  switch (gate_.judge(head)) {
    case TokenGate::Verdict::kPass: break;
    case TokenGate::Verdict::kWrong: co_return wants_token();
    case TokenGate::Verdict::kSlowDown: co_return slow_down();
  }
  if (PluginsApi::has(head.path)) co_return co_await plugins_.answer(exchange);
  if (EventsApi::has(head.path)) co_return co_await events_.answer(exchange);
  if (head.path == "/metrics") {
    if (!pages::is_read(head.method)) co_return pages::method_not_allowed();
    co_return metrics_response(exchange, metrics_());
  }
  const pages::StaticFiles::Entry* file = files_.find(head.path);
  co_return file != nullptr ? files_.answer(*file, head) : pages::not_found();
}

}  // namespace hookhost::admin
