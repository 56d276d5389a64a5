// SPDX-License-Identifier: Apache-2.0
#include "admin/plugins_api.h"

#include <optional>
#include <utility>

#include "base/awaited_reply.h"
#include "base/text.h"
#include "pages/answers.h"
#include "payload/owned_document.h"

namespace hookhost::admin {
namespace {

constexpr std::string_view kRoot = "/api/v1/plugins";
constexpr std::string_view kHistory = "/api/v1/swaps";

// A path and little more.
constexpr std::size_t kBodyBytesMax = 64 * 1024;

// "/retrain/rollback" -> the order; nothing: there is no such path.
std::optional<PluginOrder> order_of(std::string_view rest) {
  if (rest == "/deploy") return PluginOrder{PluginOrder::Kind::kDeploy};
  if (!rest.starts_with('/')) return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  if (slash == 0 || slash == rest.npos) return std::nullopt;
  const std::string_view verb = rest.substr(slash + 1);
  PluginOrder order{PluginOrder::Kind::kRollBack, std::string(rest.substr(0, slash))};
  if (verb == "rollback") return order;
  order.kind = PluginOrder::Kind::kReload;
  return verb == "reload" ? std::optional(order) : std::nullopt;
}

Response only_post() noexcept {
  static constexpr Header kAllow[] = {{"Allow", "POST"}};
  Response response = pages::refusal(405, R"({"detail":"Method Not Allowed"})");
  response.headers = kAllow;
  return response;
}

}  // namespace

bool is_own_change(const RequestHead& head) noexcept {
  const std::string_view site = head.header("sec-fetch-site");
  if (site.data() != nullptr && site != "same-origin") return false;
  if (head.header("x-hookhost") == "1") return true;
  const std::string_view type = head.header("content-type");
  return ascii_iequals(type.substr(0, type.find(';')), "application/json");
}

bool PluginsApi::has(std::string_view path) noexcept {
  return path == kRoot || path == kHistory ||
         (path.starts_with(kRoot) && path[kRoot.size()] == '/');
}

Task<Response> PluginsApi::answer(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  const bool is_history = head.path == kHistory;
  const std::string_view rest = is_history ? "" : head.path.substr(kRoot.size());
  PluginOrder order;
  if (rest.empty()) {
    if (is_history) order.kind = PluginOrder::Kind::kHistory;
    if (!pages::is_read(head.method)) co_return pages::method_not_allowed();
  } else {
    auto named = order_of(rest);
    if (!named) co_return pages::not_found();
    if (head.method != "POST") co_return only_post();
    if (!is_own_change(head))
      co_return pages::refusal(
          403, R"({"detail":"a change needs Content-Type: application/json or X-Hookhost: 1)"
               R"(, and may not come from another site"})");
    order = *std::move(named);
    const auto body = co_await exchange.read_body(kBodyBytesMax);
    if (!body)
      co_return Response{
          .status = body.error().status, .body = body.error().body, .close = body.error().close};
    if (order.kind == PluginOrder::Kind::kDeploy) {
      const auto document = payload::OwnedDocument::parse(*body);
      if (document) order.operand = document->text("file");
      if (order.operand.empty())
        co_return pages::refusal(422,
                                 R"({"detail":"expected {\"file\": \"/path/to/plugin.so\"}"})");
    }
  }
  PluginReply reply = co_await AwaitedReply<PluginReply>(
      exchange.loop(), [&](AwaitedReply<PluginReply>::Reply told) {
        orders_.submit(std::move(order), std::move(told));
        return true;
      });
  static constexpr Header kNoStore[] = {{"Cache-Control", "no-store"}};
  Response response;
  response.status = reply.status;
  response.content_type = "application/json";
  response.headers = kNoStore;
  response.kind = ResponseKind::kPage;
  pages::set_owned_body(response, exchange.arena(), std::move(reply.json));
  co_return response;
}

}  // namespace hookhost::admin
