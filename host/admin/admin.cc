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

}  // namespace

Admin::Admin(AdminOptions options, const Health& health, std::function<std::string()> metrics)
    : options_(std::move(options)),
      health_(health),
      metrics_(std::move(metrics)),
      files_(pages::embedded_admin_ui(), pages::kPageCsp, kPages) {}

Task<Response> Admin::receive(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  if (!options_.hosts.allows(head))
    co_return pages::refusal(421, R"({"detail":"Misdirected Request"})");

  if (head.path == "/healthz" || head.path == "/livez") co_return health_.answer_healthz(exchange);
  if (head.path == "/readyz") co_return health_.answer_readyz(exchange);
  if (head.path == "/metrics") {
    if (!pages::is_read(head.method)) co_return pages::method_not_allowed();
    co_return metrics_response(exchange, metrics_());
  }
  const pages::StaticFiles::Entry* file = files_.find(head.path);
  co_return file != nullptr ? files_.answer(*file, head) : pages::not_found();
}

}  // namespace hookhost::admin
