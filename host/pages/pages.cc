// SPDX-License-Identifier: Apache-2.0
#include "pages/pages.h"

#include <array>
#include <utility>

#include "pages/answers.h"
#include "pages/content_security_policy.h"
#include "pages/embedded_ui.h"
#include "pages/landing.h"
#include "pages/negotiation.h"
#include "pages/openapi.h"

namespace hookhost::pages {
namespace {

// Browsers ask for /favicon.ico unasked.
constexpr StaticPage kPages[] = {
    {"/docs", "docs.html"}, {"/favicon.ico", "favicon.svg"}, {"/favicon.svg", "favicon.svg"}};

// The user's folder may bring its own.
bool is_icon(std::string_view path) noexcept { return path.starts_with("/favicon."); }

// "/docs/" would break the relative links of the page; the seed redirects it too.
Response redirect_to_docs() noexcept {
  static constexpr Header kLocation[] = {{"Location", "/docs"}};
  Response response = refusal(307, {});
  response.content_type = {};
  response.headers = kLocation;
  return response;
}

struct Document {
  std::string text;
  std::string etag;
  explicit Document(std::string made) : text(std::move(made)), etag(etag_of(text)) {}
};

}  // namespace

// What is made of one table. It does not keep the table: a page that nobody asks for again must not
// keep a plugin loaded that was swapped out.
struct Pages::TablePages {
  std::weak_ptr<const routing::RouteTable> table;
  Document landing;
  Document openapi;
};

namespace {

// owner keeps document.
Response answer(const Document& document, std::string_view content_type, std::string_view csp,
                std::shared_ptr<const void> owner, Exchange& exchange) {
  if (!is_read(exchange.head().method)) return method_not_allowed();

  Arena& arena = exchange.arena();
  const std::span<Header> headers = arena.allocate_array<Header>(3);
  headers[0] = {"ETag", arena.copy(document.etag)};
  headers[1] = {"Cache-Control", "no-cache"};
  headers[2] = {"Content-Security-Policy", csp};
  Response response;
  response.kind = ResponseKind::kPage;
  response.headers = headers;
  if (has_copy(exchange.head(), document.etag)) {
    response.status = 304;
    response.content_type = {};
    return response;
  }
  response.content_type = content_type;
  set_shared_body(response, arena, std::move(owner), document.text);
  return response;
}

std::string_view page_csp(const PagesOptions& options) noexcept {
  return options.on_space ? kSpacePageCsp : kPageCsp;
}

}  // namespace

Pages::Pages(PagesOptions options, const routing::PublishedTable& published)
    : options_(std::move(options)),
      published_(published),
      files_(embedded_pages_ui(), page_csp(options_), kPages) {}

Pages::~Pages() = default;

std::shared_ptr<const Pages::TablePages> Pages::table_pages() {
  const std::shared_ptr<const routing::RouteTable> table = published_.snapshot();
  {
    const MutexLock lock(mutex_);
    const auto is_same = [&table](const TablePages& pages) {
      return !pages.table.owner_before(table) && !table.owner_before(pages.table);
    };
    if (table_pages_ != nullptr && is_same(*table_pages_)) return table_pages_;
  }
  // Without the lock: two loops may both do it once, and neither waits for the other.
  auto made = std::make_shared<const TablePages>(
      TablePages{table, Document(landing_page(*table, options_.on_space)),
                 Document(openapi_document(*table, options_.version))});
  const MutexLock lock(mutex_);
  table_pages_ = made;
  return made;
}

Task<Response> Pages::receive(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  const bool has_folder = options_.user_folder != nullptr;
  const StaticFiles::Entry* file = files_.find(head.path);
  if (file != nullptr && !(has_folder && is_icon(head.path))) co_return files_.answer(*file, head);
  if (head.path == "/docs/") co_return redirect_to_docs();
  if (head.path == "/openapi.json") {
    const auto pages = table_pages();
    co_return answer(pages->openapi, "application/json", page_csp(options_), pages, exchange);
  }
  if (has_folder) {
    const Response response = co_await options_.user_folder->receive(exchange);
    co_return response.status == 404 && file != nullptr ? files_.answer(*file, head) : response;
  }
  if (head.path == "/") {
    const auto pages = table_pages();
    co_return answer(pages->landing, "text/html; charset=utf-8", page_csp(options_), pages,
                     exchange);
  }
  co_return not_found();
}

}  // namespace hookhost::pages
