// SPDX-License-Identifier: Apache-2.0
#include "cli/webhook_list.h"

#include <fmt/format.h>

#include "app/config_value.h"
#include "http/client.h"
#include "payload/owned_document.h"

namespace hookhost::cli {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::string_view kPrefix = "/webhooks/";

}  // namespace

Result<std::vector<std::string>> webhooks_of_document(std::string_view document) {
  const auto parsed = payload::OwnedDocument::parse(document);
  if (!parsed) return Error{ErrorCode::kInternal, "its /openapi.json is not JSON", {}};

  std::vector<std::string> paths;
  const payload::Cursor cursor = parsed->cursor();
  const payload::NodeId all = cursor.get(payload::kRoot, "paths");
  for (auto path = cursor.first(all); path != payload::kNoNode; path = cursor.next(path)) {
    if (cursor.key(path).starts_with(kPrefix)) paths.emplace_back(cursor.key(path));
  }
  return paths;
}

Result<std::vector<std::string>> list_webhooks(const http::ListenAddress& address) {
  const auto answer = http::request(address, "GET", "/openapi.json", {}, "", kTimeout);
  if (!answer) {
    Error error = answer.error();
    if (error.fix.empty()) error.fix = "try: hookhost serve, or hookhost run FILE";
    return error;
  }
  if (answer->status != 200) {
    return Error{ErrorCode::kInternal,
                 fmt::format("{} does not say which webhooks it serves (status {})",
                             app::print_address(address), answer->status),
                 "try: --route NAME"};
  }
  return webhooks_of_document(answer->body);
}

}  // namespace hookhost::cli
