// SPDX-License-Identifier: Apache-2.0
#include "pages/answers.h"

#include <string>
#include <utility>

namespace hookhost::pages {

Response refusal(int status, std::string_view body) noexcept {
  Response response;
  response.status = status;
  response.body = body;
  response.kind = ResponseKind::kPage;
  return response;
}

Response not_found() noexcept { return refusal(404, R"({"detail":"Not Found"})"); }

Response method_not_allowed() noexcept {
  static constexpr Header kAllow[] = {{"Allow", "GET, HEAD"}};
  Response response = refusal(405, R"({"detail":"Method Not Allowed"})");
  response.headers = kAllow;
  return response;
}

void set_shared_body(Response& response, Arena& arena, std::shared_ptr<const void> owner,
                     std::string_view bytes) {
  using Owner = std::shared_ptr<const void>;
  const std::span<Chunk> chunks = arena.allocate_array<Chunk>(1);
  chunks[0] = {.bytes = bytes,
               .release = [](void* user) { delete static_cast<Owner*>(user); },
               .user = new Owner(std::move(owner))};
  response.chunks = chunks;
}

void set_owned_body(Response& response, Arena& arena, std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view bytes = *owner;
  set_shared_body(response, arena, std::move(owner), bytes);
}

}  // namespace hookhost::pages
